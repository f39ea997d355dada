// How a dialogue fails, as a value. What the failure means is decided in src/causes/, never here.
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";

/**
 * - `reply`: the server answered, and the answer was no.
 * - `resolve`: the name did not resolve.
 * - `socket`: the operating system reported an error, or the peer closed the connection.
 * - `tls`: the handshake or the certificate failed.
 * - `timeout`: nothing came within the time that the stage allows.
 * - `protocol`: what came is not SMTP, or breaks one of our bounds.
 * - `proxy`: the proxy refused.
 * - `local`: we refused to go on (secret in clear, no common mechanism, message over SIZE ...).
 * - `aborted`: the caller ended it.
 */
export type FailureKind =
  | "reply"
  | "resolve"
  | "socket"
  | "tls"
  | "timeout"
  | "protocol"
  | "proxy"
  | "local"
  | "aborted";

/**
 * Codes of our own for `protocol` and `local` failures, and for closes; beside them `code` carries
 * the operating system's (`ECONNREFUSED`), the resolver's (`ENOTFOUND`) or OpenSSL's
 * (`ERR_SSL_WRONG_VERSION_NUMBER`, `CERT_HAS_EXPIRED`).
 */
export type LocalCode =
  /** The peer closed the connection. */
  | "CLOSED"
  /** A reply line over the limit. */
  | "LINE_TOO_LONG"
  /** A reply with too many lines or bytes. */
  | "REPLY_TOO_LONG"
  /** Bytes that are no reply. */
  | "NOT_SMTP"
  /** A reply that no command asked for. */
  | "UNEXPECTED_REPLY"
  /** Data in clear after the reply to STARTTLS (RFC 3207 §4.2; command injection). */
  | "DATA_BEFORE_TLS"
  /** STARTTLS asked for and not offered. */
  | "STARTTLS_NOT_OFFERED"
  /** A secret would have crossed the network in clear. */
  | "SECRET_IN_CLEAR"
  /** The server offers no AUTH. */
  | "AUTH_NOT_OFFERED"
  /** No sign-in mechanism that both sides have. */
  | "NO_COMMON_MECHANISM"
  /** The server's SCRAM proof is wrong: it does not know the secret. */
  | "SERVER_NOT_AUTHENTIC"
  /** Larger than the server's SIZE (RFC 1870). */
  | "TOO_LARGE"
  /** An internationalised address, and no SMTPUTF8 (RFC 6531). */
  | "SMTPUTF8_NOT_OFFERED"
  /** Malformed address or option from the caller. */
  | "BAD_INPUT"
  /** The proxy refused or misbehaved. */
  | "PROXY_REFUSED"
  | "TIMEOUT"
  | "ABORTED";

/**
 * `not-accepted`: the server has not taken the message.
 * `unknown`: the final dot (or the last BDAT) may have reached the server, and no reply came.
 */
export type Certainty = "not-accepted" | "accepted" | "unknown";

/** One address that was tried and failed (RFC 8305 tries several). */
export interface AddressAttempt {
  readonly address: string;
  readonly code: string;
  readonly message: string;
}

export interface SmtpFailureFacts {
  readonly stage: Stage;
  readonly kind: FailureKind;
  /** LocalCode, system error code or OpenSSL code; null for `reply`. */
  readonly code: string | null;
  /** The system's or resolver's number behind `code`: ENOTFOUND is -3008 for no such name, -3007 for no address. */
  readonly errno?: number;
  readonly certainty: Certainty;
  readonly reply: Reply | null;
  /** Whether TLS was on at that moment. */
  readonly secured: boolean;
  /** What we were connected to, `192.0.2.1:465`; the proxy when there is one. Absent where no connection stood. */
  readonly peer?: string;
  /** The mechanism in use when the stage is `auth`. */
  readonly mechanism?: string;
  /** First bytes that came where SMTP was expected, printable and cut to 200 characters. */
  readonly received?: string;
  /** Each address of the host that failed, in order of failing; `code` is then the one that says most. */
  readonly attempts?: readonly AddressAttempt[];
  /** Chain as seen when a certificate failed; leaf first. */
  readonly certificate?: CertificateFacts;
  /** A sign-in challenge that explains the refusal, decoded (XOAUTH2's JSON status). */
  readonly challenge?: string;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly altNames: readonly string[];
  /** ISO 8601. */
  readonly validFrom: string;
  /** ISO 8601. */
  readonly validTo: string;
  readonly fingerprint256: string;
}

/** The one error the SMTP client throws for anything that can happen on the wire. Never holds a secret. */
export class SmtpFailure extends Error {
  readonly facts: SmtpFailureFacts;

  constructor(message: string, facts: SmtpFailureFacts, options?: ErrorOptions) {
    super(message, options);
    this.name = "SmtpFailure";
    this.facts = facts;
  }
}
