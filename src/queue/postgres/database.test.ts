// Statements and transactions on a real server: what holds when it dies, falls silent, refuses or is read-only.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startTcpProxy } from "../../../test/postgres/proxy.ts";
import { type Postgres, type PostgresRequest, startPostgres } from "../../../test/postgres/server.ts";
import { freshStoreOptions, sharedPostgres } from "../../../test/postgres/shared.ts";
import { StoreError } from "../store.ts";
import { databaseTime } from "./clock.ts";
import { Database, type DatabaseOptions, type Session } from "./database.ts";

const one = { name: "one", text: "SELECT 1 AS one" };
const sleep = { name: "sleep", text: "SELECT pg_sleep($1)" };
const insert = { name: "insert", text: "INSERT INTO things (id) VALUES ($1)" };
const count = { name: "count", text: "SELECT count(*) AS count FROM things" };

function connectTo(url: string, more: Partial<DatabaseOptions> = {}): Database {
  const database = new Database({ url, schema: "public", ...more });
  onTestFinished(() => database.close());
  return database;
}

async function withThings(more: Partial<DatabaseOptions> = {}): Promise<Database> {
  const place = await freshStoreOptions();
  const database = connectTo(place.url, { ...place, ...more });
  await database.transaction(async (session) => {
    await session.run(`CREATE SCHEMA "${database.schema}"; CREATE TABLE things (id int PRIMARY KEY)`);
  });
  return database;
}

/** One that this file kills, stops and freezes, and has running again when a test is over. */
let victim: Promise<Postgres> | null = null;
const breakable = () => {
  victim ??= startPostgres();
  return victim;
};
afterAll(async () => {
  await (await victim)?.dispose();
});

async function ownServer(request: PostgresRequest = {}) {
  const server = await startPostgres(request);
  onTestFinished(() => server.dispose());
  return server;
}

async function problemOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StoreError)) throw new Error(`no StoreError: ${String(error)}`);
  return error.problem;
}

const inserted = async (session: Session, id: number) => void (await session.rows(insert, [id]));
const counted = async (database: Database) =>
  (await database.rows<{ readonly count: number }>(count, []))[0]?.count;

test("bigints are numbers, and arrays of them", async () => {
  const database = connectTo(await sharedPostgres());
  const text = "SELECT 1800000000000::bigint AS at, ARRAY[1, NULL, 9007199254740991]::bigint[] AS many";
  expect(await database.rows({ name: "numbers", text }, [])).toEqual([
    { at: 1_800_000_000_000, many: [1, null, 9_007_199_254_740_991] },
  ]);
});

test("a transaction is kept whole or not at all", async () => {
  const database = await withThings();
  await database.transaction((session) => inserted(session, 1));
  await expect(
    database.transaction(async (session) => {
      await inserted(session, 2);
      throw new Error("changed my mind");
    }),
  ).rejects.toThrow("changed my mind");
  expect(await problemOf(database.transaction((session) => inserted(session, 1)))).toBe("io");
  expect(await counted(database)).toBe(1);
});

test("a failed statement that the work overlooks is no commit", async () => {
  const database = await withThings();
  const overlooked = database.transaction(async (session) => {
    await inserted(session, 1);
    await inserted(session, 1).catch(() => undefined);
  });
  await expect(overlooked).rejects.toThrow("a statement had failed");
  expect(await counted(database)).toBe(0);
});

test("nothing is said in a transaction that is over", async () => {
  const database = await withThings();
  let kept: Session | null = null;
  await database.transaction(async (session) => {
    kept = session;
  });
  await expect(kept!.rows(one, [])).rejects.toThrow("after the end of its transaction");
});

test("a deadlock is no failure: one of the two is tried again", async () => {
  const database = await withThings();
  const lock = { name: "lock", text: "SELECT id FROM things WHERE id = $1 FOR UPDATE" };
  await database.transaction(async (session) => {
    for (const id of [1, 2]) await inserted(session, id);
  });
  const both = Promise.withResolvers<void>();
  let first = 0;
  let runs = 0;
  const crosswise = (ids: readonly [number, number]) =>
    database.transaction(async (session) => {
      runs += 1;
      await session.rows(lock, [ids[0]]);
      first += 1;
      if (first === 2) both.resolve();
      await both.promise;
      return await session.rows(lock, [ids[1]]);
    });
  expect(await Promise.all([crosswise([1, 2]), crosswise([2, 1])])).toEqual([[{ id: 2 }], [{ id: 1 }]]);
  expect(runs).toBe(3);
});

