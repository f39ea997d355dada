// How closely what happened lies together.

/** The most of these moments, in their order, that lie within one span of so many milliseconds. */
export function densest(moments: readonly number[], span: number): number {
  let [most, from] = [0, 0];
  for (const [at, moment] of moments.entries()) {
    while (moments[from]! <= moment - span) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}
