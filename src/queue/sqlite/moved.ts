// The mark that an installation was moved to a database: from then on nothing is sent from here.
import type { DatabaseSync } from "node:sqlite";
import { type Instant, StoreError } from "../store.ts";

export const markDocument = { kind: "setting", name: "moved-to" } as const;

export interface Mark {
  /** One try to move, of which each part arrives once. */
  readonly attempt: string;
  /** The database's URL without a password, and the schema in it. */
  readonly to: string;
  readonly schema: string;
  readonly begunAt: Instant;
  /** Whether messages may have gone over. */
  readonly messages: boolean;
  /** Null while something is left to be moved. */
  readonly completedAt: Instant | null;
}

/** Throws StoreError `moved` when the directory's mail is sent by others, or is about to be. */
export function refuseMoved(db: DatabaseSync, directory: string): void {
  const row = db
    .prepare("SELECT body FROM documents WHERE kind = ? AND name = ?")
    .get(markDocument.kind, markDocument.name);
  if (row === undefined) return;
  const mark = JSON.parse(row.body as string) as Mark;
  const where = `${mark.to} (schema ${mark.schema})`;
  if (mark.completedAt !== null) {
    const day = new Date(mark.completedAt).toISOString();
    throw new StoreError(
      "moved",
      `The data directory ${directory} was moved to ${where} on ${day}, and its mail is sent from there. Set POSTRIDER_DATABASE_URL to that database.`,
    );
  }
  const back = mark.messages
    ? "Some of its mail may be sent from there already, so there is no way back."
    : "No mail has gone over yet: `postrider migrate --undo` lets the directory be used again.";
  throw new StoreError(
    "moved",
    `The data directory ${directory} is being moved to ${where}. Run \`postrider migrate --to …\` again to go on where it stopped, then set POSTRIDER_DATABASE_URL to that database. ${back}`,
  );
}