test("a plan that another node made stale is made anew", async () => {
  const database = await withThings({ connections: 1 });
  const all = { name: "all", text: "SELECT * FROM things" };
  await database.transaction((session) => inserted(session, 1));
  expect(await database.rows(all, [])).toEqual([{ id: 1 }]);
  await database.transaction((session) => session.run("ALTER TABLE things ADD COLUMN name text"));
  expect(await database.rows(all, [])).toEqual([{ id: 1, name: null }]);
});

test("no more connections are opened than allowed, and those who wait are served in turn", async () => {
  const database = connectTo(await sharedPostgres(), { connections: 2 });
  const pids = { name: "pid", text: "SELECT pg_backend_pid() AS pid" };
  const seen = await Promise.all(
    Array.from({ length: 20 }, () => database.rows<{ readonly pid: number }>(pids, [])),
  );
  expect(new Set(seen.map(([row]) => row?.pid)).size).toBe(2);
});

test("who finds all connections busy is told so", async () => {
  const database = connectTo(await sharedPostgres(), { connections: 1, statementTimeout: 300 });
  const busy = Promise.withResolvers<void>();
  const holding = database.transaction(async (session) => {
    await session.rows(one, []);
    await busy.promise;
  });
  await expect(database.rows(one, [])).rejects.toThrow("All 1 connections");
  busy.resolve();
  await holding;
  expect(await database.rows(one, [])).toEqual([{ one: 1 }]);
});

test("a statement that takes too long is given up, and the connection stays", async () => {
  const database = connectTo(await sharedPostgres(), { statementTimeout: 200 });
  expect(await problemOf(database.rows(sleep, [60]))).toBe("unreachable");
  expect(await database.rows(one, [])).toEqual([{ one: 1 }]);
});

test("a closed database says so, after what was under way", async () => {
  const database = connectTo(await sharedPostgres());
  // From then on there is a connection, which the next call takes at once.
  await database.rows(one, []);
  const underWay = database.rows(sleep, [0.1]);
  await Promise.all([underWay, database.close()]);
  expect(await problemOf(database.rows(one, []))).toBe("closed");
});

test("long work on a connection of its own is broken off when the database is closed", async () => {
  const database = connectTo(await sharedPostgres());
  const begun = Promise.withResolvers<void>();
  const long = database.alone((connection) => {
    begun.resolve();
    return connection.run("SELECT pg_sleep(60)");
  });
  await begun.promise;
  const problem = problemOf(long);
  await database.close();
  expect(await problem).toBe("closed");
});

test("a server killed and started again is used again, and what was committed is there", async () => {
  const server = await breakable();
  const database = await withThings({ url: server.url });
  const kept = new Set<number>();
  let stop = false;
  onTestFinished(() => {
    stop = true;
  });
  let down = false;
  const met = Promise.withResolvers<void>();
  const firsts = Promise.withResolvers<void>();
  const problems = new Set<string>();
  const writer = async (from: number) => {
    for (let id = from; !stop; id += 4) {
      try {
        await database.transaction((session) => inserted(session, id));
        kept.add(id);
        if (kept.size > 20) firsts.resolve();
        if (down) met.resolve();
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        problems.add(error.problem === "unreachable" ? error.problem : error.message);
      }
    }
  };
  const writers = [0, 1, 2, 3].map(writer);
  await firsts.promise;
  await server.kill();
  await server.restart();
  down = true;
  await met.promise;
  stop = true;
  await Promise.all(writers);
  const rows = await database.rows<{ readonly id: number }>(
    { name: "ids", text: "SELECT id FROM things" },
    [],
  );
  const there = new Set(rows.map(({ id }) => id));
  expect([...kept].filter((id) => !there.has(id))).toEqual([]);
  expect([...problems]).toEqual(["unreachable"]);
});

