// The contract of durable storage. A behaviour is part of it when conformance.ts tests it.
import type { Verdict } from "../causes/verdict.ts";
import type { ComposedMessage, MessageView } from "../messages/composed.ts";
import type { Lane } from "../messages/lanes.ts";
import type { RecipientState } from "../messages/states.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";

/** Instants are milliseconds since 1970, UTC. */
export type Instant = number;

/** A composed message, and where it came from. */
export interface NewMessage extends ComposedMessage {
  /** Which API key or door it came through. */
  readonly origin: string;
  /** A key belongs to its origin: another origin's same key is another key. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null;
}

export type Accepted =
  | { readonly status: "accepted"; readonly id: string }
  /** The same idempotency key and body came before: that message stands for this one. */
  | { readonly status: "repeated"; readonly id: string }
  /**
   * The same idempotency key with another body: `id` is the message that came with it. Nothing of the
   * request was stored, and what would have been accepted says `conflict` as well.
   */
  | { readonly status: "conflict"; readonly id: string };

export interface Claim {
  readonly id: string;
  readonly lane: Lane;
  readonly route: string | null;
  readonly envelopeFrom: string;
  readonly sensitive: boolean;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly size: number;
  readonly content: Uint8Array;
  /** Those that are due now. `attempts` counts the attempts made so far. */
  readonly recipients: readonly {
    readonly index: number;
    readonly address: string;
    readonly attempts: number;
  }[];
  /** Proof of the lease: a record under a lease that was lost changes nothing. */
  readonly lease: string;
}

/** Recipients whose time was over before they were handed over, and whom this claim moved to `expired`. */
export interface Expired {
  readonly id: string;
  readonly lane: Lane;
  readonly recipients: readonly { readonly index: number; readonly address: string }[];
}

export interface Claimed {
  readonly claims: readonly Claim[];
  /** Told once, by the claim that found them. */
  readonly expired: readonly Expired[];
}

export interface ClaimRequest {
  readonly now: Instant;
  /** How many messages at most. */
  readonly limit: number;
  /** Bytes of content at most in one answer; a single larger message comes alone. */
  readonly maxBytes: number;
  readonly leaseMs: number;
  /** The claiming process. */
  readonly owner: string;
  /** Only these lanes; all when absent. */
  readonly lanes?: readonly Lane[];
}

/** What became of one recipient in one attempt. */
export type RecipientOutcome =
  | { readonly index: number; readonly event: "accept" }
  | { readonly index: number; readonly event: "release" }
  | { readonly index: number; readonly event: "defer"; readonly dueAt: Instant; readonly verdict: Verdict }
  | {
      readonly index: number;
      readonly event: "park" | "lose" | "bounce" | "fail" | "expire";
      readonly verdict: Verdict | null;
    };

export interface AttemptRecord {
  readonly messageId: string;
  readonly lease: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** Null when none could be chosen. */
  readonly account: string | null;
  /** `host:port (address)`; null when no connection was tried. */
  readonly peer: string | null;
  readonly outcomes: readonly RecipientOutcome[];
  /** Masked; empty for what was pipelined on a connection already reported. */
  readonly transcript: readonly TranscriptLine[];
  /** A release makes no attempt: nothing is counted or kept. */
  readonly counts: boolean;
}

export interface StoredRecipient {
  readonly index: number;
  readonly address: string;
  readonly state: RecipientState;
  readonly attempts: number;
  /** When it is next due; null when it is not waiting for a time. */
  readonly dueAt: Instant | null;
  readonly changedAt: Instant;
  /** The last verdict against it. */
  readonly verdict: Verdict | null;
}

export interface StoredMessage {
  readonly id: string;
  readonly messageId: string;
  readonly lane: Lane;
  readonly route: string | null;
  readonly envelopeFrom: string;
  readonly view: MessageView;
  readonly size: number;
  readonly sensitive: boolean;
  readonly createdAt: Instant;
  readonly notBefore: Instant | null;
  readonly expiresAt: Instant;
  readonly origin: string;
  readonly recipients: readonly StoredRecipient[];
}

export interface StoredAttempt {
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly account: string | null;
  readonly peer: string | null;
  readonly outcomes: readonly RecipientOutcome[];
  readonly transcript: readonly TranscriptLine[];
}

export interface ListRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** Only messages older than this id (`after` in the sense of a list that is newest first). */
  readonly after?: string;
  /** Only messages newer than this id; the answer is still newest first. */
  readonly before?: string;
  /** Messages with at least one recipient in this state. */
  readonly state?: RecipientState;
}

