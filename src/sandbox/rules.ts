// How a server of the sandbox behaves where servers differ. The session asks these at each turn; what they
// leave open (null) it does by the RFCs. The catcher, the replicas and the faults are each such a set of rules.
import type { Effect } from "./answer.ts";
import type { CaughtEnvelope } from "./envelope.ts";

/** What is known of a connection; a live view, read when asked. */
export interface SessionFacts {
  /** Counts up from 1 within one server. */
  readonly id: number;
  readonly remoteAddress: string;
  readonly secured: boolean;
  /** The name given in EHLO or HELO. */
  readonly hello: string | null;
  /** Who has signed in. */
  readonly username: string | null;
  /** Messages taken on this connection. */
  readonly messages: number;
}

/** One finished attempt to sign in, as the mechanism yielded it. */
export interface SignInAttempt {
  readonly mechanism: string;
  readonly username: string;
  readonly proof:
    | { readonly kind: "password"; readonly password: string }
    | { readonly kind: "token"; readonly token: string }
    /** A challenge mechanism compared already, with what `secretOf` said. */
    | { readonly kind: "compared"; readonly correct: boolean };
}

export interface ReceivedMessage {
  readonly envelope: CaughtEnvelope;
  /** Bytes of the content as it was meant, dots unstuffed. */
  readonly size: number;
  /** Builds the content on first use; a server that keeps nothing never pays for it. */
  readonly source: () => Buffer;
}

export interface Rules {
  /** After `220 `. */
  readonly greeting: string;
  /** First line of the reply to EHLO, after the code. */
  readonly name: string;
  /** Prompts of AUTH LOGIN. Default `Username:` and `Password:`. */
  readonly loginPrompts?: readonly [string, string];
  /** The keywords after EHLO, asked for once in clear and once inside TLS. What is not listed is not understood. */
  readonly capabilities: (facts: SessionFacts) => readonly string[];
  /** The secret that SCRAM-SHA-256 and CRAM-MD5 compare with; null when there is no such user, `any` to take every proof. */
  readonly secretOf: (username: string) => string | null | "any";
  /** Null lets the person in. */
  readonly signIn: (facts: SessionFacts, attempt: SignInAttempt) => Effect | null;
  /** Before TLS and before the greeting. */
  readonly connected?: (facts: SessionFacts) => Effect | null;
  readonly greet?: (facts: SessionFacts) => Effect | null;
  readonly ehlo?: (facts: SessionFacts) => Effect | null;
  /** `bytes` are sent instead of the 220, and the handshake goes on. */
  readonly starttls?: (facts: SessionFacts) => Effect | null;
  /** When AUTH comes, before any challenge. */
  readonly auth?: (facts: SessionFacts, mechanism: string) => Effect | null;
  readonly mail?: (facts: SessionFacts, from: string) => Effect | null;
  /** `envelope` does not hold the recipient yet. */
  readonly rcpt?: (facts: SessionFacts, envelope: CaughtEnvelope, recipient: string) => Effect | null;
  readonly data?: (facts: SessionFacts, envelope: CaughtEnvelope) => Effect | null;
  /** As content comes in; `bytes` counts what has come so far. */
  readonly receiving?: (facts: SessionFacts, envelope: CaughtEnvelope, bytes: number) => Effect | null;
  /** When SIZE or the content itself is over the limit; null is answered with 552. */
  readonly tooLarge?: (facts: SessionFacts, bytes: number) => Effect | null;
  /** After the final dot or the last chunk. Whoever keeps the message does so here; null is answered with 250. */
  readonly content?: (facts: SessionFacts, message: ReceivedMessage) => Effect | null;
}
