// When a run is over: after its time, or when the person goes away.

export interface End extends Disposable {
  readonly signal: AbortSignal;
}

/** @param ms until the signal comes by itself; the person's own may come before. */
export function endAfter(ms: number, person?: AbortSignal): End {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(new Error("the time is over")), ms);
  const signal = person === undefined ? time.signal : AbortSignal.any([time.signal, person]);
  return { signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/**
 * What a look brings, or null when it has not come back `graceMs` after it was to end. What comes later is not waited
 * for, also when it is an error.
 */
export async function inTime<T>(
  look: () => Promise<T>,
  ended: AbortSignal,
  graceMs: number,
): Promise<{ readonly facts: T } | null> {
  let timer: NodeJS.Timeout | undefined;
  let leave: () => void = () => undefined;
  const left = new Promise<null>((resolve) => {
    leave = () => {
      timer = setTimeout(() => resolve(null), graceMs);
    };
  });
  if (ended.aborted) return null;
  ended.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([look().then((facts) => ({ facts })), left]);
  } finally {
    ended.removeEventListener("abort", leave);
    clearTimeout(timer);
  }
}

/** What comes within the time, or null. */
export async function within<T>(coming: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}
