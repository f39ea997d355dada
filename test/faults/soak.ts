// The two sizes of each proof: quick for every change, long for the figures.
import { appendFileSync } from "node:fs";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The file that figures are collected in; null in the quick form. */
    readonly figures: string | null;
  }
}

/** `npm run soak` */
export const soak = process.env.POSTRIDER_SOAK === "1";

export function size(quick: number, long: number): number {
  return soak ? long : quick;
}

/** One row of the table in docs/RELIABILITY.md. */
export interface Figure {
  readonly claim: string;
  /** What was measured, and how much of it. */
  readonly measured: string;
}

/** Prints what was counted; the long form keeps it for docs/RELIABILITY.md. */
export function figure(claim: string, measured: string): void {
  console.log(`${claim}: ${measured}`);
  const file = inject("figures");
  if (file !== null) appendFileSync(file, `${JSON.stringify({ claim, measured } satisfies Figure)}\n`);
}

/** The value below which so many percent of them lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
