// A message ready to be stored: what composing makes and what a queue takes.
import type { Lane } from "./lanes.ts";

/** The addresses as the person wrote them, for showing; delivery uses the envelope alone. */
export interface MessageView {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
}

/** Instants are milliseconds since 1970, UTC. */
export interface ComposedMessage {
  /** UUID, version 7: sorts by time of acceptance. */
  readonly id: string;
  /** Value of the Message-ID header, with angle brackets; the same on every attempt. */
  readonly messageId: string;
  readonly lane: Lane;
  /** Name of the account or route; null for the default at the time of sending. */
  readonly route: string | null;
  /** Reverse-path; empty for `<>`. */
  readonly envelopeFrom: string;
  /** Forward-paths, without duplicates. */
  readonly recipients: readonly string[];
  readonly view: MessageView;
  /** The message, RFC 5322, CRLF line ends. Ownership passes to the store. */
  readonly content: Uint8Array;
  /** Its content is removed once every recipient is in a final state. */
  readonly sensitive: boolean;
  readonly createdAt: number;
  /** Not handed over before; null for at once. */
  readonly notBefore: number | null;
  /** Not handed over at or after. */
  readonly expiresAt: number;
}
