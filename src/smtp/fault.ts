// What the pure part of the client says about a failure; the driver adds where it stood and what that means.
import type { FailureKind, LocalCode } from "./failure.ts";
import type { Mechanism } from "./options.ts";
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";

export interface Fault {
  readonly kind: FailureKind;
  /** Null when a reply says it. */
  readonly code: LocalCode | null;
  readonly message: string;
  readonly reply: Reply | null;
  readonly mechanism?: Mechanism;
  readonly challenge?: string;
  /** The stage that it bars, where that is not the one whose reply showed it. */
  readonly stage?: Stage;
}

export function isFault(value: object): value is Fault {
  return "kind" in value;
}
