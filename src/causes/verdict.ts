// What a failure is: the one value that delivery decides with and the doctor explains with.
import type { Certainty, CertificateFacts } from "../smtp/failure.ts";
import type { Reply } from "../smtp/reply.ts";
import type { Stage } from "../smtp/stage.ts";
import type { CauseId } from "./book.ts";
import type { Retry, Scope } from "./entry.ts";

export type { Retry, Scope } from "./entry.ts";

export interface Verdict {
  readonly stage: Stage;
  readonly scope: Scope;
  readonly certainty: Certainty;
  readonly retry: Retry;
  readonly cause: CauseId;
  readonly reply: Reply | null;
  /** System, resolver, OpenSSL or client code; null when a reply says it all. */
  readonly code: string | null;
  /** One line, as a person reads it; never a secret. */
  readonly message: string;
  /** How long the server asked us to wait, in milliseconds, when it said so. */
  readonly waitMs: number | null;
  /** The certificate that was shown, when it is what failed. */
  readonly certificate?: CertificateFacts;
}

export interface Remedy {
  /** What is wrong, in a sentence. */
  readonly title: string;
  readonly explanation: string;
  /** What the person does, in order. */
  readonly steps: readonly string[];
  readonly links: readonly string[];
}
