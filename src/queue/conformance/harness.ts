// What the suite works with: a store, and messages that differ only in what a test is about.
import { onTestFinished } from "vitest";
import type { Verdict } from "../../causes/verdict.ts";
import type {
  AttemptRecord,
  Claim,
  Claimed,
  ClaimRequest,
  NewMessage,
  QueueStore,
  RecipientOutcome,
  StoredMessage,
} from "../store.ts";

export interface Harness {
  readonly store: QueueStore;
  /** Closes the store and opens the same storage again. */
  reopen(): Promise<QueueStore>;
  /** Another node's way to the same storage; absent where one process holds it. */
  readonly other?: QueueStore;
  cleanup(): Promise<void>;
}

export type Open = () => Promise<Harness>;

export async function begin(open: Open): Promise<Harness> {
  const harness = await open();
  onTestFinished(() => harness.cleanup());
  return harness;
}

/** The suite's present. */
export const now = 1_800_000_000_000;
export const minute = 60_000;

/** The nth id; they sort as they count. */
export const id = (n: number): string => `01a00000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** Where a message came from is in its content, so that a mix-up shows. */
export const contentOf = (n: number): Uint8Array => Buffer.from(`Subject: ${n}\r\n\r\nMessage ${n}\r\n`);

export function message(n: number, given: Partial<NewMessage> = {}): NewMessage {
  return {
    id: id(n),
    messageId: `<${n}@example.com>`,
    lane: "normal",
    route: null,
    envelopeFrom: "app@example.com",
    recipients: ["ada@example.net"],
    view: {
      from: "App <app@example.com>",
      to: ["ada@example.net"],
      cc: [],
      bcc: [],
      replyTo: [],
      subject: `Message ${n}`,
      tags: [{ name: "kind", value: "test" }],
    },
    content: contentOf(n),
    sensitive: false,
    createdAt: now,
    notBefore: null,
    expiresAt: now + 1000 * minute,
    origin: "library",
    idempotency: null,
    ...given,
  };
}

export async function claimAll(
  store: QueueStore,
  given: Partial<ClaimRequest> = {},
): Promise<readonly Claim[]> {
  return (await claimed(store, given)).claims;
}

export function claimed(store: QueueStore, given: Partial<ClaimRequest> = {}): Promise<Claimed> {
  return store.claim({
    now,
    limit: 100,
    maxBytes: 64 * 1024 * 1024,
    leaseMs: minute,
    owner: "one",
    ...given,
  });
}

/** What a claim that takes nothing says of the time to come. It expires what is over. */
export async function next(store: QueueStore, given: Partial<ClaimRequest> = {}): Promise<number | null> {
  return (await claimed(store, { limit: 0, ...given })).next;
}

export async function claimOne(store: QueueStore, given: Partial<ClaimRequest> = {}): Promise<Claim> {
  const claims = await claimAll(store, { limit: 1, ...given });
  if (claims.length !== 1) throw new Error("there was nothing to claim");
  return claims[0]!;
}

export function attempt(
  claim: Claim,
  outcomes: readonly RecipientOutcome[],
  given: Partial<AttemptRecord> = {},
): AttemptRecord {
  return {
    messageId: claim.id,
    lease: claim.lease,
    startedAt: now + 1000,
    endedAt: now + 2000,
    account: "main",
    peer: "mail.example.com:587 (192.0.2.1)",
    outcomes,
    transcript: [{ ms: 1, from: "client", text: "MAIL FROM:<app@example.com>" }],
    counts: true,
    ...given,
  };
}

/** Records one outcome for every recipient of the claim. */
export async function end(
  store: QueueStore,
  claim: Claim,
  event: "accept" | "park" | "lose" | "bounce" | "fail" | "expire",
): Promise<void> {
  const outcomes = claim.recipients.map(
    ({ index }): RecipientOutcome => (event === "accept" ? { index, event } : { index, event, verdict }),
  );
  await store.record([attempt(claim, outcomes)]);
}

export const verdict: Verdict = {
  stage: "rcpt",
  scope: "recipient",
  certainty: "not-accepted",
  retry: "permanent",
  cause: "envelope.recipient-unknown",
  reply: { code: 550, enhanced: { class: 5, subject: 1, detail: 1 }, lines: ["5.1.1 no such user"] },
  code: null,
  message: "The address does not exist.",
  waitMs: null,
};

/** The stored message, which must be there. */
export async function stored(store: QueueStore, n: number): Promise<StoredMessage> {
  const found = await store.get(id(n));
  if (found === null) throw new Error(`message ${n} is not stored`);
  return found;
}

export async function states(store: QueueStore, n: number): Promise<readonly string[]> {
  return (await stored(store, n)).recipients.map((r) => r.state);
}
