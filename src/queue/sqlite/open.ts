// The SQLite engine of the queue: one file in a data directory that one process holds.
import { resolve } from "node:path";
import { bytesOf, createRoom, defaultRoom } from "../room.ts";
import { type QueueStore, StoreError } from "../store.ts";
import type { Slice } from "./operations/steer.ts";
import { MemoryShares } from "./shares.ts";
import { startThread } from "./thread.ts";

export interface SqliteOptions {
  /** Created with mode 0700 when it is not there. */
  readonly directory: string;
  /** Largest size of the database in pages of 4096 bytes; no limit but the disk when absent. */
  readonly maxPages?: number;
  /**
   * Leases left from before end at once instead of running out. Right wherever every worker lives in the process
   * that opens the store: the directory has one holder, so whoever held them is dead. Default false.
   */
  readonly takeOver?: boolean;
  /** Bytes of messages that may wait to be written; beyond it `accept` waits for room. 64 MiB when absent. */
  readonly maxPendingBytes?: number;
}

/** Throws StoreError `held`, `newer-schema`, `not-a-database`, `disk-full` or `io`, each naming the directory. */
export async function openSqliteStore(options: SqliteOptions): Promise<QueueStore> {
  const thread = await startThread({
    directory: resolve(options.directory),
    maxPages: options.maxPages ?? null,
    takeOver: options.takeOver ?? false,
  });
  const pending = createRoom(options.maxPendingBytes ?? defaultRoom);
  const shares = new MemoryShares();
  let closing: Promise<void> | null = null;

  return {
    async accept(messages) {
      const bytes = bytesOf(messages);
      const room = pending.take(bytes);
      if (room !== null) await room;
      try {
        return await thread.call("accept", [messages]);
      } finally {
        pending.give(bytes);
      }
    },
    claim: (request) => thread.call("claim", [request]),
    extend: (claims, until) => thread.call("extend", [claims.map(({ id, lease }) => ({ id, lease })), until]),
    record: (records) => thread.call("record", [records]),
    get: (id) => thread.call("get", [id]),
    content: (id) => thread.call("content", [id]),
    attempts: (id) => thread.call("attempts", [id]),
    list: (request) => thread.call("list", [request]),
    retry: (id, now) => thread.call("retry", [id, now]),
    cancel: (id, now) => thread.call("cancel", [id, now]),
    reschedule: (id, notBefore, expiresAt) => thread.call("reschedule", [id, notBefore, expiresAt]),
    confirm: (id, now) => thread.call("confirm", [id, now]),
    unpark: (route, now) => inSlices((from) => thread.call("unparkSlice", [route, now, from])),
    clockSetBack: (now) => inSlices((from) => thread.call("setBackSlice", [now, from])),
    prune: (request) => thread.call("prune", [request]),
    compact: () => thread.call("compact", []),
    depth: () => thread.call("depth", []),
    suppressions: {
      get: (address) => thread.call("getSuppression", [address]),
      list: (request) => thread.call("listSuppressions", [request]),
      put: (entry) => thread.call("putSuppression", [entry]),
      delete: (address) => thread.call("deleteSuppression", [address]),
    },
    budgets: {
      take: (request) => thread.call("takeTokens", [request]),
      giveBack: (returned) => thread.call("giveTokensBack", [returned]),
      spent: (account, now) => thread.call("spentBy", [account, now]),
    },
    documents: {
      get: (kind, name) => thread.call("getDocument", [kind, name]),
      list: (kind) => thread.call("listDocuments", [kind]),
      put: (kind, name, body) => thread.call("putDocument", [kind, name, body]),
      insert: (kind, name, body) => thread.call("insertDocument", [kind, name, body]),
      replace: (kind, name, seen, body) => thread.call("replaceDocument", [kind, name, seen, body]),
      delete: (kind, name) => thread.call("deleteDocument", [kind, name]),
    },
    shares,
    submissions: null,
    // Whoever changes something is in this process, and was told.
    watch: () => () => undefined,
    time: () => Promise.resolve(null),
    close() {
      shares.close();
      pending.close(new StoreError("closed", "The queue is closed."));
      closing ??= thread.close();
      return closing;
    },
  };
}

/** A long task a slice at a time, so that others' calls come between. */
async function inSlices(slice: (from: number) => Promise<Slice>): Promise<number> {
  let moved = 0;
  let from: number | null = 0;
  while (from !== null) {
    const done: Slice = await slice(from);
    moved += done.moved;
    from = done.next;
  }
  return moved;
}
