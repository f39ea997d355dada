// Why a connection ended, and the failure that follows for whoever was waiting on it.
import { type Certainty, type FailureKind, SmtpFailure } from "./failure.ts";
import type { Fault } from "./fault.ts";
import type { Mechanism } from "./options.ts";
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";

export interface Ending {
  readonly kind: FailureKind;
  readonly code: string | null;
  readonly message: string;
  readonly reply: Reply | null;
  readonly mechanism?: Mechanism;
  readonly challenge?: string;
  readonly received?: string;
  readonly cause?: unknown;
  /** The stage that it bars, where that is not the one it was found in. */
  readonly stage?: Stage;
}

/** What a failure tells of the connection that it happened on. */
export interface Contact {
  readonly secured: boolean;
  /** `192.0.2.1:465`; null when there was none. */
  readonly peer: string | null;
}

export function failureOf(
  ending: Ending | Fault,
  stage: Stage,
  { secured, peer }: Contact,
  certainty: Certainty = "not-accepted",
): SmtpFailure {
  const { message, cause, ...facts }: Ending = ending;
  return new SmtpFailure(
    message,
    { stage, ...facts, secured, certainty, ...(peer === null ? {} : { peer }) },
    cause === undefined ? undefined : { cause },
  );
}
