// The PostgreSQL of a turn: its own data on the disk that is measured, and what it says about its own work.
import { execFileSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { findBinaries } from "../../test/postgres/binaries.ts";
import type { Group } from "../relay/group.ts";
import { freePort, host, listening } from "../relay/ports.ts";

/** The same for all; everything else is as PostgreSQL ships it, so commits reach the disk. */
export const settings: Readonly<Record<string, string>> = {
  shared_buffers: "256MB",
  max_connections: "200",
  max_wal_size: "4GB",
};

const { initdb, postgres, user } = findBinaries();

/** As root it refuses to run. */
const asUser: readonly string[] =
  user.uid === undefined ? [] : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];

/** An empty cluster, to be copied for each turn. */
export function makeTemplate(directory: string): string {
  const data = join(directory, "template");
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid ?? 0);
  const flags = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  execFileSync(initdb, flags, { ...user, cwd: "/", stdio: ["ignore", "ignore", "inherit"] });
  return data;
}

export interface Server {
  /** Its database `postgres`. */
  readonly url: string;
}

/** Resolves when it takes connections. */
export async function startServer(
  group: Group,
  directory: string,
  template: string,
  signal: AbortSignal,
): Promise<Server> {
  const data = join(directory, "data");
  cpSync(template, data, { recursive: true, preserveTimestamps: true });
  execFileSync("chmod", ["700", data]);
  if (user.uid !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, data]);
  const port = await freePort();
  const all = { ...settings, listen_addresses: host, unix_socket_directories: "" };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [program, ...args] = [...asUser, postgres, "-D", data, "-p", `${port}`, ...flags];
  group.run(program!, args);
  await listening(port, () => group.ended(), signal);
  const url = `postgres://postgres@${host}:${port}/postgres`;
  // It listens a moment before it lets anybody in.
  for (;;) {
    try {
      await ask(url, "SELECT 1");
      return { url };
    } catch (error) {
      const ended = group.ended();
      if (ended !== null) throw new Error(ended, { cause: error });
      if (!(error instanceof Error && "code" in error && error.code === cannotConnectNow)) throw error;
    }
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const cannotConnectNow = "57P03";

/** What can be read at once. */
export interface Written {
  /** Of the write-ahead log. */
  readonly bytes: number;
  /** Transactions that wrote something, those rolled back included. */
  readonly transactions: number;
  /** Of clients, the one that asks not counted. */
  readonly connections: number;
}

export async function readWritten(url: string): Promise<Written> {
  const row = await ask(
    url,
    `SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes, pg_snapshot_xmax(pg_current_snapshot())::text AS transactions,
      (SELECT count(*) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS connections`,
  );
  return {
    bytes: Number(row.bytes),
    transactions: Number(row.transactions),
    connections: Number(row.connections),
  };
}

/** What processes of the server report late: up to ten seconds after their work. */
export interface Counted {
  readonly commits: number;
  /** Of the write-ahead log. */
  readonly syncs: number;
}

/** https://www.postgresql.org/docs/current/monitoring-stats.html: idle ones report after ten seconds at most. Milliseconds. */
export const reportedAfterMs = 11_000;

export async function readCounted(url: string): Promise<Counted> {
  const row = await ask(
    url,
    `SELECT (SELECT sum(xact_commit) FROM pg_stat_database) AS commits,
      (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS syncs`,
  );
  return { commits: Number(row.commits), syncs: Number(row.syncs) };
}

async function ask(url: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const client = new Client({ connectionString: url });
  // What breaks the connection breaks the question too.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(text);
    return rows[0] as Readonly<Record<string, unknown>>;
  } finally {
    await client.end();
  }
}
