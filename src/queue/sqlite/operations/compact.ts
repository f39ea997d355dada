// Gives free space back to the file system.
import type { Engine } from "../statements.ts";
import { freePages } from "../vacuum.ts";

/** Pages of 4096 bytes that one call gives back at most: 8 MiB. */
const pagesAtOnce = 2048;

/** Runs outside any transaction: both files end where a checkpoint truncates them. */
export function compact({ db }: Engine): { readonly more: boolean } {
  const patience = db.prepare("PRAGMA busy_timeout").get()!.timeout as number;
  // Another program that reads the file holds off the truncation: the next call makes good for it, and nobody waits.
  db.exec("PRAGMA busy_timeout = 0");
  try {
    db.exec(`PRAGMA incremental_vacuum(${pagesAtOnce}); PRAGMA wal_checkpoint(TRUNCATE)`);
  } finally {
    db.exec(`PRAGMA busy_timeout = ${patience}`);
  }
  return { more: freePages(db) > 0 };
}
