// Where everything is kept: in the data directory, or in a database that many processes share.
import { mkdir } from "node:fs/promises";
import { PostriderError } from "./error.ts";
import { openSqliteStore } from "./queue/sqlite/open.ts";
import type { QueueStore } from "./queue/store.ts";

/** A PostgreSQL database, and the schema in it that is Postrider's. */
export interface DatabaseInput {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Default `postrider`. */
  readonly schema?: string;
}

export interface DatabasePlace {
  readonly schema: string;
  /** For people: the URL without its password and parameters. */
  readonly shown: string;
}

/** With the password in it: for whoever connects. */
export interface Database {
  readonly url: string;
  readonly place: DatabasePlace;
}

const urlVariable = "POSTRIDER_DATABASE_URL";
const schemaVariable = "POSTRIDER_DATABASE_SCHEMA";
const defaultSchema = "postrider";

/**
 * What was given, else `POSTRIDER_DATABASE_URL` and `POSTRIDER_DATABASE_SCHEMA`; null for the data directory.
 * @throws PostriderError for what is no URL of PostgreSQL; it never says the password.
 */
export function databaseOf(
  given: string | DatabaseInput | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Database | null {
  const input = typeof given === "string" ? { url: given } : given;
  const url = input?.url ?? env[urlVariable];
  if (url === undefined || url.trim() === "") return null;
  const where = input === undefined ? urlVariable : "database";
  const schema = input?.schema ?? (env[schemaVariable] || defaultSchema);
  return { url: url.trim(), place: { schema, shown: shownUrl(url.trim(), where) } };
}

function shownUrl(text: string, where: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== "postgres" && scheme !== "postgresql")
    throw new PostriderError(
      "bad-setting",
      `${where} ${scheme === undefined ? "is no URL" : `begins with ${scheme}://`}. Give it as postgres://user:password@host:5432/database, or leave it out to keep everything in the data directory.`,
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PostriderError(
      "bad-setting",
      `${where} is no URL of the form postgres://user:password@host:5432/database. Special characters in user and password are written as %XX: / as %2F, @ as %40, # as %23.`,
    );
  }
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

export interface StorageRequest {
  readonly database: Database | null;
  /** The data directory. A process of many keeps there what is its own. */
  readonly directory: string;
  /** Names this process to the others. */
  readonly owner: string;
  readonly onEvent: (event: DatabaseEvent) => void;
}

/** What whoever runs a database should hear of it. */
export type DatabaseEvent =
  /** How what other nodes do is heard of: at once, or by looking every half second. */
  | { readonly type: "database-notified"; readonly at: number }
  | { readonly type: "database-polling"; readonly at: number; readonly reason: string }
  /** It is not proved to be the right server, or forgets in a power cut what it has promised. */
  | {
      readonly type: "database-unproven" | "database-not-durable";
      readonly at: number;
      readonly reason: string;
    };

/** @throws StoreError. */
export async function openStorage({
  database,
  directory,
  owner,
  onEvent,
}: StorageRequest): Promise<QueueStore> {
  if (database === null) return openSqliteStore({ directory, takeOver: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Only now: whoever keeps everything in the data directory need not load the client of a database.
  const { openPostgresStore } = await import("./queue/postgres/open.ts");
  return openPostgresStore({
    url: database.url,
    schema: database.place.schema,
    owner,
    onEvent: (event) => {
      // By this machine's clock: the database's may be what cannot be asked.
      const at = Date.now();
      if (event.kind === "notified") onEvent({ type: "database-notified", at });
      else onEvent({ type: `database-${event.kind}`, at, reason: event.message });
    },
  });
}
