// Numbers: what many values come down to, and how they are written.

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values, what lies between them. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below === undefined || above === undefined ? Number.NaN : below + (above - below) * (at % 1);
}

/** Three digits that mean something. */
export function written(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Median (least–most). */
export function spread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  return `${written(median(values))} (${written(Math.min(...values))}–${written(Math.max(...values))})`;
}

/** A table in Markdown, its columns aligned for whoever reads it on a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** Those that are there: a turn that failed is null. */
export function present<T>(values: readonly (T | null)[]): T[] {
  return values.filter((value) => value !== null);
}
