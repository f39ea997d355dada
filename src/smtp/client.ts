// The SMTP client: one call from settings to a connection that is ready for mail.
import type { SmtpConnection } from "./connection.ts";
import { open } from "./open.ts";
import type { ConnectOptions } from "./options.ts";

export { type Capabilities, parseCapabilities } from "./capabilities.ts";
export { maxInFlight, type SmtpConnection } from "./connection.ts";

export { type Endpoint, isLoopback, type Security } from "./endpoint.ts";
export {
  type AddressAttempt,
  type Certainty,
  type CertificateFacts,
  type FailureKind,
  type LocalCode,
  SmtpFailure,
  type SmtpFailureFacts,
} from "./failure.ts";
export {
  type ConnectOptions,
  type Credentials,
  defaultTimeouts,
  type Envelope,
  type EnvelopeRecipient,
  type Mechanism,
  type ProxySetting,
  type Timeouts,
} from "./options.ts";
export { type SendOptions, SmtpPool } from "./pool.ts";
export type { PoolOptions } from "./pool-options.ts";
export { type EnhancedStatus, formatEnhanced, formatReply, type Reply } from "./reply.ts";
export type { RecipientResult, SendResult } from "./result.ts";
export { type Stage, stages } from "./stage.ts";
export type { Step, TlsFacts } from "./steps.ts";
export { TlsSessions } from "./tls-sessions.ts";
export type { TranscriptLine } from "./transcript.ts";

/**
 * Connects, secures and, with credentials, signs in. Rejects with an SmtpFailure and nothing else,
 * whatever happens; nothing is left open then. Secrets go out only inside TLS, or to this machine.
 */
export function connect(options: ConnectOptions): Promise<SmtpConnection> {
  return open(options);
}