test("a connection that went half open is given up and replaced, with those that lay idle", async () => {
  const server = await breakable();
  const proxy = await startTcpProxy(() => server.port);
  const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
  const database = connectTo(url, { connections: 3, statementTimeout: 300 });
  await Promise.all([1, 2, 3].map(() => database.rows(sleep, [0.05])));
  expect(proxy.connections).toBe(3);
  proxy.freeze();
  await expect(database.rows(one, [])).rejects.toThrow("has not answered");
  await Promise.all([1, 2, 3].map(() => database.rows(one, [])));
  expect(proxy.connections).toBe(6);
});

test("a server that accepts connections and never speaks is unreachable", async () => {
  const server = await breakable();
  server.freeze();
  const database = connectTo(`${server.url}?connect_timeout=1`);
  const error = await database.rows(one, []).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    problem: "unreachable",
    message: expect.stringContaining(database.address.where),
  });
  server.thaw();
  expect(await database.rows(one, [])).toEqual([{ one: 1 }]);
});

test("a server with fewer places is used with those; one without a place is unreachable", async () => {
  const server = await ownServer({ settings: { max_connections: "5", superuser_reserved_connections: "0" } });
  const all = connectTo(server.url, { connections: 8 });
  await Promise.all(Array.from({ length: 8 }, () => all.rows(sleep, [0.2])));
  expect(await problemOf(connectTo(server.url).rows(one, []))).toBe("unreachable");
});

test("a standby takes no writes, and takes them once it is promoted", async () => {
  const server = await breakable();
  const database = await withThings({ url: server.url });
  await server.kill();
  writeFileSync(join(server.data, "standby.signal"), "");
  await server.restart();
  const write = () => database.transaction((session) => inserted(session, 1));
  expect(await problemOf(write())).toBe("read-only");
  expect(await counted(database)).toBe(0);
  await database.rows({ name: "promote", text: "SELECT pg_promote()" }, []);
  await write();
  expect(await counted(database)).toBe(1);
});

test("who is not let in is told why", async () => {
  const server = await ownServer({
    hba: ["host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"],
  });
  const admin = connectTo(server.url);
  await admin.transaction(async (session) => {
    await session.run("CREATE ROLE app LOGIN PASSWORD 'right'; CREATE TABLE things (id int)");
  });
  const as = (who: string) => connectTo(`postgres://${who}@127.0.0.1:${server.port}/postgres`);
  const wrong = await as("app:wrong-secret")
    .rows(one, [])
    .catch((thrown: unknown) => thrown);
  expect(wrong).toMatchObject({ problem: "denied" });
  expect(String(wrong)).not.toContain("wrong-secret");
  expect(await problemOf(as("app").rows(one, []))).toBe("denied");
  expect(await problemOf(connectTo(`${server.url}nowhere`).rows(one, []))).toBe("denied");
  expect(await as("app:right").rows(one, [])).toEqual([{ one: 1 }]);
  expect(await problemOf(as("app:right").rows(count, []))).toBe("denied");
});

test("a port where nothing listens and a name that does not exist are unreachable", async () => {
  expect(await problemOf(connectTo("postgres://app@127.0.0.1:1/app").rows(one, []))).toBe("unreachable");
  expect(await problemOf(connectTo("postgres://app@nowhere.invalid/app").rows(one, []))).toBe("unreachable");
});

test("a service that is another is no database", async () => {
  const service = createServer((socket) => socket.write(Buffer.from([0x58, 0, 0, 0, 4])));
  await once(service.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void service.close());
  const { port } = service.address() as AddressInfo;
  expect(await problemOf(connectTo(`postgres://app@127.0.0.1:${port}/app`).rows(one, []))).toBe(
    "not-a-database",
  );
});

test("the time is the database's, and not that of the moment the answer left", async () => {
  const database = connectTo(await sharedPostgres());
  const before = Date.now();
  const time = await databaseTime(database);
  const after = Date.now();
  // Server and test have one clock; half of a way there and back is at most what all of it took.
  expect(time).toBeGreaterThanOrEqual(before - 1);
  expect(time).toBeLessThanOrEqual(after + (after - before) + 1);
});
