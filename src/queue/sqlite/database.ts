// Opens the files of a data directory: takes the lock, checks that the database is ours, migrates it.
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../store.ts";
import { resultCode, sqliteCode } from "./failure.ts";
import { applicationId, migrate, schemaVersion } from "./migrations.ts";
import { refuseMoved } from "./moved.ts";
import { sql } from "./sql.ts";
import { convertToShrinking, prepareShrinking } from "./vacuum.ts";

/**
 * Pages of log before they are moved into the database: 16 MiB. The move is what makes a commit slow, so
 * it should be seldom; but a longer log makes each one longer, and an urgent message may be waiting for it.
 */
const checkpointPages = 4096;

/** Milliseconds to wait for someone who looks at the file with a tool of their own: a lock of theirs is short. */
const patience = 5000;

export interface DatabaseSettings {
  readonly directory: string;
  /** Largest size of the database in pages of 4096 bytes; null for no limit but the disk. */
  readonly maxPages: number | null;
  /** Whether leases left from before end now. */
  readonly takeOver: boolean;
  /** Whether it is opened also when it was moved to a database. Default false. */
  readonly moved?: boolean;
}

export interface OpenDatabase {
  readonly db: DatabaseSync;
  close(): void;
}

/** Throws StoreError `held`, `newer-schema`, `not-a-database`, `moved`, or what SQLite and the file system throw. */
export function openDatabase({ directory, maxPages, takeOver, moved }: DatabaseSettings): OpenDatabase {
  const created = mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = takeLock(directory);
  try {
    const path = join(directory, "postrider.db");
    createPrivate(path);
    const db = new DatabaseSync(path, { timeout: patience });
    try {
      const version = checkedVersion(db, path);
      prepareShrinking(db);
      // What is deleted is overwritten, all of it: where mail goes through that costs nothing that can be measured; to
      // prune a message's content it costs 20 µs more, which is little for what retention promises.
      db.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA cache_size = -65536;
        PRAGMA wal_autocheckpoint = ${checkpointPages};
        PRAGMA journal_size_limit = ${checkpointPages * 4096};
      `);
      migrate(db, version);
      if (moved !== true) refuseMoved(db, directory);
      convertToShrinking(db, path);
      db.exec("PRAGMA temp_store = MEMORY");
      db.exec(sql.deleteIdleStreams);
      if (takeOver) db.exec(sql.endAllLeases);
      if (maxPages !== null) db.exec(`PRAGMA max_page_count = ${maxPages}`);
      syncNames(directory, created === undefined ? directory : dirname(created));
    } catch (error) {
      db.close();
      throw error;
    }
    return {
      db,
      close() {
        try {
          // What was deleted must not stay readable in the log.
          db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        } finally {
          db.close();
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/**
 * The lock is a transaction that never ends, on a database of its own: the kernel lets go of it when the
 * process dies, however it dies, and it holds off another store in the same process as well.
 */
function takeLock(directory: string): DatabaseSync {
  const path = join(directory, "postrider.lock");
  const holder = join(directory, "postrider.pid");
  createPrivate(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== resultCode.busy) throw error;
    throw new StoreError(
      "held",
      `The data directory ${directory} is in use by another process${holderName(holder)}. Stop that one first, or choose another data directory.`,
      { cause: error },
    );
  }
  return lock;
}

/** The number stands in a file of its own: closing a second handle on the lock file would release the lock (POSIX). */
function holderName(path: string): string {
  try {
    const pid = readFileSync(path, "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}

/** SQLite would create it readable by all; its log files take over the mode of the database. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    chmodSync(path, 0o600);
  }
}

function checkedVersion(db: DatabaseSync, path: string): number {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()![name]);
  const version = pragma("user_version");
  const application = pragma("application_id");
  const tables = Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()!.n);
  const empty = version === 0 && application === 0 && tables === 0;
  if (!empty && application !== applicationId) {
    throw new StoreError(
      "not-a-database",
      `${path} is a database of another program. Choose another data directory.`,
    );
  }
  if (version > schemaVersion) {
    throw new StoreError(
      "newer-schema",
      `${path} was written by a newer version of Postrider (schema ${version}; this version knows ${schemaVersion}). Install that version, or restore a backup from before the upgrade.`,
    );
  }
  return version;
}

/**
 * A new file or directory is only there after a power cut if the directory that names it was written too.
 * From `directory` up to `top`.
 */
function syncNames(directory: string, top: string): void {
  for (let path = directory; ; path = dirname(path)) {
    const handle = openSync(path, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (path === top || path === dirname(path)) return;
  }
}
