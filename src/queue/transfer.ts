// What is moved from one engine to another: the whole of a store, in parts of which each arrives once.
import type { Lane } from "../messages/lanes.ts";
import type { RecipientState } from "../messages/states.ts";
import type { Instant, Suppression } from "./store.ts";

/** In the order in which they go: what decides about messages comes before them. */
export const stages = ["documents", "suppressions", "idempotency", "spent", "messages"] as const;

export type Stage = (typeof stages)[number];

/** The key of the last row that went, in the order of its table; empty at the beginning of a stage. */
export type Cursor = readonly (string | number)[];

export interface MovedDocument {
  readonly kind: string;
  readonly name: string;
  readonly body: string;
}

export interface MovedKey {
  readonly origin: string;
  readonly key: string;
  readonly bodyHash: string;
  /** The message that came with it. */
  readonly id: string;
  readonly createdAt: Instant;
}

export interface MovedBucket {
  readonly account: string;
  /** Position in `budgetWindows`. */
  readonly span: number;
  readonly start: Instant;
  readonly urgent: number;
  readonly other: number;
}

export interface MovedRecipient {
  readonly position: number;
  readonly address: string;
  readonly state: RecipientState;
  readonly attempts: number;
  readonly dueAt: Instant | null;
  readonly changedAt: Instant;
  /** JSON of a Verdict. */
  readonly verdict: string | null;
}

export interface MovedAttempt {
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly account: string | null;
  readonly peer: string | null;
  /** JSON, as is the transcript. */
  readonly outcomes: string;
  readonly transcript: string;
}

export interface MovedMessage {
  readonly id: string;
  readonly messageId: string;
  readonly lane: Lane;
  readonly route: string | null;
  readonly envelopeFrom: string;
  /** JSON of a MessageView. */
  readonly view: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly createdAt: Instant;
  readonly notBefore: Instant | null;
  readonly expiresAt: Instant;
  readonly origin: string;
  /** Nobody sends any of them: what was being sent has been released. */
  readonly recipients: readonly MovedRecipient[];
  /** In their order. */
  readonly attempts: readonly MovedAttempt[];
  /** Bytes of its content, which stand in the part one behind the other; null when it is no longer kept. */
  readonly contentBytes: number | null;
  /** What retention has left of a finished one (`keeps` in progress.ts); null for one that waits. */
  readonly kept: number | null;
}

type Rows =
  | { readonly stage: "documents"; readonly rows: readonly MovedDocument[] }
  | { readonly stage: "suppressions"; readonly rows: readonly Suppression[] }
  | { readonly stage: "idempotency"; readonly rows: readonly MovedKey[] }
  | { readonly stage: "spent"; readonly rows: readonly MovedBucket[] }
  | { readonly stage: "messages"; readonly rows: readonly MovedMessage[]; readonly contents: Uint8Array };

/** A bounded part of one stage. */
export type Part = Rows & {
  /** Where the next part of the stage begins; null when there is none. */
  readonly next: Cursor | null;
};

export interface PartRequest {
  readonly stage: Stage;
  readonly after: Cursor;
  /** Rows at most. */
  readonly limit: number;
  /** A part of messages ends with the one that reaches so many bytes. */
  readonly maxBytes: number;
  /** When what is being sent is released. */
  readonly now: Instant;
  /** What stays where it is. */
  readonly leave: Left;
}

/** What is not moved. */
export interface Left {
  /** Each a kind, or a kind and a name. */
  readonly documents: readonly { readonly kind: string; readonly name?: string }[];
  /** Accounts whose spent budgets stay. */
  readonly accounts: readonly string[];
  /** Messages that still wait for one of these routes; null stands for those that name none. */
  readonly routes: readonly (string | null)[];
}

/** How much there is. */
export interface Survey {
  readonly documents: number;
  readonly suppressions: number;
  readonly idempotency: number;
  readonly messages: number;
  /** Of these, how many still wait, by the route that they name. */
  readonly waiting: readonly { readonly route: string | null; readonly messages: number }[];
}
