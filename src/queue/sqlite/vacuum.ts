// Makes a database able to give space back a part at a time (https://www.sqlite.org/pragma.html#pragma_auto_vacuum).
import { statfsSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { sqliteCode } from "./failure.ts";

/** The value of `PRAGMA auto_vacuum` for INCREMENTAL. */
const incremental = 2;

/** Largest file that is rewritten while its mail waits: some seconds' work. */
const largest = 1024 * 1024 * 1024;

/** Copies of the file that a rewriting may need room for: the new one before it is in place, and the log of putting it there. */
const copies = 3;

const pragma = (db: DatabaseSync, name: string) =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0]);

/** For a file that is new, to be called before anything is written to it; for another, before it is rewritten. */
export function prepareShrinking(db: DatabaseSync): void {
  db.exec("PRAGMA auto_vacuum = INCREMENTAL");
}

/**
 * Rewrites a file that was made without it, once. Where that is not possible (too large, no space) it stays as it is:
 * free space in it is used again but not given back.
 */
export function convertToShrinking(db: DatabaseSync, path: string): void {
  if (pragma(db, "auto_vacuum") === incremental) return;
  const { size } = statSync(path);
  const { bavail, bsize } = statfsSync(path);
  if (size > largest || bavail * bsize < copies * size) return;
  try {
    // What it sorts goes to a file, not to memory.
    db.exec("PRAGMA temp_store = FILE; VACUUM");
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
  }
}

/** Pages that can be given back. */
export function freePages(db: DatabaseSync): number {
  return pragma(db, "auto_vacuum") === incremental ? pragma(db, "freelist_count") : 0;
}
