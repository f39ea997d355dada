// What the SQLite engine refuses, and what it says then.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { claimOne, end, id, message } from "../conformance/harness.ts";
import { openSqliteStore, type SqliteOptions } from "./open.ts";

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

test("a directory that another store holds is refused by name, and free again when that one closes", async () => {
  const directory = freshDirectory();
  const first = await open({ directory });
  const refused = openSqliteStore({ directory });
  await expect(refused).rejects.toMatchObject({ name: "StoreError", problem: "held" });
  await expect(refused).rejects.toThrow(directory);
  await first.accept([message(1)]);
  await expect(openSqliteStore({ directory })).rejects.toMatchObject({ problem: "held" });
  await first.close();
  expect(await (await open({ directory })).get(id(1))).not.toBeNull();
});

test("a database from a newer version is refused and left as it is", async () => {
  const directory = freshDirectory();
  await (await openSqliteStore({ directory })).close();
  const path = join(directory, "postrider.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  const before = readFileSync(path);
  const refused = openSqliteStore({ directory });
  await expect(refused).rejects.toMatchObject({ problem: "newer-schema" });
  await expect(refused).rejects.toThrow(/postrider\.db was written by a newer version .*schema 99/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a file that is no database, and one of another program, are refused and left as they are", async () => {
  const directory = freshDirectory();
  const path = join(directory, "postrider.db");
  writeFileSync(path, "This is the diary of a postman.\n".repeat(200));
  const before = readFileSync(path);
  await expect(openSqliteStore({ directory })).rejects.toMatchObject({ problem: "not-a-database" });
  expect(readFileSync(path).equals(before)).toBe(true);

  rmSync(path);
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE songs (title TEXT)");
  db.close();
  await expect(openSqliteStore({ directory })).rejects.toThrow(/another program/);
});

test("a directory that cannot be made is refused by name", async () => {
  const file = join(freshDirectory(), "file");
  writeFileSync(file, "");
  const refused = openSqliteStore({ directory: join(file, "data") });
  await expect(refused).rejects.toMatchObject({ name: "StoreError", problem: "io" });
  await expect(refused).rejects.toThrow(file);
});

test("after a refusal the directory is not held", async () => {
  const directory = freshDirectory();
  const path = join(directory, "postrider.db");
  writeFileSync(path, "no database".repeat(100));
  await expect(openSqliteStore({ directory })).rejects.toMatchObject({ problem: "not-a-database" });
  rmSync(path);
  await open({ directory });
});

test("who takes over a directory has at once what a dead worker held, and the dead one's lease counts no more", async () => {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const before = await openSqliteStore({ directory });
  await before.accept([message(1)]);
  const held = await claimOne(before);
  await before.close();
  const after = await openSqliteStore({ directory, takeOver: true });
  onTestFinished(() => after.close());
  const taken = await claimOne(after);
  expect(taken.id).toBe(id(1));
  expect(taken.lease).not.toBe(held.lease);
});

test("while another program holds the file, all who wait are refused after one wait, and served when it lets go", async () => {
  const directory = freshDirectory();
  const store = await open({ directory });
  const other = new DatabaseSync(join(directory, "postrider.db"));
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  // One wait is seconds; one for each of them would be minutes.
  const names = Array.from({ length: 50 }, (_, n) => `${n}`);
  const answers = await Promise.allSettled(names.map((name) => store.documents.put("kind", name, "{}")));
  for (const answer of answers) expect(answer).toMatchObject({ reason: { problem: "io" } });
  other.exec("ROLLBACK");
  await store.documents.put("kind", "name", "{}");
});

test("nobody else can read the files", async () => {
  const directory = join(freshDirectory(), "deep", "data");
  const store = await open({ directory });
  await store.accept([message(1)]);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toMatchObject({
    "postrider.db": 0o600,
    "postrider.db-wal": 0o600,
    "postrider.lock": 0o600,
    "postrider.pid": 0o600,
  });
  expect(modes.every(([, mode]) => mode === 0o600)).toBe(true);
});

test("a database that was readable to all is closed to others", async () => {
  const directory = freshDirectory();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "postrider.db"), "", { mode: 0o644 });
  await open({ directory });
  expect(statSync(join(directory, "postrider.db")).mode & 0o777).toBe(0o600);
});

test("when space runs out a request is refused whole, what was accepted stays, and room again is used again", async () => {
  const directory = freshDirectory();
  const store = await open({ directory, maxPages: 300 });
  const big = (n: number) => message(n, { content: new Uint8Array(20_000).fill(n), sensitive: true });

  const accepted: number[] = [];
  let refused: unknown = null;
  let n = 1;
  for (; refused === null && n < 1000; n += 3) {
    try {
      await store.accept([big(n), big(n + 1), big(n + 2)]);
      accepted.push(n, n + 1, n + 2);
    } catch (error) {
      refused = error;
      for (const one of [n, n + 1, n + 2]) expect(await store.get(id(one))).toBeNull();
    }
  }
  expect(refused).toMatchObject({ name: "StoreError", problem: "disk-full" });
  expect(String(refused)).toContain(directory);
  expect(accepted.length).toBeGreaterThan(10);
  for (const one of accepted) expect((await store.content(id(one)))![19_999]).toBe(one & 0xff);

  for (let round = 0; round < 4; round++) await end(store, await claimOne(store), "accept");
  await store.accept([big(n), big(n + 1), big(n + 2)]);
  expect(await store.get(id(n + 2))).not.toBeNull();

  await store.close();
  const roomier = await open({ directory });
  for (const one of accepted) expect(await roomier.get(id(one))).not.toBeNull();
  await roomier.accept([message(5000)]);
});

test("of requests made at once, those that fit are kept and only the others refused", async () => {
  const store = await open({ directory: freshDirectory(), maxPages: 300 });
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => store.accept([message(n + 1, { content: new Uint8Array(40_000) })])),
  );
  const kept = results.filter((r) => r.status === "fulfilled").length;
  expect(kept).toBeGreaterThan(5);
  expect(kept).toBeLessThan(60);
  for (const [n, result] of results.entries()) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ problem: "disk-full" });
    expect((await store.get(id(n + 1))) !== null).toBe(result.status === "fulfilled");
  }
});

test("more than may wait at once waits for room, and one over the whole room goes alone", async () => {
  const store = await open({ directory: freshDirectory(), maxPendingBytes: 50_000 });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      store.accept([message(n + 1, { content: new Uint8Array(n === 7 ? 200_000 : 10_000) })]),
    ),
  );
  expect(answers.flat().map((a) => a.status)).toEqual(Array.from({ length: 30 }, () => "accepted"));
});

test("a sensitive body that was delivered is in none of the files any more", async () => {
  const directory = freshDirectory();
  const secret = "reset-token-0123456789abcdef";
  const store = await open({ directory });
  const content = Buffer.from(`Subject: Reset\r\n\r\n${`https://example.com/${secret}\r\n`.repeat(500)}`);
  await store.accept([message(1, { content: new Uint8Array(content), sensitive: true })]);
  await end(store, await claimOne(store), "accept");
  await store.close();
  for (const name of readdirSync(directory)) {
    expect(readFileSync(join(directory, name)).includes(secret), name).toBe(false);
  }
});

test("the event loop turns on while commits reach the disk", async () => {
  const store = await open({ directory: freshDirectory() });
  let turns = 0;
  let done = false;
  const turn = () => {
    turns++;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  for (let n = 1; n <= 20; n++) await store.accept([message(n)]);
  done = true;
  expect(turns).toBeGreaterThan(100);
});
