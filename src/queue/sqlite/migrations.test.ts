// A database that an earlier version wrote opens and goes on, with everything that waits in it.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { recipientStates } from "../../messages/states.ts";
import {
  attempt,
  claimAll,
  claimed,
  id,
  message,
  minute,
  next,
  now,
  states,
  stored,
} from "../conformance/harness.ts";
import { queueSchema } from "./migrations/0001-queue.ts";
import { applicationId } from "./migrations.ts";
import { openSqliteStore, type SqliteOptions } from "./open.ts";

interface Old {
  readonly state: (typeof recipientStates)[number];
  readonly lane?: number;
  readonly route?: string;
  readonly dueAt?: number;
  readonly changedAt?: number;
  /** What version 1 kept in its row of work; absent for a finished message. */
  readonly work?: { readonly dueAt: number; readonly lease?: string };
  readonly content?: boolean;
}

const expiresAt = now + 1000 * minute;

/** One message each, numbered from 1, as version 1 stored it. */
function writeVersion1(directory: string, messages: readonly Old[]): void {
  const db = new DatabaseSync(join(directory, "postrider.db"));
  db.exec(`
    PRAGMA journal_mode = WAL;
    ${queueSchema}
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = 1;
  `);
  const view = JSON.stringify(message(1).view);
  const insert = (table: string, ...values: (string | number | Uint8Array | null)[]) =>
    db.prepare(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`).run(...values);
  messages.forEach((one, i) => {
    const n = i + 1;
    const { state, lane = 1, route = null, dueAt = null, changedAt = now, work, content = true } = one;
    const stateNumber = recipientStates.indexOf(state);
    const size = 2000;
    const from = "app@example.com";
    insert(
      "messages",
      n,
      id(n),
      `<${n}@example.com>`,
      lane,
      route,
      from,
      view,
      size,
      0,
      now,
      null,
      expiresAt,
      "library",
    );
    insert("recipients", n, 0, lane, stateNumber, 0, dueAt, changedAt, `r${n}@example.net`, null);
    if (work !== undefined) insert("work", n, lane, work.dueAt, work.lease ?? null);
    if (content) insert("content", n, new Uint8Array(size).fill(n));
  });
  db.close();
}

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function open(options: SqliteOptions) {
  const store = await openSqliteStore(options);
  onTestFinished(() => store.close());
  return store;
}

const leaseUntil = now + 3 * minute;
const everyKind: readonly Old[] = [
  { state: "queued", dueAt: now, work: { dueAt: now } },
  { state: "scheduled", dueAt: now + 2 * minute, work: { dueAt: now + 2 * minute } },
  {
    state: "sending",
    dueAt: now,
    changedAt: leaseUntil - minute,
    work: { dueAt: leaseUntil, lease: "old:1" },
  },
  { state: "deferred", route: "main", dueAt: now + 4 * minute, work: { dueAt: now + 4 * minute } },
  { state: "parked", route: "main", work: { dueAt: expiresAt } },
  { state: "unknown", lane: 2, work: { dueAt: expiresAt } },
  { state: "sent", changedAt: now - 9 * minute },
  { state: "bounced", changedAt: now - minute, content: false },
  { state: "queued", lane: 0, dueAt: now, work: { dueAt: now } },
];

test("mail that waited under version 1 goes on as it was to, each kind at its time", async () => {
  const directory = freshDirectory();
  writeVersion1(directory, everyKind);
  const store = await open({ directory });
  for (const [i, { state }] of everyKind.entries()) expect(await states(store, i + 1)).toEqual([state]);
  expect(await next(store)).toBe(now);
  const at = async (time: number) => (await claimAll(store, { now: time })).map((c) => c.id);
  expect(await at(now)).toEqual([id(9), id(1)]);
  expect(await next(store, { except: [null] })).toBe(now + 4 * minute);
  const later = (n: number) => claimed(store, { now: now + n * minute, leaseMs: 1e9 });
  expect((await later(1)).claims.map((c) => c.id).sort()).toEqual([id(1), id(9)]);
  expect((await later(2)).claims.map((c) => c.id)).toEqual([id(2)]);
  expect((await later(3)).claims.map((c) => c.id)).toEqual([id(3)]);
  const last = await later(4);
  expect(last.claims.map((c) => [c.id, c.origin, c.route])).toEqual([[id(4), "library", "main"]]);
  expect(last.claims[0]!.content).toEqual(new Uint8Array(2000).fill(4));
  expect(await store.unpark("main", now + 5 * minute)).toBe(1);
  expect((await later(5)).claims.map((c) => c.id)).toEqual([id(5)]);
  expect(await store.confirm(id(6), now)).toBe(1);
});

test("a lease of version 1 is still its holder's, and ends with a taking over", async () => {
  const directory = freshDirectory();
  writeVersion1(directory, everyKind);
  const store = await open({ directory });
  const claim = { ...(await claimAll(store))[0]!, id: id(3), lease: "old:1" };
  expect(await store.record([attempt(claim, [{ index: 0, event: "accept" }])])).toMatchObject([
    { applied: true },
  ]);

  const other = freshDirectory();
  writeVersion1(other, everyKind);
  const taken = await open({ directory: other, takeOver: true });
  expect((await claimAll(taken)).map((c) => c.id).sort()).toEqual([id(1), id(3), id(9)]);
});

test("what waited under version 1 expires, and what had ended is pruned by its time", async () => {
  const directory = freshDirectory();
  writeVersion1(directory, everyKind);
  const store = await open({ directory });
  const old = { contentBefore: now, transcriptBefore: 0, idempotencyBefore: 0, limit: 100, now };
  expect(await store.prune({ ...old, messageBefore: now - 5 * minute })).toMatchObject({
    messages: 1,
    contents: 0,
  });
  expect(await store.get(id(7))).toBeNull();
  expect(await store.prune({ ...old, messageBefore: now })).toMatchObject({ messages: 1 });
  const { expired } = await claimed(store, { now: expiresAt });
  expect(expired.map((one) => one.id).sort()).toEqual([1, 2, 3, 4, 5, 6, 9].map(id));
  expect(await stored(store, 5)).toMatchObject({ recipients: [{ state: "expired", changedAt: expiresAt }] });
});

test("a file of version 1 shrinks like a new one", async () => {
  const directory = freshDirectory();
  writeVersion1(
    directory,
    Array.from({ length: 1000 }, () => ({ state: "sent" as const, changedAt: now - minute })),
  );
  const path = join(directory, "postrider.db");
  const store = await open({ directory });
  const full = statSync(path).size;
  const before = { contentBefore: now, transcriptBefore: now, messageBefore: now, idempotencyBefore: now };
  expect(await store.prune({ ...before, limit: 1000, now })).toMatchObject({ messages: 1000 });
  while ((await store.compact()).more) expect(statSync(path).size).toBeGreaterThan(0);
  expect(full).toBeGreaterThan(1000 * 2000);
  expect(statSync(path).size).toBeLessThan(200_000);
});
