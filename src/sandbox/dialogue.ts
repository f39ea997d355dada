// What the phases of a session share: where it stands, and how they speak to the peer.
import type { Effect } from "./answer.ts";
import type { ChunkContent, DotContent } from "./content.ts";
import type { Offer } from "./offer.ts";
import type { Rules, SessionFacts } from "./rules.ts";
import type { Exchange } from "./sign-in.ts";

export type State =
  /** Before the greeting, or in the middle of a TLS handshake. */
  | { readonly name: "opening" }
  | { readonly name: "command" }
  | { readonly name: "sign-in"; readonly mechanism: string; readonly exchange: Exchange }
  /** A token was refused; the client acknowledges before it hears the reply (RFC 7628 §3.2.3). */
  | { readonly name: "refusal"; readonly effect: Effect }
  | { readonly name: "data"; readonly content: DotContent }
  | { readonly name: "chunk"; readonly content: ChunkContent; readonly last: boolean; left: number }
  /** A reply is due later; what comes meanwhile waits. */
  | { readonly name: "waiting" }
  /** Nothing is read or answered any more. */
  | { readonly name: "silent" }
  | { readonly name: "closing" };

export interface Transaction {
  readonly from: string;
  readonly to: string[];
  /** SMTPUTF8 was asked for. */
  readonly utf8: boolean;
  /** Set by the first BDAT. */
  chunks: ChunkContent | null;
}

export interface SessionBounds {
  /** Bytes of a command or of a sign-in response; RFC 4954 §4 asks for 12,288. */
  readonly lineBytes: number;
  /** Bytes of a message; a smaller SIZE among the capabilities counts instead. */
  readonly messageBytes: number;
  readonly recipients: number;
  /** Commands not understood or out of order and sign-ins refused, before the connection is closed. */
  readonly mistakes: number;
  /** Without a byte from the peer, in milliseconds. */
  readonly idleMs: number;
}

/** What a server counts, over all its connections. */
export interface Counts {
  connections: number;
  open: number;
  /** Connections over the limit. */
  turnedAway: number;
  tlsFailures: number;
  signIns: number;
  signInFailures: number;
  messages: number;
  recipients: number;
  /** Of the content of messages taken. */
  bytes: number;
}

export interface Dialogue {
  readonly rules: Rules;
  readonly bounds: SessionBounds;
  readonly counts: Counts;
  readonly facts: { -readonly [Key in keyof SessionFacts]: SessionFacts[Key] };
  state: State;
  transaction: Transaction | null;
  /** What is offered at this moment. */
  readonly offer: Offer;
  /** Whether a TLS certificate is at hand. */
  readonly hasCertificate: boolean;
  /** A one-line reply; the status is shown where the server shows them. */
  say(code: number, status: string, text: string): void;
  /** A reply to something that should not have come; too many of them end the connection. */
  mistake(code: number, status: string, text: string): void;
  /** A reply after which the connection closes. */
  dismiss(code: number, status: string, text: string): void;
  /** Does what a rule asks; false when the usual answer is still to be given. */
  apply(effect: Effect | null | undefined): boolean;
  /** Raw text of a reply. */
  write(text: string): void;
  countMistake(): void;
  /** Turns TLS on once everything written so far has left. */
  secure(): void;
}
