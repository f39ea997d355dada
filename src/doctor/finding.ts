// One thing that the doctor has to tell: by which probe it was seen, how bad it is, and what it speaks against.
import type { CauseId } from "../causes/book.ts";
import type { Layer } from "../causes/entry.ts";
import type { EvidenceValues } from "../causes/placeholders.ts";
import type { Text } from "../providers/provider.ts";
import type { Facts } from "./facts.ts";

/** In the order of layers, which is the order of the report. */
export const probes = [
  "settings",
  "machine",
  "runtime",
  "names",
  "name-servers",
  "routes",
  "ports",
  "controls",
  "firewall",
  "greeting",
  "ehlo",
  "starttls",
  "tls",
  "tls-versions",
  "certificate",
  "clock",
  "sign-in",
  "sender",
  "recipient",
  "size",
  "message",
  "spf",
  "dkim",
  "dmarc",
  "mx",
] as const;

export type ProbeName = (typeof probes)[number];

export type Status = "ok" | "warn" | "fail" | "skipped";

export interface Finding {
  readonly probe: ProbeName;
  readonly layer: Layer;
  /** `fail`: no mail leaves for it. `warn`: mail leaves, but not well, or not for long. */
  readonly status: Status;
  readonly ms: number;
  /** What was seen, in a sentence without a full stop. */
  readonly detail: Text;
  readonly cause?: CauseId;
  /** What shows that it is this cause and not a look-alike; each a sentence. */
  readonly evidence?: readonly Text[];
  /** Causes of other findings that this one accounts for: what they saw is its effect. */
  readonly explains?: readonly CauseId[];
  /** Words of this very case for the texts of the book. */
  readonly values?: EvidenceValues;
}

/** What a kind of facts comes to. Pure: the same facts, the same findings. */
export type Reading = (facts: Facts) => readonly Finding[];
