// The looks by name, and what has come of them so far.
import type { Facts } from "./facts.ts";

export const lookNames = [
  "names",
  "reach",
  "firewall",
  "machine",
  "runtime",
  "tls",
  "chain",
  "clock",
  "walk",
  "sender",
] as const;

export type LookName = (typeof lookNames)[number];

/** The facts as they come in. */
export type Seen = Pick<Facts, "setting" | "at"> & Partial<Pick<Facts, LookName>>;

/** A look that broke off by a mistake of ours, which must not cost what the others saw. */
export interface Fault {
  readonly look: LookName;
  readonly error: unknown;
}
