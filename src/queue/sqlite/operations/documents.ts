// Small things kept beside the queue.
import type { Engine } from "../statements.ts";

export function getDocument({ statements }: Engine, kind: string, name: string): string | null {
  return (statements.getDocument.get(kind, name)?.body as string | undefined) ?? null;
}

export function listDocuments(
  { statements }: Engine,
  kind: string,
): readonly { readonly name: string; readonly body: string }[] {
  return statements.listDocuments
    .all(kind)
    .map((row) => ({ name: row.name as string, body: row.body as string }));
}

export function putDocument({ statements }: Engine, kind: string, name: string, body: string): void {
  statements.putDocument.run(kind, name, body);
}

export function insertDocument({ statements }: Engine, kind: string, name: string, body: string): boolean {
  return statements.insertDocument.run(kind, name, body).changes === 1;
}

export function replaceDocument(
  { statements }: Engine,
  kind: string,
  name: string,
  seen: string,
  body: string,
): boolean {
  return statements.replaceDocument.run(body, kind, name, seen).changes === 1;
}

export function deleteDocument({ statements }: Engine, kind: string, name: string): boolean {
  return statements.deleteDocument.run(kind, name).changes === 1;
}
