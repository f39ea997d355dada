// The files on disk become smaller when there is less in them.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { attempt, claimAll, contentOf, id, message, now } from "../conformance/harness.ts";
import type { QueueStore } from "../store.ts";
import { openSqliteStore } from "./open.ts";

async function setUp() {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  const store = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  const sizeOf = (name: string) => statSync(join(directory, name)).size;
  return { directory, store, sizes: () => ({ db: sizeOf("postrider.db"), wal: sizeOf("postrider.db-wal") }) };
}

/** Thousand messages of 20,000 bytes that are done with, then one that waits. */
async function fill(store: QueueStore): Promise<void> {
  const content = () => new Uint8Array(20_000).fill(1);
  await store.accept(Array.from({ length: 1000 }, (_, n) => message(n + 1, { content: content() })));
  const claims = await claimAll(store, { limit: 1000 });
  await store.record(claims.map((claim) => attempt(claim, [{ index: 0, event: "accept" }])));
  await store.accept([message(5000)]);
}

async function pruneAll(store: QueueStore): Promise<void> {
  const before = now + 1e9;
  const request = { contentBefore: before, transcriptBefore: before, messageBefore: before };
  for (let more = true; more; ) {
    more = (await store.prune({ ...request, idempotencyBefore: before, limit: 200, now: before })).more;
  }
}

test("the database and its log shrink, a part with each call, and what waits is still there", async () => {
  const { store, sizes } = await setUp();
  await fill(store);
  await store.compact();
  const full = sizes();
  expect(full.db).toBeGreaterThan(20_000_000);
  expect(full.wal).toBe(0);
  await pruneAll(store);
  expect(sizes().wal).toBeGreaterThan(0);
  const seen = [full.db];
  for (let more = true; more; ) {
    more = (await store.compact()).more;
    expect(sizes().db).toBeLessThan(seen.at(-1)!);
    expect(sizes().wal).toBe(0);
    seen.push(sizes().db);
  }
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toBeLessThan(200_000);
  expect(Buffer.from((await store.content(id(5000)))!)).toEqual(contentOf(5000));
  expect(await store.compact()).toEqual({ more: false });
});

test("another program that reads the file is not waited for, and what it held off is made good", async () => {
  const { directory, store, sizes } = await setUp();
  await fill(store);
  await pruneAll(store);
  const reader = new DatabaseSync(join(directory, "postrider.db"), { readOnly: true });
  onTestFinished(() => reader.close());
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM messages").get();
  while ((await store.compact()).more) expect(sizes().db).toBeGreaterThan(20_000_000);
  expect(sizes().db).toBeGreaterThan(20_000_000);
  reader.exec("COMMIT");
  await store.compact();
  expect(sizes()).toMatchObject({ wal: 0 });
  expect(sizes().db).toBeLessThan(200_000);
});
