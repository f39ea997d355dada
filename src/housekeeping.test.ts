import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { memoryDocuments } from "./accounts/testing.ts";
import { ManualClock } from "./delivery/testing.ts";
import { Housekeeper, type HousekeepingEvent } from "./housekeeping.ts";
import { fromRaw } from "./messages/raw.ts";
import { Duties } from "./queue/duties.ts";
import { openSqliteStore } from "./queue/sqlite/open.ts";
import { type QueueStore, StoreError } from "./queue/store.ts";

const hour = 3_600_000;
const retention = { contentDays: 7, transcriptDays: 30, messageDays: 90, idempotencyHours: 24 };

async function world(wrap: (store: QueueStore) => Pick<QueueStore, "prune" | "compact"> = (store) => store) {
  const directory = mkdtempSync(join(tmpdir(), "postrider-housekeeping-"));
  const store = await openSqliteStore({ directory });
  const clock = new ManualClock();
  const events: HousekeepingEvent[] = [];
  const housekeeper = new Housekeeper({
    store: wrap(store),
    retention,
    clock,
    duties: new Duties({ documents: store.documents, owner: "this", now: () => clock.now() }),
    emit: (event) => void events.push(event),
  });
  onTestFinished(async () => {
    await housekeeper.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  /** Lets time pass whenever nothing but time is waited for, until so many events are told. */
  const untilTold = async (count: number) => {
    while (events.length < count) {
      await new Promise(setImmediate);
      if (events.length < count && clock.next !== null) clock.advance(clock.next);
    }
    return events;
  };
  return { store, clock, housekeeper, events, untilTold };
}

/** Accepts a message with an idempotency key; `body` is the hash of what was asked. */
async function accept(store: QueueStore, now: number, key: string, body = "same") {
  const message = fromRaw(
    Buffer.from("Subject: x\r\n\r\nbody\r\n"),
    { from: "a@example.com", recipients: ["b@example.com"] },
    {},
    { now },
  );
  const [accepted] = await store.accept([
    { ...message, origin: "test", idempotency: { key, bodyHash: body } },
  ]);
  return accepted!;
}

test("what has ended goes in its time, in slices, and so do idempotency keys", async () => {
  const { store, clock, untilTold, housekeeper } = await world();
  const start = clock.now();
  const ids: string[] = [];
  // More than one slice takes.
  for (let n = 0; n < 450; n++) ids.push((await accept(store, start, `key ${n}`)).id);
  const [waiting, ...ended] = ids;
  for (const id of ended) await store.cancel(id, start);
  expect(await accept(store, start, "key 7", "other")).toMatchObject({ status: "conflict", id: ids[7] });

  clock.advance(25 * hour);
  housekeeper.start();
  expect(await untilTold(1)).toEqual([
    expect.objectContaining({ type: "pruned", contents: 0, messages: 0, idempotencyKeys: 450 }),
  ]);
  // The key stands for nothing any more.
  expect(await accept(store, clock.now(), "key 7", "other")).toMatchObject({ status: "accepted" });

  expect(await store.content(ended[0]!)).not.toBeNull();
  clock.advance(6.5 * 24 * hour);
  const contents = (await untilTold(2))[1];
  expect(contents).toMatchObject({ type: "pruned", contents: 449, messages: 0 });
  expect(await store.content(ended[0]!)).toBeNull();
  expect(await store.get(ended[0]!)).toMatchObject({ recipients: [{ state: "canceled" }] });

  clock.advance(90 * 24 * hour);
  await untilTold(3);
  expect(await store.get(ended[0]!)).toBeNull();
  // Whatever its age: what waits is kept whole.
  expect(await store.get(waiting!)).toMatchObject({ recipients: [{ state: "queued" }] });
  expect(await store.content(waiting!)).not.toBeNull();
});

test("a store in trouble is told of, and tried again with the next round", async () => {
  let broken = true;
  const { store, clock, housekeeper, untilTold } = await world((real) => ({
    prune: (request) =>
      broken ? Promise.reject(new StoreError("io", "the disk fails")) : real.prune(request),
    compact: () => real.compact(),
  }));
  const { id } = await accept(store, clock.now(), "k");
  await store.cancel(id, clock.now());
  clock.advance(91 * 24 * hour);
  housekeeper.start();
  expect(await untilTold(1)).toMatchObject([{ type: "housekeeping-failed", reason: "the disk fails" }]);
  broken = false;
  expect((await untilTold(2))[1]).toMatchObject({ type: "pruned", messages: 1 });
});

test("whoever asks while a round is under way gets its answer, and a stop does not wait for the pauses", async () => {
  let prunes = 0;
  const { housekeeper, clock } = await world((real) => ({
    prune: async (request) => {
      prunes += 1;
      return { ...(await real.prune(request)), more: true };
    },
    compact: () => real.compact(),
  }));
  const [first, second] = [housekeeper.run(), housekeeper.run()];
  expect(second).toBe(first);
  while (clock.next === null) await new Promise(setImmediate);
  // Time stands still, so the pause after the first slice would never end.
  await housekeeper.stop();
  expect(await first).toMatchObject({ more: true });
  expect(prunes).toBe(1);
});

test("of many processes one at a time does it, and another takes over", async () => {
  const documents = memoryDocuments();
  const clock = new ManualClock();
  const running = Promise.withResolvers<void>();
  const prunes: string[] = [];
  const process = (owner: string) => {
    const housekeeper = new Housekeeper({
      store: {
        prune: async () => {
          prunes.push(owner);
          await running.promise;
          return { contents: 0, transcripts: 0, messages: 0, idempotencyKeys: 0, more: false };
        },
        compact: async () => ({ more: false }),
      },
      retention,
      clock,
      duties: new Duties({ documents, owner, now: () => clock.now() }),
      emit: () => undefined,
    });
    onTestFinished(() => housekeeper.stop());
    housekeeper.start();
    return housekeeper;
  };
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  };
  const one = process("one");
  clock.advance(10_000);
  process("other");
  clock.advance(5_000);
  await settle();
  clock.advance(10_000);
  await settle();
  expect(prunes).toEqual(["one"]);
  running.resolve();
  await settle();
  await one.stop();
  clock.advance(300_000);
  await settle();
  expect(prunes).toEqual(["one", "other"]);
});
