// What the client reports as it goes: one event per step, as it ends.
import type { CertificateFacts, SmtpFailure } from "./failure.ts";
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";

/** What the handshake agreed on. */
export interface TlsFacts {
  /** `TLSv1.3` and so on. */
  readonly protocol: string;
  /** The IANA name. */
  readonly cipher: string;
  readonly resumed: boolean;
  /** Leaf first; empty on a resumed session where the runtime no longer has it. */
  readonly chain: readonly CertificateFacts[];
}

export interface Step {
  readonly stage: Stage;
  readonly ok: boolean;
  /** How long the step took. */
  readonly ms: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** One line for a person: `142.250.1.108:465`, `TLSv1.3, TLS_AES_256_GCM_SHA384`, `PLAIN`. Never a secret. */
  readonly detail: string;
  readonly reply?: Reply;
  readonly tls?: TlsFacts;
  /** Every address the name has, when the stage is `resolve`. */
  readonly addresses?: readonly string[];
  readonly failure?: SmtpFailure;
}
