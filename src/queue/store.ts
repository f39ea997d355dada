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
  | {
      readonly status: "accepted";
      readonly id: string;
      /** Its recipients that stand on the suppression list: stored as `suppressed`, never sent to. */
      readonly suppressed: readonly string[];
    }
  /** The same idempotency key and body came before: that message stands for this one. */
  | { readonly status: "repeated"; readonly id: string }
  /**
   * The same idempotency key with another body: `id` is the message that came with it. Nothing of the
   * request was stored, and what would have been accepted says `conflict` as well.
   */
  | { readonly status: "conflict"; readonly id: string };

export interface Claim {
  readonly id: string;
  readonly origin: string;
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

/** Recipients of a message that came to an end without being handed over. */
export interface Ended {
  readonly id: string;
  readonly lane: Lane;
  readonly recipients: readonly { readonly index: number; readonly address: string }[];
}

export interface Claimed {
  readonly claims: readonly Claim[];
  /** Those whose time was over, of whatever route and lane: moved to `expired`, told once, by the claim that found them. */
  readonly expired: readonly Ended[];
  /** Those whose address has come onto the suppression list since: moved to `suppressed`, told once. */
  readonly suppressed: readonly Ended[];
  /**
   * Earliest instant at which a claim like this one has something more to hand over, to rescue or to expire; it may be
   * past. Null when nothing waits.
   */
  readonly next: Instant | null;
}

/** What a claim takes from. */
export interface ClaimFilter {
  /** Only these lanes; all when absent. */
  readonly lanes?: readonly Lane[];
  /** Not the messages that name one of these routes; null stands for those that name none. */
  readonly except?: readonly (string | null)[];
}

export interface ClaimRequest extends ClaimFilter {
  readonly now: Instant;
  /** How many messages at most; with 0 it only expires and tells `next`. */
  readonly limit: number;
  /** Bytes of content at most in one answer; a single larger message comes alone. */
  readonly maxBytes: number;
  readonly leaseMs: number;
  /** The claiming process. */
  readonly owner: string;
}

/** What became of one recipient in one attempt. */
export type RecipientOutcome =
  | { readonly index: number; readonly event: "accept" }
  | { readonly index: number; readonly event: "release" }
  | { readonly index: number; readonly event: "defer"; readonly dueAt: Instant; readonly verdict: Verdict }
  | {
      readonly index: number;
      readonly event: "bounce";
      readonly verdict: Verdict | null;
      /** Whether the address goes onto the suppression list, in the same commit. */
      readonly suppress?: boolean;
    }
  | {
      readonly index: number;
      readonly event: "park" | "lose" | "fail" | "expire";
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
  /**
   * Replaces a body that is still the one that was read; false, and nothing written, when it is another by now, or gone.
   * What several processes write is written by this alone.
   */
  replace(kind: string, name: string, seen: string, body: string): Promise<boolean>;
  delete(kind: string, name: string): Promise<boolean>;
}

/** An address that nothing is sent to any more. */
export interface Suppression {
  /** In lower case. */
  readonly address: string;
  readonly reason: "hard-bounce" | "complaint" | "manual";
  /** What was heard, or what the person noted; one line. */
  readonly detail: string;
  /** The message that bounced; null for an entry made by hand. */
  readonly messageId: string | null;
  readonly at: Instant;
}

/** Addresses are compared in lower case, as a whole. */
export interface Suppressions {
  get(address: string): Promise<Suppression | null>;
  /** In order of address. */
  list(request: {
    /** 1 to 1000. */
    readonly limit: number;
    /** Only addresses behind this one. */
    readonly after?: string;
  }): Promise<{ readonly entries: readonly Suppression[]; readonly more: boolean }>;
  /** Adds an entry or replaces it. What waits for the address is suppressed by the next claim that meets it. */
  put(entry: Suppression): Promise<void>;
  /** False when there was none. */
  delete(address: string): Promise<boolean>;
}

/** Rolling windows; each is counted in small buckets, of which one that lies partly inside counts whole. */
export type BudgetWindow = "minute" | "hour" | "day";

export interface TokenRequest {
  readonly account: string;
  readonly now: Instant;
  /** At most so many in each window; only windows that have a limit. */
  readonly limits: Partial<Readonly<Record<BudgetWindow, number>>>;
  /** The part of each limit that only urgent mail may spend, from 0 to 1; at least one token where the limit is two or more. */
  readonly urgentShare: number;
  readonly urgent: boolean;
  /** Tokens at most; 1 or more. */
  readonly wanted: number;
}

export interface TokenGrant {
  /** From 0 to `wanted`. */
  readonly granted: number;
  /** What was granted is to be spent before this instant, or given back. */
  readonly validUntil: Instant;
  /** When nothing was granted: the earliest instant at which something can be. */
  readonly next: Instant | null;
}

/** How much of each window is spent, by urgent mail and in all. */
export type Spent = Readonly<Record<BudgetWindow, { readonly all: number; readonly urgent: number }>>;

/**
 * What accounts have sent, kept across restarts and shared by all who send. Tokens are taken in small parcels, ahead of
 * sending: a process that dies wastes what it held, and none is ever spent twice.
 */
export interface Budgets {
  /** Takes from every window or from none; on stable storage when it resolves. */
  take(request: TokenRequest): Promise<TokenGrant>;
  /** Gives back what was taken at `takenAt` and not spent. */
  giveBack(returned: {
    readonly account: string;
    readonly takenAt: Instant;
    readonly count: number;
    readonly urgent: boolean;
  }): Promise<void>;
  spent(account: string, now: Instant): Promise<Spent>;
}

/** What an account may do at one time, shared by all who send through it. */
export interface ShareRequest {
  readonly account: string;
  /** The process that asks. */
  readonly owner: string;
  readonly now: Instant;
  /** Connections to its provider, of all processes together; 1 or more. */
  readonly connections: number;
  /** Messages within any second, of all processes together; null when that is not limited. */
  readonly perSecond: number | null;
  /**
   * Connections that the process has open, or may open before it hears the answer: they stay its own, whatever others
   * ask for. So it first does with less, and then asks again with less.
   */
  readonly open: number;
  /** In the same way, what it may send in a second before it hears the answer; null when it knows of no limit, 0 at first. */
  readonly rate: number | null;
  /** How long the answer is to hold. Milliseconds. */
  readonly holdMs: number;
}

/** A process's part of it. */
export interface Share {
  /** 0: others send for the account; this process leaves its mail to them. */
  readonly connections: number;
  /** Null when it is not limited; 0 when `connections` is. */
  readonly perSecond: number | null;
  /** It is not to be used from then on, unless it is asked for again. */
  readonly until: Instant;
}

/**
 * At no time do all who hold a part of an account hold more than its limits, and within no second do they send more.
 * A part is held for some seconds and asked for again; a process that dies leaves its part to the others. Where several
 * ask, each gets an even part; no part is so small that nothing of it could be kept for urgent mail, as long as the whole
 * is larger: rather some get none. Parts need not be on stable storage.
 */
export interface Shares {
  hold(request: ShareRequest): Promise<Share>;
  /** Lets the others have it. */
  release(given: { readonly account: string; readonly owner: string; readonly now: Instant }): Promise<void>;
}

/** What an application handed over in a transaction of its own, as JSON; nobody has looked into it yet. */
export interface Submitted {
  /** The id that its message will have. */
  readonly id: string;
  readonly origin: string;
  /** JSON, as `POST /emails` takes it. */
  readonly mail: string;
  readonly submittedAt: Instant;
  /** How often it was taken up, this time included. */
  readonly tries: number;
}

/** A submission that cannot become a message, as far as it can be shown. */
export interface Refused extends Omit<NewMessage, "content" | "notBefore" | "idempotency" | "recipients"> {
  /** As they were written; at least one. */
  readonly recipients: readonly string[];
  readonly at: Instant;
  readonly verdict: Verdict;
}

/**
 * What applications put into the database themselves, until it is made into messages. A lease and not a lock holds what
 * is being composed: no transaction is open meanwhile. One that runs out lets another node try, and only one of them
 * makes the message.
 */
export interface Submissions {
  /** Takes up what is due, urgent first; `maxBytes` as in a claim. */
  next(request: {
    readonly now: Instant;
    readonly limit: number;
    readonly maxBytes: number;
    readonly leaseMs: number;
  }): Promise<readonly Submitted[]>;
  /** When something is due next; it may be past. Null when there is nothing. */
  due(): Promise<Instant | null>;
  /**
   * Stores messages in place of the submissions with their ids, all in one commit, on stable storage when it resolves;
   * null for one that is a submission no more. Their idempotency keys were taken when they were submitted.
   */
  accept(
    messages: readonly NewMessage[],
  ): Promise<readonly (Extract<Accepted, { readonly status: "accepted" }> | null)[]>;
  /** Stores a message without content, all of whose recipients have failed; false when it is a submission no more. */
  refuse(refused: Refused): Promise<boolean>;
  /** Lets them be taken up again from then on. */
  putOff(ids: readonly string[], until: Instant): Promise<void>;
}

/** What another process has done to the same storage, as soon as it is known here. What this one did itself may be told too. */
export interface Watcher {
  /** Something may be due earlier than was known, or be there for the first time. */
  readonly onWork?: () => void;
  /** Documents that were written or deleted; null when it is not known which. */
  readonly onDocuments?: (
    changed: readonly { readonly kind: string; readonly name: string }[] | null,
  ) => void;
}

/** What is no longer kept. Only messages all of whose recipients are in a final state are touched; instants are compared with the last change. */
export interface PruneRequest {
  readonly now: Instant;
  /** Contents of messages that ended before. */
  readonly contentBefore: Instant;
  /** Transcripts of attempts of messages that ended before; the attempt itself stays. */
  readonly transcriptBefore: Instant;
  /** Messages that ended before, with all that belongs to them. */
  readonly messageBefore: Instant;
  /** Idempotency keys that were used before. */
  readonly idempotencyBefore: Instant;
  /** Messages and keys in one call at most: others' commits wait for it. */
  readonly limit: number;
}

export interface Pruned {
  readonly contents: number;
  readonly transcripts: number;
  readonly messages: number;
  readonly idempotencyKeys: number;
  /** Whether the limit ended it. */
  readonly more: boolean;
}

export interface QueueStore {
  /** Resolves when every message is on stable storage, all or none. Throws StoreError. */
  accept(messages: readonly NewMessage[]): Promise<readonly Accepted[]>;
  /**
   * Urgent first, then normal, then bulk. Within a lane those origins and routes that have something due take turns, the
   * one served longest ago first, also from one claim to the next; each hands out by due time, then in the order of
   * acceptance. A message is leased whole: none of its recipients goes to two workers. Rescues what a lost lease holds.
   * Moves expired recipients to `expired` and those on the suppression list to `suppressed`, and takes none of them.
   *
   * Where a power cut that forgets a lease ends its holder as well, it costs nothing, as nothing was recorded under it:
   * only there it need not be on stable storage.
   */
  claim(request: ClaimRequest): Promise<Claimed>;
  /** Makes leases last until `until`; those already lost are left alone. */
  extend(claims: readonly { readonly id: string; readonly lease: string }[], until: Instant): Promise<void>;
  /** Writes outcomes, states and attempts in one commit; tells which records were under a lost lease and changed nothing. */
  record(
    records: readonly AttemptRecord[],
  ): Promise<readonly { readonly messageId: string; readonly applied: boolean }[]>;
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
  /** A person found that what is `unknown` has arrived: those recipients become `sent`; how many. */
  confirm(id: string, now: Instant): Promise<number>;
  /** Changes the time, and with it the expiry when given, of a message of which every recipient is still `scheduled`; false otherwise. */
  reschedule(id: string, notBefore: Instant, expiresAt?: Instant): Promise<boolean>;
  /** Lets all parked recipients of a route (null: of every route) go again; how many. */
  unpark(route: string | null, now: Instant): Promise<number>;
  /** What waits or is under way: the states that are not final. */
  depth(): Promise<readonly Depth[]>;
  /** Removes what is no longer kept, up to a limit. */
  prune(request: PruneRequest): Promise<Pruned>;
  /** Gives space that became free back to the file system, a bounded part of it; whether there is more. */
  compact(): Promise<{ readonly more: boolean }>;
  /**
   * The clock was set back: what was put off or leased under the later time (its last change lies after `now`) waits
   * from `now` on as long as it was to wait then. How many recipients.
   */
  clockSetBack(now: Instant): Promise<number>;
  readonly suppressions: Suppressions;
  readonly budgets: Budgets;
  readonly shares: Shares;
  readonly documents: Documents;
  /** Null where applications cannot reach the storage themselves. */
  readonly submissions: Submissions | null;
  /** Tells what others do until the returned function is called; within a second. An engine that one process holds has nothing to tell. */
  watch(watcher: Watcher): () => void;
  /** The time by the storage's clock, by which all who send go; null where one process holds the storage. */
  time(): Promise<Instant | null>;
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
  /** The database server cannot be reached, or does not answer in time. */
  | "unreachable"
  /** It takes no writes just now: a standby, or a server that is failing over. */
  | "read-only"
  /** It refuses this user: wrong password, no such database, a permission that is missing. */
  | "denied"
  /** The data directory was moved to a database. */
  | "moved"
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
