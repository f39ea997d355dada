// A data directory that is moved elsewhere: held, read in parts, and marked.
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Documents } from "../store.ts";
import type { Part, PartRequest, Survey } from "../transfer.ts";
import { type Mark, markDocument } from "./moved.ts";
import { startThread } from "./thread.ts";

const idDocument = { kind: "setting", name: "installation" } as const;

export interface Source {
  /** Names this installation for good; null while it has none. */
  id(): Promise<string | null>;
  /** The same; gives it one when it has none. */
  named(): Promise<string>;
  mark(): Promise<Mark | null>;
  /** On stable storage when it resolves; null takes the mark away. */
  setMark(mark: Mark | null): Promise<void>;
  readonly documents: Pick<Documents, "get" | "list">;
  survey(): Promise<Survey>;
  part(request: PartRequest): Promise<Part>;
  close(): Promise<void>;
}

/** Documents that belong to the directory itself. */
export const documentsOfDirectory = [idDocument, markDocument] as const;

/** Throws StoreError `held`, `newer-schema`, `not-a-database`, `disk-full` or `io`, each naming the directory. */
export async function openSource(directory: string): Promise<Source> {
  const thread = await startThread({
    directory: resolve(directory),
    maxPages: null,
    takeOver: false,
    moved: true,
  });
  const get = (kind: string, name: string) => thread.call("getDocument", [kind, name]);
  return {
    id: () => get(idDocument.kind, idDocument.name),
    async named() {
      const { kind, name } = idDocument;
      await thread.call("insertDocument", [kind, name, randomUUID()]);
      return (await get(kind, name))!;
    },
    async mark() {
      const body = await get(markDocument.kind, markDocument.name);
      return body === null ? null : (JSON.parse(body) as Mark);
    },
    async setMark(mark) {
      const { kind, name } = markDocument;
      if (mark === null) await thread.call("deleteDocument", [kind, name]);
      else await thread.call("putDocument", [kind, name, JSON.stringify(mark)]);
    },
    documents: { get, list: (kind) => thread.call("listDocuments", [kind]) },
    survey: () => thread.call("survey", []),
    part: (request) => thread.call("exportPart", [request]),
    close: () => thread.close(),
  };
}
