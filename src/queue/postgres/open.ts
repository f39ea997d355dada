// The PostgreSQL engine of the queue: one schema of a database, shared by any number of nodes.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { version } from "../../version.ts";
import type { QueueStore } from "../store.ts";
import { Accepting } from "./accepting.ts";
import { databaseTime } from "./clock.ts";
import { Database } from "./database.ts";
import { openDocuments } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { type Migration, Migrator } from "./migrations.ts";
import { Notices } from "./notices.ts";
import { giveTokensBack, spentBy, takeTokens } from "./operations/budgets.ts";
import { claim, extend } from "./operations/claim.ts";
import { prune } from "./operations/prune.ts";
import { attempts, content, depth, get, list } from "./operations/read.ts";
import { holdShare, releaseShare } from "./operations/shares.ts";
import {
  cancel,
  confirm,
  reschedule,
  retry,
  type Slice,
  setBackSlice,
  unparkSlice,
} from "./operations/steer.ts";
import { openSubmissions } from "./operations/submissions.ts";
import {
  deleteSuppression,
  getSuppression,
  listSuppressions,
  putSuppression,
} from "./operations/suppressions.ts";
import { Presence } from "./presence.ts";
import { Recording } from "./recording.ts";
import { checkSchema } from "./schema.ts";
import { Streams } from "./streams.ts";

/** What people who run it should hear. */
export type PostgresEvent =
  /** How changes of other nodes are heard of. */
  | { readonly kind: "notified" }
  | { readonly kind: "polling"; readonly message: string }
  /** Something about the server that is allowed, and that one should know. */
  | { readonly kind: "unproven" | "not-durable"; readonly message: string };

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`; see address.ts and tls.ts. */
  readonly url: string;
  /** Created when it is not there and the user may. Lower-case letters, digits and `_`, at most 48. Default `postrider`. */
  readonly schema?: string;
  /** This node's name among the others, unlike all of theirs; made up when absent. */
  readonly owner?: string;
  /** Connections at most, beside one that listens. Default 8. */
  readonly connections?: number;
  /** How long a statement may run; milliseconds. Default 15,000. */
  readonly statementTimeout?: number;
  readonly onEvent?: (event: PostgresEvent) => void;
  /** Instead of this version's. */
  readonly migrations?: readonly Migration[];
}

/** Throws StoreError `unreachable`, `denied`, `read-only`, `newer-schema`, `not-a-database` or `io`. */
export async function openPostgresStore(options: PostgresOptions): Promise<QueueStore> {
  const schema = options.schema ?? "postrider";
  checkSchema(schema);
  const { url, connections, statementTimeout, onEvent = () => undefined } = options;
  const owner = options.owner ?? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const database = new Database({
    url,
    schema,
    ...(connections === undefined ? {} : { connections }),
    ...(statementTimeout === undefined ? {} : { statementTimeout }),
  });
  const node = { owner, host: hostname(), pid: process.pid, version };
  const migrator = new Migrator(database, node, options.migrations);
  const notices = new Notices(database, {
    onMode: (mode) =>
      onEvent(
        mode === "notified"
          ? { kind: mode }
          : {
              kind: mode,
              message: `Notifications of PostgreSQL at ${database.address.where} do not arrive; what other nodes do is looked for every half second.`,
            },
      ),
  });
  let presence: Presence;
  try {
    const { left } = await migrator.migrate();
    await notices.start();
    presence = new Presence(database, migrator, left);
  } catch (error) {
    await database.close();
    throw error;
  }
  for (const event of database.remarks()) onEvent(event);

  let leases = 0;
  const epoch = randomUUID();
  const engine: Engine = {
    database,
    notices,
    streams: new Streams(),
    owner,
    newLease: () => `${epoch}:${(++leases).toString(36)}`,
    pause: (duration) => pause(duration),
  };
  return assemble(engine, presence);
}

function assemble(engine: Engine, presence: Presence): QueueStore {
  const { database, notices } = engine;
  const accepting = new Accepting(engine);
  const recording = new Recording(engine);
  /** What may have become due by it is told to the other nodes. */
  const told = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    notices.workIsDue();
    return result;
  };
  let closing: Promise<void> | null = null;

  return {
    accept: (messages) => told(accepting.accept(messages)),
    claim: (request) => claim(engine, request),
    extend: (claims, until) => extend(engine, claims, until),
    record: (records) => recording.record(records),
    get: (id) => get(engine, id),
    content: (id) => content(engine, id),
    attempts: (id) => attempts(engine, id),
    list: (request) => list(engine, request),
    retry: (id, now) => told(retry(engine, id, now)),
    cancel: (id, now) => cancel(engine, id, now),
    confirm: (id, now) => confirm(engine, id, now),
    reschedule: (id, notBefore, expiresAt) => told(reschedule(engine, id, notBefore, expiresAt)),
    unpark: (route, now) => told(inSlices((from) => unparkSlice(engine, route, now, from))),
    clockSetBack: (now) => told(inSlices((from) => setBackSlice(engine, now, from))),
    prune: (request) => prune(engine, request),
    // The server's own vacuum does it.
    compact: () => Promise.resolve({ more: false }),
    depth: () => depth(engine),
    suppressions: {
      get: (address) => getSuppression(engine, address),
      list: (request) => listSuppressions(engine, request),
      put: (entry) => putSuppression(engine, entry),
      delete: (address) => deleteSuppression(engine, address),
    },
    budgets: {
      take: (request) => takeTokens(engine, request),
      giveBack: (returned) => giveTokensBack(engine, returned),
      spent: (account, now) => spentBy(engine, account, now),
    },
    shares: {
      hold: (request) => holdShare(engine, request),
      release: (given) => releaseShare(engine, given),
    },
    submissions: openSubmissions(engine),
    documents: openDocuments(database, () => notices.documentsChanged()),
    watch: (watcher) => notices.watch(watcher),
    time: () => databaseTime(database),
    close() {
      closing ??= (async () => {
        await accepting.close();
        await notices.close();
        await presence.stop();
        await database.close();
      })();
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
