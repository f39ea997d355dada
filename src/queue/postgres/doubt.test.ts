// What is answered when a commit's end is not known, or something fails in the middle: the truth, and to the right one.
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startTcpProxy } from "../../../test/postgres/proxy.ts";
import { startPostgres } from "../../../test/postgres/server.ts";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { attempt, claimAll, id, message } from "../conformance/harness.ts";
import type { QueueStore } from "../store.ts";
import { openPostgresStore, type PostgresOptions } from "./open.ts";

interface World {
  readonly store: QueueStore;
  /** To the same schema, past whatever stands between the store and the server. */
  readonly admin: pg.Client;
  readonly options: PostgresOptions;
}

async function begin(through: (url: URL) => Promise<void> = async () => undefined): Promise<World> {
  const place = await freshStoreOptions();
  const admin = new pg.Client({ connectionString: place.url });
  await admin.connect();
  const url = new URL(place.url);
  await through(url);
  const options = { ...place, url: url.href, connections: 2 };
  const store = await openPostgresStore(options);
  onTestFinished(async () => {
    await store.close();
    await admin.end();
  });
  await admin.query(`SET search_path = "${place.schema}"`);
  return { store, admin, options };
}

/** Commits of messages wait from now on until the lock is let go. */
async function holdCommits(admin: pg.Client): Promise<void> {
  await admin.query(`
    CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(hashtext(TG_TABLE_SCHEMA)); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER held_up AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION hold_up();
    SELECT pg_advisory_lock(hashtext(current_schema()))`);
}

/** Until somebody waits for what `wanted` says of a row of pg_locks. */
async function somebodyWaits(admin: pg.Client, wanted: string): Promise<void> {
  for (;;) {
    const { rowCount } = await admin.query(`SELECT FROM pg_locks WHERE NOT granted AND ${wanted}`);
    if (rowCount !== 0) return;
  }
}

const letCommit = (admin: pg.Client) => admin.query("SELECT pg_advisory_unlock_all()");
const own = "pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'doubt')";

test.each([
  ["without a key", null],
  ["with a key", { key: "once", bodyHash: "h" }],
])("a request %s whose commit goes on after its connection was cut is accepted once, and told so", async (_, idempotency) => {
  let proxy: Awaited<ReturnType<typeof startTcpProxy>> | null = null;
  const { store, admin } = await begin(async (url) => {
    const port = Number(url.port);
    proxy = await startTcpProxy(() => port);
    url.port = `${proxy.port}`;
    url.searchParams.set("application_name", "doubt");
  });
  await holdCommits(admin);
  const accepting = store.accept([message(1, { idempotency })]);
  accepting.catch(() => undefined);
  await somebodyWaits(admin, `locktype = 'advisory' AND ${own}`);
  proxy!.cut();
  // The next try stands behind the first one.
  await somebodyWaits(admin, `locktype = 'transactionid' AND ${own}`);
  await letCommit(admin);
  expect(await accepting).toEqual([{ status: "accepted", id: id(1), suppressed: [] }]);
  expect((await claimAll(store)).map((claim) => claim.id)).toEqual([id(1)]);
});

test("a claim that fails at its end fails once, and nothing of it is left unheard", async () => {
  const { store, admin } = await begin();
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", hear);
  onTestFinished(() => {
    process.off("unhandledRejection", hear);
    for (const other of others) process.on("unhandledRejection", other);
  });
  await store.accept([message(1)]);
  await admin.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by a test'; END $$;
    CREATE TRIGGER refused BEFORE UPDATE ON work FOR EACH ROW EXECUTE FUNCTION refuse()`);
  await expect(claimAll(store)).rejects.toThrow("refused by a test");
  await admin.query("DROP TRIGGER refused ON work");
  expect((await claimAll(store)).map((claim) => claim.id)).toEqual([id(1)]);
  expect(unheard).toEqual([]);
});

test("what cannot be stored is refused alone, whatever shares its commit", async () => {
  const { store } = await begin();
  const answers = await Promise.allSettled([
    store.accept([message(1)]),
    store.accept([message(2, { messageId: "<2\0@example.com>" })]),
    store.accept([message(3, { createdAt: Number.NaN })]),
    store.accept([message(4, { idempotency: { key: "four", bodyHash: "h" } })]),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect((await claimAll(store)).map((claim) => claim.id)).toEqual([id(1), id(4)]);
});

test("many who steer at once need no more connections than there are", async () => {
  const { store, options } = await begin();
  const lines = Array.from({ length: 6 }, (_, n) => message(n, { origin: `origin ${n}` }));
  await store.accept(lines);
  // One that knows no stream yet.
  const other = await openPostgresStore({ ...options, statementTimeout: 2_000 });
  onTestFinished(() => other.close());
  const now = lines[0]!.createdAt + 1;
  expect(await Promise.all(lines.map((line) => other.cancel(line.id, now)))).toEqual(lines.map(() => 1));
});

test("a lease outlives the server that gave it, as the node does that sends under it", async () => {
  // What a commit does not wait for stays in memory so long.
  const server = await startPostgres({ settings: { wal_writer_delay: "10s" } });
  const nodes: QueueStore[] = [];
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await server.dispose();
  });
  const [one, other] = [
    await openPostgresStore({ url: server.url }),
    await openPostgresStore({ url: server.url }),
  ];
  nodes.push(one, other);
  await one.accept([message(1)]);
  const [claim] = await claimAll(one);
  await server.kill();
  await server.restart();
  // The first call finds its connection gone.
  const claims = await claimAll(other).catch(() => claimAll(other));
  expect(claims).toEqual([]);
  const record = attempt(claim!, [{ index: 0, event: "accept" }]);
  const applied = await one.record([record]).catch(() => one.record([record]));
  expect(applied).toEqual([{ messageId: id(1), applied: true }]);
});
