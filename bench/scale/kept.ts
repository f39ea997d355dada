// How fast storage is with so many messages kept: asked directly, by one process, with nobody else about.
import { randomUUID } from "node:crypto";
import { messageIdFor, tenRandomBytes, uuidV7 } from "../../src/messages/identity.ts";
import { openPostgresStore } from "../../src/queue/postgres/open.ts";
import type { Claim, NewMessage, QueueStore } from "../../src/queue/store.ts";
import { letter, senderOf, to } from "../relay/letter.ts";
import { fill, sizeOf } from "./fill.ts";
import type { Place } from "./measure.ts";
import { startServer } from "./postgres.ts";

const day = 86_400_000;
const leaseMs = 60_000;

/** What is measured, and how often a second it happened. */
export type KeptRates = ReadonlyMap<string, number>;

export interface KeptTurn {
  readonly kept: number;
  readonly rates: KeptRates;
  /** Of tables and indexes, for a message that is kept without its content; null when none are. */
  readonly bytes: number | null;
}

/** On one server: first with nothing kept, then with `kept` messages. */
export async function measureKept(
  { bench, template }: Place,
  kept: number,
  tell: (line: string) => void,
): Promise<readonly KeptTurn[]> {
  const { group, directory } = bench.group("kept", { trace: false });
  try {
    const { url } = await startServer(group, directory, template, bench.signal);
    const turns: KeptTurn[] = [];
    for (const count of [0, kept]) {
      const store = await openPostgresStore({ url });
      try {
        await warmUp(store);
        let bytes: number | null = null;
        if (count > 0) {
          const began = performance.now();
          const before = await sizeOf(url);
          await fill(url, count, bench.signal);
          tell(`${count} finished messages made in ${Math.round((performance.now() - began) / 1_000)} s`);
          bytes = ((await sizeOf(url)) - before) / count;
          await warmUp(store);
        }
        turns.push({ kept: count, rates: await measureStore(store), bytes });
      } finally {
        await store.close();
      }
    }
    return turns;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${group.log()}`, { cause: error });
  } finally {
    await bench.drop(group, directory);
  }
}

async function warmUp(store: QueueStore): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await store.accept(Array.from({ length: 50 }, newLetter));
    await carryOff(store);
  }
}

async function measureStore(store: QueueStore): Promise<KeptRates> {
  const rates = new Map<string, number>();
  const time = async (what: string, count: number, work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    rates.set(what, (count / (performance.now() - began)) * 1_000);
  };
  const several = async (width: number, count: number, work: () => Promise<unknown>) => {
    let left = count;
    const way = async () => {
      while (left-- > 0) await work();
    };
    await Promise.all(Array.from({ length: width }, way));
  };
  await time("accept, 1 caller", 300, () => several(1, 300, () => store.accept([newLetter()])));
  await time("accept, 50 callers", 5_000, () => several(50, 5_000, () => store.accept([newLetter()])));
  await time("claim and record, 64 at a time", 5_300, () => carryOff(store));
  const [newest] = (await store.list({ limit: 1 })).messages;
  await time("one message by its id", 500, () => several(1, 500, () => store.get(newest!.id)));
  await time("the newest 100", 50, () => several(1, 50, () => store.list({ limit: 100 })));
  let after = newest!.id;
  await time("pages of 100, one after the other", 50, () =>
    several(1, 50, async () => {
      after = (await store.list({ limit: 100, after })).messages.at(-1)?.id ?? after;
    }),
  );
  await time("the newest 100 that failed", 50, () =>
    several(1, 50, () => store.list({ limit: 100, state: "failed" })),
  );
  await time("how much waits", 50, () => several(1, 50, () => store.depth()));
  const pruned = await prune(store);
  rates.set("messages removed", pruned);
  return rates;
}

/** A second's worth of the oldest, as they are removed in the end. */
async function prune(store: QueueStore): Promise<number> {
  const now = (await store.time()) ?? Date.now();
  const none = now - 400 * day;
  const request = { now, contentBefore: none, transcriptBefore: none, idempotencyBefore: none, limit: 500 };
  const began = performance.now();
  let removed = 0;
  for (let more = true; more && removed < 5_000; ) {
    const turn = await store.prune({ ...request, messageBefore: now });
    removed += turn.messages;
    more = turn.more;
  }
  return (removed / (performance.now() - began)) * 1_000;
}

let made = 0;

function newLetter(): NewMessage {
  const now = Date.now();
  const id = uuidV7(now, tenRandomBytes());
  const from = senderOf("normal");
  made += 1;
  const content = letter(`kept-${made}`, "normal");
  return {
    id,
    messageId: messageIdFor(id, "sender.test"),
    lane: "normal",
    route: null,
    envelopeFrom: from,
    recipients: [to],
    view: { from, to: [to], cc: [], bcc: [], replyTo: [], subject: "Bench message", tags: [] },
    content,
    sensitive: false,
    createdAt: now,
    notBefore: null,
    expiresAt: now + 2 * day,
    origin: "bench",
    idempotency: null,
  };
}

/** Claims all that waits and records it as sent. */
async function carryOff(store: QueueStore): Promise<void> {
  const owner = randomUUID();
  const work = async () => {
    for (;;) {
      const now = (await store.time()) ?? Date.now();
      const { claims } = await store.claim({ now, limit: 64, maxBytes: 2 ** 26, leaseMs, owner });
      if (claims.length === 0) return;
      await store.record(claims.map((claim) => sent(claim, now)));
    }
  };
  await Promise.all([work(), work()]);
}

function sent({ id, lease, recipients }: Claim, at: number) {
  return {
    messageId: id,
    lease,
    startedAt: at,
    endedAt: at,
    account: "sink",
    peer: "mail.example.com:587 (192.0.2.1)",
    outcomes: recipients.map(({ index }) => ({ index, event: "accept" as const })),
    transcript: [],
    counts: true,
  };
}
