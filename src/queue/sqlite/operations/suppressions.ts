// The list of addresses that nothing is sent to any more.
import type { Suppression } from "../../store.ts";
import { suppressionKey } from "../../suppression.ts";
import type { Engine } from "../statements.ts";

export function isSuppressed({ statements, memory }: Engine, address: string): boolean {
  return memory.anySuppression && statements.isSuppressed.get(suppressionKey(address)) !== undefined;
}

export function getSuppression({ statements }: Engine, address: string): Suppression | null {
  const row = statements.getSuppression.get(suppressionKey(address));
  return row === undefined ? null : toSuppression(row);
}

export function listSuppressions(
  { statements }: Engine,
  request: { readonly limit: number; readonly after?: string },
): { readonly entries: readonly Suppression[]; readonly more: boolean } {
  const limit = Math.min(Math.max(request.limit, 1), 1000);
  const rows = statements.listSuppressions.all(suppressionKey(request.after ?? ""), limit + 1);
  return { entries: rows.slice(0, limit).map(toSuppression), more: rows.length > limit };
}

export function putSuppression({ statements, memory }: Engine, entry: Suppression): void {
  memory.suppressionsChanged();
  statements.putSuppression.run(...columns(entry));
}

/** Not over an entry that is there: what a person noted stays. */
export function addSuppression({ statements, memory }: Engine, entry: Suppression): void {
  memory.suppressionsChanged();
  statements.insertSuppression.run(...columns(entry));
}

export function deleteSuppression({ statements, memory }: Engine, address: string): boolean {
  memory.suppressionsChanged();
  return statements.deleteSuppression.run(suppressionKey(address)).changes === 1;
}

function columns({ address, reason, detail, messageId, at }: Suppression) {
  return [suppressionKey(address), reason, detail, messageId, at] as const;
}

function toSuppression(row: Readonly<Record<string, unknown>>): Suppression {
  return {
    address: row.address as string,
    reason: row.reason as Suppression["reason"],
    detail: row.detail as string,
    messageId: row.message_id as string | null,
    at: row.at as number,
  };
}
