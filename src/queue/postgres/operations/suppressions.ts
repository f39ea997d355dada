// The list of addresses that nothing is sent to any more.
import type { Suppression } from "../../store.ts";
import { suppressionKey } from "../../suppression.ts";
import type { Rows } from "../database.ts";
import type { Engine } from "../engine.ts";
import { sql } from "../sql.ts";

interface SuppressionRow {
  readonly address: string;
  readonly reason: Suppression["reason"];
  readonly detail: string;
  readonly message_id: string | null;
  readonly at: number;
}

export async function getSuppression({ database }: Engine, address: string): Promise<Suppression | null> {
  const [row] = await database.rows<SuppressionRow>(sql.getSuppression, [suppressionKey(address)]);
  return row === undefined ? null : toSuppression(row);
}

export async function listSuppressions(
  { database }: Engine,
  request: { readonly limit: number; readonly after?: string },
): Promise<{ readonly entries: readonly Suppression[]; readonly more: boolean }> {
  const limit = Math.min(Math.max(request.limit, 1), 1000);
  const after = suppressionKey(request.after ?? "");
  const rows = await database.rows<SuppressionRow>(sql.listSuppressions, [after, limit + 1]);
  return { entries: rows.slice(0, limit).map(toSuppression), more: rows.length > limit };
}

export async function putSuppression({ database }: Engine, entry: Suppression): Promise<void> {
  const { address, reason, detail, messageId, at } = entry;
  await database.rows(sql.putSuppression, [suppressionKey(address), reason, detail, messageId, at]);
}

/** In order, so that nobody waits for each other. */
export async function addSuppressions(rows: Rows, entries: readonly Suppression[]): Promise<void> {
  const sorted = entries.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  await rows.rows(sql.addSuppressions, [
    sorted.map(({ address }) => suppressionKey(address)),
    sorted.map(({ reason }) => reason),
    sorted.map(({ detail }) => detail),
    sorted.map(({ messageId }) => messageId),
    sorted.map(({ at }) => at),
  ]);
}

export async function deleteSuppression({ database }: Engine, address: string): Promise<boolean> {
  return (await database.rows(sql.deleteSuppression, [suppressionKey(address)])).length === 1;
}

function toSuppression({ message_id: messageId, ...row }: SuppressionRow): Suppression {
  return { ...row, messageId };
}
