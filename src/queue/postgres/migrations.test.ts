// The schema is brought forward while older nodes work on it, one node at a time, and never under their feet.
import { expect, onTestFinished, test } from "vitest";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { Database } from "./database.ts";
import { documentTables } from "./migrations/documents.ts";
import { deadAfter, type Migration, Migrator } from "./migrations.ts";
import { openPostgresStore } from "./open.ts";

const first: Migration = { version: 1, name: "first", text: documentTables, compatibleFrom: 1 };
const things: Migration = {
  version: 2,
  name: "things",
  text: "CREATE TABLE things (id int, name text, old text); INSERT INTO things SELECT generate_series(1, 100)",
  compatibleFrom: 1,
};
const withoutOld: Migration = {
  version: 3,
  name: "without old",
  text: "ALTER TABLE things DROP COLUMN old",
  compatibleFrom: 3,
};
const indexed: Migration = {
  version: 4,
  name: "index",
  text: "CREATE UNIQUE INDEX CONCURRENTLY things_id ON {schema}.things (id)",
  compatibleFrom: 3,
  concurrently: "things_id",
};

type Place = Awaited<ReturnType<typeof freshStoreOptions>>;

function node(place: Place, owner: string, ...list: readonly Migration[]) {
  const database = new Database({ ...place, connections: 2 });
  onTestFinished(() => database.close());
  const migrator = new Migrator(database, { owner, host: "test", pid: 1, version: "0" }, list);
  return { database, migrator };
}

async function columns({ database }: { readonly database: Database }): Promise<readonly string[]> {
  const text =
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'things' ORDER BY 1";
  const rows = await database.rows<{ readonly name: string }>({ name: "columns", text }, [database.schema]);
  return rows.map(({ name }) => name);
}

async function run({ database }: { readonly database: Database }, text: string): Promise<void> {
  await database.rows({ name: "", text }, []);
}

test("an empty schema gets everything at once", async () => {
  const only = node(await freshStoreOptions(), "a", first, things, withoutOld, indexed);
  expect(await only.migrator.migrate()).toEqual({ left: false });
  expect(await columns(only)).toEqual(["id", "name"]);
  expect(await only.migrator.migrate()).toEqual({ left: false });
});

test("nodes that start at the same moment migrate once", async () => {
  const place = await freshStoreOptions();
  const nodes = ["a", "b", "c", "d"].map((owner) => node(place, owner, first, things));
  await Promise.all(nodes.map(({ migrator }) => migrator.migrate()));
  const text = "SELECT count(*) AS count FROM things";
  expect(await nodes[0]!.database.rows({ name: "count", text }, [])).toEqual([{ count: 100 }]);
});

test("a step that fails leaves nothing behind", async () => {
  const place = await freshStoreOptions();
  const broken = { ...things, text: `${things.text}; SELECT 1 / 0` };
  await expect(node(place, "a", first, broken).migrator.migrate()).rejects.toMatchObject({ problem: "io" });
  const mended = node(place, "a", first, things);
  expect(await mended.migrator.migrate()).toEqual({ left: false });
});

test("expand at once, contract when the older nodes are gone", async () => {
  const place = await freshStoreOptions();
  const old = node(place, "old", first, things);
  const older = node(place, "older", first, things);
  for (const { migrator } of [old, older]) await migrator.migrate();
  const young = node(place, "young", first, things, withoutOld);
  expect(await young.migrator.migrate()).toEqual({ left: true });
  expect(await columns(young)).toEqual(["id", "name", "old"]);
  await old.migrator.leave();
  expect(await young.migrator.finish()).toEqual({ left: true });
  // This one died without taking leave.
  await run(young, `UPDATE nodes SET seen_at = seen_at - ${deadAfter} WHERE owner = 'older'`);
  expect(await young.migrator.finish()).toEqual({ left: false });
  expect(await columns(young)).toEqual(["id", "name"]);
});

test("an older node works on what only grew, and not on what was taken from it", async () => {
  const place = await freshStoreOptions();
  await node(place, "young", first, things).migrator.migrate();
  const old = node(place, "old", first);
  expect(await old.migrator.migrate()).toEqual({ left: false });
  await old.migrator.leave();
  const newest = node(place, "newest", first, things, withoutOld);
  // Its predecessor knows version 2 and lives.
  expect(await newest.migrator.migrate()).toEqual({ left: true });
  await run(newest, "DELETE FROM nodes WHERE owner = 'young'");
  expect(await newest.migrator.finish()).toEqual({ left: false });
  await expect(old.migrator.migrate()).rejects.toMatchObject({
    problem: "newer-schema",
    message: expect.stringContaining("needs at least version 3; this Postrider knows version 1"),
  });
  // One that slept through it finds out when it wakes.
  await expect(old.migrator.beat()).rejects.toMatchObject({ problem: "newer-schema" });
});

test("an index is built while others write, and what a broken build left is built anew", async () => {
  const place = await freshStoreOptions();
  const before = node(place, "a", first, things);
  await before.migrator.migrate();
  await run(before, "INSERT INTO things (id) VALUES (1)");
  const after = node(place, "a", first, things, withoutOld, indexed);
  expect(await after.migrator.migrate()).toEqual({ left: true });
  // Two rows have the same id: the build breaks off, and leaves an index that serves nobody.
  await expect(after.migrator.finish()).rejects.toMatchObject({ problem: "io" });
  await run(before, "DELETE FROM things WHERE ctid = (SELECT max(ctid) FROM things)");
  expect(await after.migrator.finish()).toEqual({ left: false });
  await expect(run(before, "INSERT INTO things (id) VALUES (1)")).rejects.toMatchObject({ problem: "io" });
});

test("a store of this version opens where it was left, and refuses what a newer one has written", async () => {
  const place = await freshStoreOptions();
  const store = await openPostgresStore(place);
  await store.documents.put("setting", "a", "1");
  await store.close();
  const again = await openPostgresStore(place);
  expect(await again.documents.get("setting", "a")).toBe("1");
  await again.close();
  const admin = node(place, "admin", first);
  await run(admin, "INSERT INTO schema_versions (version, name, compatible_from) VALUES (99, 'later', 98)");
  await expect(openPostgresStore(place)).rejects.toMatchObject({ problem: "newer-schema" });
});
