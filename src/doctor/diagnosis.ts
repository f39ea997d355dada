// What the doctor comes to: one verdict, one cause with its evidence, and everything that was seen.
import type { CauseId } from "../causes/book.ts";
import type { Layer } from "../causes/entry.ts";
import type { Language } from "../causes/explain.ts";
import type { Remedy, Scope } from "../causes/verdict.ts";
import type { Stage } from "../smtp/stage.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";
import type { ProbeName, Status } from "./finding.ts";

/** A finding in a person's language. */
export interface ShownFinding {
  readonly probe: ProbeName;
  readonly layer: Layer;
  readonly status: Status;
  readonly ms: number;
  readonly cause?: CauseId;
  readonly detail: string;
  /** How this one is mended, where it is not the cause itself. */
  readonly remedy?: Remedy;
}

export interface Diagnosis {
  /** `degraded`: mail leaves, but not well, or not for long. */
  readonly verdict: "ok" | "degraded" | "failed";
  /** The first cause in the order of layers; null when all is well. */
  readonly cause: CauseId | null;
  readonly scope: Scope | null;
  readonly stage: Stage | null;
  readonly remedy: Remedy | null;
  /** What shows that it is this cause and not a look-alike, a sentence each. */
  readonly evidence: readonly string[];
  /** In the order of layers; of one layer the worst first. */
  readonly findings: readonly ShownFinding[];
  readonly transcript: readonly TranscriptLine[];
  /** Milliseconds in all. */
  readonly ms: number;
}

export interface DoctorOptions {
  /** Send a real message to this address and follow it to acceptance; without it nothing is sent. */
  readonly to?: string;
  readonly language?: Language;
  /** Each finding once, as soon as it is there; those whose meaning depends on others come late. Remedies come with the diagnosis. */
  readonly onFinding?: (finding: ShownFinding) => void;
  readonly signal?: AbortSignal;
  /** Connect to hosts that are not the provider's, to tell *blocked* from *down*. Default true; never more than a connection. */
  readonly controls?: boolean;
  /** Ask the cloud's metadata service where we run; some monitors take that for an attack. Default false. */
  readonly metadata?: boolean;
  /** Wait a minute for a greeting, for servers that let one wait on purpose. Default false. */
  readonly patient?: boolean;
  /** For a report that others read: no user name, no secret, no local part of an address, no address of this machine. Default false. */
  readonly masked?: boolean;
}
