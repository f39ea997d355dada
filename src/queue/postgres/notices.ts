// What nodes tell each other: by NOTIFY where that gets through, and by looking again and again where it does not.
import { randomUUID } from "node:crypto";
import type { Watcher } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { changesSince, revision } from "./documents.ts";

export interface NoticesOptions {
  /** Told when the way by which changes are heard of changes. */
  readonly onMode?: (mode: "notified" | "polling") => void;
  /** Milliseconds between looks while notifications arrive; 5,000 when absent. */
  readonly pollMs?: number;
  /** Milliseconds between looks while they do not; 500 when absent. */
  readonly fastPollMs?: number;
}

/** Between two notifications of one kind; milliseconds. A commit with NOTIFY takes a lock that all of the server share. */
const quiet = 100;
/** How long a notification to oneself may take, milliseconds. */
const echoWithin = 2_000;
const longestPause = 30_000;

const work = "work";
const documents = "documents";

/** The channel of a schema. */
export function channelOf(schema: string): string {
  return `postrider.${schema}`;
}

export class Notices {
  readonly #database: Database;
  readonly #options: NoticesOptions;
  readonly #watchers = new Set<Watcher>();
  readonly #told = new Map<string, NodeJS.Timeout>();
  readonly #again = new Set<string>();
  readonly #echoes = new Map<string, () => void>();
  #seen = 0;
  #listener: Connection | null = null;
  #mode: "notified" | "polling" | null = null;
  #poll: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #connect: NodeJS.Timeout | null = null;
  #connecting: Promise<void> | null = null;
  #failures = 0;
  #closed = false;

  constructor(database: Database, options: NoticesOptions = {}) {
    this.#database = database;
    this.#options = options;
  }

  /** What was written until now is known to whoever watches from now on. */
  async start(): Promise<void> {
    this.#seen = await revision(this.#database);
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1 && !this.#closed) this.#begin();
    // What came before this call and after `start` is told with the first look.
    this.#look();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) void this.#rest();
    };
  }

  /** Work was stored that is due now: the other nodes are told, after the commit and never within it. */
  workIsDue(): void {
    this.#tell(work);
  }

  documentsChanged(): void {
    this.#tell(documents);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#told.values()) clearTimeout(timer);
    this.#told.clear();
    this.#again.clear();
    this.#watchers.clear();
    await this.#rest();
    await this.#looking;
  }

  /** At once when nothing was told for a while; else when the while is over. */
  #tell(what: string): void {
    if (this.#closed) return;
    if (this.#told.has(what)) {
      this.#again.add(what);
      return;
    }
    this.#told.set(
      what,
      setTimeout(() => {
        this.#told.delete(what);
        if (this.#again.delete(what)) this.#tell(what);
      }, quiet),
    );
    this.#notify(what);
  }

  #notify(payload: string): void {
    // A notification that is lost is made up for by the other nodes' next look.
    this.#database.rows(sql.notify, [channelOf(this.#database.schema), payload]).catch(() => undefined);
  }

  #begin(): void {
    this.#schedule();
    this.#listen();
  }

  async #rest(): Promise<void> {
    if (this.#poll !== null) clearTimeout(this.#poll);
    if (this.#connect !== null) clearTimeout(this.#connect);
    this.#poll = null;
    this.#connect = null;
    await this.#connecting;
    const listener = this.#listener;
    this.#listener = null;
    this.#mode = null;
    await listener?.close();
    // Somebody came meanwhile.
    if (this.#watchers.size > 0) this.#begin();
  }

  #schedule(): void {
    if (this.#poll !== null) clearTimeout(this.#poll);
    const { pollMs = 5_000, fastPollMs = 500 } = this.#options;
    this.#poll = setTimeout(
      () => {
        this.#schedule();
        this.#hearWork();
        this.#look();
        void this.#checkListener();
      },
      this.#mode === "notified" ? pollMs : fastPollMs,
    ).unref();
  }

  #hearWork(): void {
    for (const { onWork } of this.#watchers) onWork?.();
  }

  /** Reads what was written since; one look at a time, and one more when something was heard meanwhile. */
  #look(): void {
    if (this.#closed || this.#watchers.size === 0) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#lookAgain = false;
    this.#looking = this.#read().finally(() => {
      this.#looking = null;
      if (this.#lookAgain) this.#look();
    });
  }

  async #read(): Promise<void> {
    let found: Awaited<ReturnType<typeof changesSince>>;
    try {
      found = await changesSince(this.#database, this.#seen);
    } catch {
      // The next look finds it; that the database is away, its users hear by themselves.
      return;
    }
    this.#seen = found.upTo;
    if (found.changed !== null && found.changed.length === 0) return;
    for (const { onDocuments } of this.#watchers) onDocuments?.(found.changed);
  }

  #listen(): void {
    if (this.#connecting !== null || this.#listener !== null) return;
    this.#connecting = this.#tryToListen().finally(() => {
      this.#connecting = null;
    });
  }

  async #tryToListen(): Promise<void> {
    let connection: Connection;
    try {
      connection = await this.#database.dedicated();
    } catch {
      this.#retry();
      return;
    }
    try {
      // Through a pooler LISTEN would stay behind on a connection that is given to others.
      if (connection.pooled || this.#closed || this.#watchers.size === 0) {
        this.#enter("polling");
        await connection.close();
        return;
      }
      connection.onNotification(
        (_channel, payload) => this.#heard(payload),
        () => this.#lost(connection),
      );
      await connection.run(`LISTEN "${channelOf(this.#database.schema)}"`);
      if (!(await this.#isHeard())) throw new Error("notifications do not arrive");
      if (!connection.sound) throw new Error("the connection was lost");
      this.#listener = connection;
      this.#failures = 0;
      this.#enter("notified");
      // What was told while nobody listened.
      this.#hearWork();
      this.#look();
    } catch (error) {
      connection.destroy(error instanceof Error ? error : new Error(String(error)));
      this.#retry();
    }
  }

  #retry(): void {
    this.#enter("polling");
    if (this.#closed || this.#watchers.size === 0) return;
    this.#failures += 1;
    const pause = Math.min(longestPause, 250 * 2 ** Math.min(this.#failures, 10)) * (0.5 + Math.random() / 2);
    this.#connect = setTimeout(() => this.#listen(), pause).unref();
  }

  #lost(connection: Connection): void {
    if (this.#listener !== connection) return;
    this.#listener = null;
    this.#retry();
  }

  #enter(mode: "notified" | "polling"): void {
    if (this.#mode === mode || this.#closed || this.#watchers.size === 0) return;
    this.#mode = mode;
    this.#schedule();
    this.#options.onMode?.(mode);
  }

  #heard(payload: string): void {
    if (payload === documents) this.#look();
    else if (payload.startsWith("echo ")) this.#echoes.get(payload)?.();
    else this.#hearWork();
  }

  /** A connection that hears nothing any more looks like one to which nothing is said: so it is asked. */
  async #checkListener(): Promise<void> {
    const listener = this.#listener;
    if (listener === null || (await this.#isHeard()) || this.#listener !== listener) return;
    this.#listener = null;
    listener.destroy(new Error("notifications do not arrive"));
    this.#retry();
  }

  /** Whether a notification that is sent through the pool comes back by the listening connection. */
  async #isHeard(): Promise<boolean> {
    const payload = `echo ${randomUUID()}`;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), echoWithin);
    this.#echoes.set(payload, () => resolve(true));
    this.#notify(payload);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#echoes.delete(payload);
    }
  }
}

const sql = {
  notify: { name: "notify", text: "SELECT pg_notify($1, $2)" },
};
