// Small things kept beside the queue, in the order in which they were written.
import type { Documents } from "../store.ts";
import type { Database, Rows, Statement } from "./database.ts";

/** How long it is known that a document was deleted. Milliseconds. */
const tombstonesFor = 24 * 60 * 60_000;

/** `written` is called after each commit that changed something. */
export function openDocuments(database: Rows, written: () => void): Documents {
  const write = async (statement: Statement, values: readonly unknown[]): Promise<boolean> => {
    const changed = (await database.rows(statement, values)).length > 0;
    if (changed) written();
    return changed;
  };
  return {
    async get(kind, name) {
      const [row] = await database.rows<{ readonly body: string }>(sql.get, [kind, name]);
      return row?.body ?? null;
    },
    list: (kind) => database.rows<{ readonly name: string; readonly body: string }>(sql.list, [kind]),
    async put(kind, name, body) {
      await write(sql.put, [kind, name, body]);
    },
    insert: (kind, name, body) => write(sql.insert, [kind, name, body]),
    replace: (kind, name, seen, body) => write(sql.replace, [kind, name, seen, body]),
    delete: (kind, name) => write(sql.delete, [kind, name]),
  };
}

export interface DocumentName {
  readonly kind: string;
  readonly name: string;
}

/** The revision of the last write that is visible. */
export async function revision(rows: Rows): Promise<number> {
  const [row] = await rows.rows<{ readonly value: number }>(sql.revision, []);
  if (row === undefined) throw new Error("the table revision has no row");
  return row.value;
}

/** What was written or deleted after a revision, up to `upTo`; null in `changed` when that is not known any more. */
export async function changesSince(
  rows: Rows,
  seen: number,
): Promise<{ readonly upTo: number; readonly changed: readonly DocumentName[] | null }> {
  const found = await rows.rows<{
    readonly value: number;
    readonly forgotten: number;
    readonly kind: string | null;
    readonly name: string | null;
  }>(sql.changes, [seen]);
  const [head] = found;
  if (head === undefined) throw new Error("the table revision has no row");
  const changed: DocumentName[] = [];
  for (const { kind, name } of found) if (kind !== null && name !== null) changed.push({ kind, name });
  // A lower one is another database: one that was restored from a backup, or a standby that had not got all.
  return { upTo: head.value, changed: seen < head.forgotten || head.value < seen ? null : changed };
}

/** Removes the rows of documents that were deleted a day ago. */
export async function forgetDeleted(database: Database): Promise<void> {
  await database.rows(sql.forget, [tombstonesFor]);
}

const clock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/**
 * `written` locks and raises the revision before the document is touched, in all of them: so none waits for another
 * crosswise. The condition in it only spares needless revisions; that of the write itself, which is judged on the newest
 * version of the row, decides.
 */
const sql = {
  get: {
    name: "get_document",
    text: "SELECT body FROM documents WHERE kind = $1 AND name = $2 AND deleted_at IS NULL",
  },
  list: {
    name: "list_documents",
    text: 'SELECT name, body FROM documents WHERE kind = $1 AND deleted_at IS NULL ORDER BY name COLLATE "C"',
  },
  put: {
    name: "put_document",
    text: `WITH written AS (UPDATE revision SET value = value + 1 RETURNING value)
      INSERT INTO documents (kind, name, body, revision) SELECT $1, $2, $3, value FROM written
      ON CONFLICT (kind, name)
        DO UPDATE SET body = excluded.body, revision = excluded.revision, deleted_at = NULL
      RETURNING 1`,
  },
  insert: {
    name: "insert_document",
    text: `WITH written AS (
        UPDATE revision SET value = value + 1
        WHERE NOT EXISTS (SELECT FROM documents WHERE kind = $1 AND name = $2 AND deleted_at IS NULL)
        RETURNING value
      )
      INSERT INTO documents (kind, name, body, revision) SELECT $1, $2, $3, value FROM written
      ON CONFLICT (kind, name)
        DO UPDATE SET body = excluded.body, revision = excluded.revision, deleted_at = NULL
        WHERE documents.deleted_at IS NOT NULL
      RETURNING 1`,
  },
  replace: {
    name: "replace_document",
    text: `WITH written AS (
        UPDATE revision SET value = value + 1
        WHERE EXISTS (
          SELECT FROM documents WHERE kind = $1 AND name = $2 AND body = $3 AND deleted_at IS NULL
        )
        RETURNING value
      )
      UPDATE documents SET body = $4, revision = written.value FROM written
      WHERE kind = $1 AND name = $2 AND body = $3 AND deleted_at IS NULL
      RETURNING 1`,
  },
  delete: {
    name: "delete_document",
    text: `WITH written AS (
        UPDATE revision SET value = value + 1
        WHERE EXISTS (SELECT FROM documents WHERE kind = $1 AND name = $2 AND deleted_at IS NULL)
        RETURNING value
      )
      UPDATE documents SET body = '', revision = written.value, deleted_at = ${clock} FROM written
      WHERE kind = $1 AND name = $2 AND deleted_at IS NULL
      RETURNING 1`,
  },
  revision: { name: "get_revision", text: "SELECT value FROM revision" },
  changes: {
    name: "list_changes",
    text: `SELECT value, forgotten, kind, name FROM revision
      LEFT JOIN documents ON revision.value > $1 AND documents.revision > $1`,
  },
  forget: {
    name: "forget_documents",
    text: `WITH gone AS (DELETE FROM documents WHERE deleted_at < ${clock} - $1::bigint RETURNING revision)
      UPDATE revision SET forgotten = greatest(forgotten, (SELECT max(gone.revision) FROM gone))
      WHERE EXISTS (SELECT FROM gone)`,
  },
} satisfies Record<string, Statement>;