export interface Depth {
  readonly lane: Lane;
  readonly state: RecipientState;
  readonly recipients: number;
  /** `createdAt` of the oldest. */
  readonly oldest: Instant;
}

/** Small things kept beside the queue: accounts, routes, keys. One JSON document each. */
export interface Documents {
  get(kind: string, name: string): Promise<string | null>;
  list(kind: string): Promise<readonly { readonly name: string; readonly body: string }[]>;
  put(kind: string, name: string, body: string): Promise<void>;
  /** False when a document of that kind and name is there already; then nothing is written. */
  insert(kind: string, name: string, body: string): Promise<boolean>;
  delete(kind: string, name: string): Promise<boolean>;
}

export interface QueueStore {
  /** Resolves when every message is on stable storage, all or none. Throws StoreError. */
  accept(messages: readonly NewMessage[]): Promise<readonly Accepted[]>;
  /** Urgent first, then by due time, then in the order of acceptance. A message is leased whole: none of its recipients goes to two workers. Rescues what a lost lease holds. Moves expired recipients to `expired`, and takes none of them. */
  claim(request: ClaimRequest): Promise<Claimed>;
  /** Makes leases last until `until`; those already lost are left alone. */
  extend(claims: readonly { readonly id: string; readonly lease: string }[], until: Instant): Promise<void>;
  /** Writes outcomes, states and attempts in one commit; tells which records were under a lost lease and changed nothing. */
  record(
    records: readonly AttemptRecord[],
  ): Promise<readonly { readonly messageId: string; readonly applied: boolean }[]>;
  /**
   * Earliest instant at which a claim has something to hand over, to rescue or to expire; it may be past.
   * Null when nothing waits.
   */
  nextDue(now: Instant): Promise<Instant | null>;
  get(id: string): Promise<StoredMessage | null>;
  /** Null when the message is unknown or its content is no longer kept. */
  content(id: string): Promise<Uint8Array | null>;
  attempts(id: string): Promise<readonly StoredAttempt[]>;
  list(
    request: ListRequest,
  ): Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }>;
  /**
   * Gives every recipient that can be tried again another try at `now`; how many were moved. None of a message
   * that has expired or whose content is no longer kept.
   */
  retry(id: string, now: Instant): Promise<number>;
  /** How many recipients were canceled; what is being handed over is left alone. */
  cancel(id: string, now: Instant): Promise<number>;
  /** Changes the time, and with it the expiry when given, of a message of which every recipient is still `scheduled`; false otherwise. */
  reschedule(id: string, notBefore: Instant, expiresAt?: Instant): Promise<boolean>;
  /** Lets all parked recipients of a route (null: of every route) go again; how many. */
  unpark(route: string | null, now: Instant): Promise<number>;
  /** What waits or is under way: the states that are not final. */
  depth(): Promise<readonly Depth[]>;
  readonly documents: Documents;
  close(): Promise<void>;
}

export type StoreProblem =
  /** No space, or the disk fails: nothing of the request was kept. */
  | "disk-full"
  | "io"
  /** Another process holds the data directory. */
  | "held"
  /** Written by a newer version. */
  | "newer-schema"
  /** Not ours, or damaged. */
  | "not-a-database"
  | "closed";

/** Every way in which storage refuses. The message says what was wrong, where, and what to do. */
export class StoreError extends Error {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.problem = problem;
  }
}
