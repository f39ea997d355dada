// What is answered when a commit's end is not known, or something fails in the middle: the truth, and to the right one.
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startTcpProxy } from "../../../test/postgres/proxy.ts";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { claimAll, id, message } from "../conformance/harness.ts";
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
