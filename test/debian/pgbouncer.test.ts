// Through PgBouncer in transaction mode the engine works: nothing is prepared or set that another client would meet, and
// what other nodes do is found by looking, as notifications do not get through.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Database } from "../../src/queue/postgres/database.ts";
import { openPostgresStore, type PostgresEvent } from "../../src/queue/postgres/open.ts";
import type { NewMessage } from "../../src/queue/store.ts";
import { findBinaries } from "../postgres/binaries.ts";
import { type Postgres, startPostgres } from "../postgres/server.ts";
import { program } from "./station.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-pgbouncer-"));
let server: Postgres;
let bouncer: ChildProcess;
let url: string;
let log = "";

beforeAll(async () => {
  server = await startPostgres();
  const port = await freePort();
  const settings = join(directory, "pgbouncer.ini");
  chmodSync(directory, 0o755);
  writeFileSync(
    settings,
    `[databases]
postgres = host=127.0.0.1 port=${server.port} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
; One server connection for all clients: what one leaves behind, the next one meets.
default_pool_size = 1
max_client_conn = 100
verbose = 0
`,
    { mode: 0o644 },
  );
  bouncer = spawn(program("/usr/sbin/pgbouncer"), [settings], {
    ...findBinaries().user,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ready = Promise.withResolvers<void>();
  bouncer.once("exit", () => ready.reject(new Error(`PgBouncer ended:\n${log}`)));
  bouncer.stderr!.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    if (log.includes("process up")) ready.resolve();
  });
  await ready.promise;
  url = `postgres://postgres@127.0.0.1:${port}/postgres`;
});

afterAll(async () => {
  if (bouncer?.exitCode === null) {
    const ended = once(bouncer, "exit");
    bouncer.kill("SIGKILL");
    await ended;
  }
  await server?.dispose();
  rmSync(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  await new Promise((closed) => listener.close(closed));
  return port;
}

async function open(schema: string, at = url) {
  const events: PostgresEvent[] = [];
  const store = await openPostgresStore({ url: at, schema, onEvent: (event) => events.push(event) });
  onTestFinished(() => store.close());
  return { store, events };
}

const now = 1_800_000_000_000;
const message = (n: number): NewMessage => ({
  id: `01a00000-0000-7000-8000-${String(n).padStart(12, "0")}`,
  messageId: `<${n}@example.com>`,
  lane: "normal",
  route: null,
  envelopeFrom: "app@example.com",
  recipients: ["ada@example.net"],
  view: { from: "app@example.com", to: [], cc: [], bcc: [], replyTo: [], subject: "", tags: [] },
  content: Buffer.from("Subject: x\r\n\r\nx\r\n"),
  sensitive: false,
  createdAt: now,
  notBefore: null,
  expiresAt: now + 3_600_000,
  origin: "library",
  idempotency: null,
});

test("two nodes and their schemas share one server connection, and keep their mail apart", async () => {
  const nodes = await Promise.all([open("one"), open("one"), open("two")]);
  await Promise.all(
    nodes.flatMap(({ store }, node) =>
      Array.from({ length: 20 }, (_, i) => store.accept([message(node * 100 + i)])),
    ),
  );
  const claimed = await Promise.all(
    nodes.map(({ store }, node) =>
      store.claim({ now, limit: 100, maxBytes: 1e9, leaseMs: 60_000, owner: `${node}` }),
    ),
  );
  const ids = claimed.map(({ claims }) => claims.map(({ id }) => Number(id.slice(-3))));
  expect([...ids[0]!, ...ids[1]!].sort((a, b) => a - b)).toEqual(
    [0, 100].flatMap((from) => Array.from({ length: 20 }, (_, i) => from + i)),
  );
  expect(ids[2]).toHaveLength(20);
  const outcome = { index: 0, event: "accept" } as const;
  for (const [node, { store }] of nodes.entries()) {
    const answer = await store.record(
      claimed[node]!.claims.map(({ id, lease }) => ({
        messageId: id,
        lease,
        startedAt: now,
        endedAt: now + 1,
        account: "main",
        peer: null,
        outcomes: [outcome],
        transcript: [],
        counts: true,
      })),
    );
    expect(answer.every(({ applied }) => applied)).toBe(true);
  }
});

test("nothing is left on the server connection that another client would meet", async () => {
  const { store } = await open("clean");
  await store.documents.put("setting", "a", "1");
  const look = new Database({ url, schema: "elsewhere" });
  onTestFinished(() => look.close());
  const text = `SELECT (SELECT count(*) FROM pg_prepared_statements) AS prepared,
    (SELECT reset_val = setting FROM pg_settings WHERE name = 'search_path') AS unset,
    (SELECT count(*) FROM pg_listening_channels()) AS channels,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections`;
  // Without a transaction, at whose head the settings would stand.
  const rows = await look.alone((connection) => connection.rows({ name: "", text }, [], false));
  expect(rows).toEqual([{ prepared: 0, unset: true, channels: 0, connections: 1 }]);
});

test("changes are found by looking, and said to be", async () => {
  const [writer, reader] = [await open("watched"), await open("watched")];
  const heard = Promise.withResolvers<void>();
  const end = reader.store.watch({
    onDocuments: (changed) => {
      if (changed?.some(({ name }) => name === "a")) heard.resolve();
    },
  });
  await writer.store.documents.put("setting", "a", "1");
  await heard.promise;
  end();
  expect(reader.events).toContainEqual({
    kind: "polling",
    message: expect.stringContaining("every half second"),
  });
});
