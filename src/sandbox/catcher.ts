// Keeps the mail that the sandbox is given, for people and tests to read. It is a catcher, not a queue:
// the newest mail counts, old mail makes room, and nothing is synced to disk.
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { headerFields, unfoldedField } from "./header.ts";
import { type ParsedAttachment, type ParsedMessage, parseSource } from "./parsed.ts";

export interface CatcherOptions {
  /** A file, or `:memory:`, which is the default. */
  readonly path?: string;
  /** The newest so many are kept. Default 1,000. */
  readonly maxMessages?: number;
  /** Of all content together. Default 512 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface NewMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: Buffer;
}

export interface CaughtSummary {
  /** Later messages have greater numbers; none is used twice. */
  readonly id: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** Decoded; empty when there is none. */
  readonly subject: string;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export type CaughtMessage = CaughtSummary & ParsedMessage;

export interface WaitOptions {
  /** Milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  /** Only messages later than this one count; default: later than the newest at the time of asking. */
  readonly after?: string;
  readonly matches?: (message: CaughtSummary) => boolean;
  readonly signal?: AbortSignal;
}

const schemaVersion = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    size INTEGER NOT NULL,
    source BLOB NOT NULL
  ) STRICT;
`;

const summaryColumns = "id, received_at, sender, recipients, subject, size";

export class Catcher implements Disposable {
  readonly #database: DatabaseSync;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #listeners = new Set<(message: CaughtSummary) => void>();
  readonly #statements: ReturnType<typeof prepare>;
  /** What is kept, as far as this process knows: counting it anew for each message would cost more than keeping it. */
  #messages = 0;
  #bytes = 0;
  #closed = false;

  /** Opens or creates the file. @throws with its name when it is no database, a newer one, or cannot be written. */
  constructor(options: CatcherOptions = {}) {
    this.#maxMessages = Math.max(1, options.maxMessages ?? 1_000);
    this.#maxBytes = options.maxBytes ?? 512 * 1024 * 1024;
    this.#now = options.now ?? Date.now;
    this.#database = open(options.path ?? ":memory:");
    this.#statements = prepare(this.#database);
    this.#count();
  }

  /** Keeps a message and makes room for it. @throws when the disk is full, or it alone is over the limit. */
  add(message: NewMessage): CaughtSummary {
    const size = message.source.length;
    if (size > this.#maxBytes)
      throw new RangeError(`a message of ${size} bytes is over the ${this.#maxBytes} the sandbox keeps`);
    const subject = unfoldedField(headerFields(message.source), "subject") ?? "";
    const receivedAt = this.#now();
    const { lastInsertRowid } = this.#statements.add.run(
      receivedAt,
      message.from,
      JSON.stringify(message.to),
      subject,
      size,
      message.source,
    );
    this.#messages++;
    this.#bytes += size;
    this.#makeRoom();
    const summary: CaughtSummary = {
      id: String(lastInsertRowid),
      envelope: { from: message.from, to: [...message.to] },
      subject,
      size,
      receivedAt: new Date(receivedAt).toISOString(),
    };
    for (const listener of [...this.#listeners]) listener(summary);
    return summary;
  }

  /** Newest first. */
  list(limit = 100): readonly CaughtSummary[] {
    return this.#statements.list.all(limit).map(toSummary);
  }

  /** Parsed; null when it is not (or no longer) here. */
  async get(id: string): Promise<CaughtMessage | null> {
    const row = isId(id) ? this.#statements.summary.get(id) : undefined;
    const source = this.source(id);
    if (row === undefined || source === null) return null;
    return { ...toSummary(row), ...(await parseSource(source)).message };
  }

  /** The bytes as they came. */
  source(id: string): Buffer | null {
    const row = isId(id) ? this.#statements.source.get(id) : undefined;
    return row === undefined ? null : Buffer.from(row.source as Uint8Array);
  }

  /** By its index in `attachments` of `get`. */
  async attachment(
    id: string,
    index: number,
  ): Promise<(ParsedAttachment & { readonly content: Buffer }) | null> {
    const source = this.source(id);
    if (source === null) return null;
    const parsed = await parseSource(source);
    const attachment = parsed.message.attachments[index];
    const content = parsed.contents[index];
    return attachment === undefined || content === undefined ? null : { ...attachment, content };
  }

  /** Whether there was one. */
  delete(id: string): boolean {
    const found = isId(id) && Number(this.#statements.delete.run(id).changes) > 0;
    if (found) this.#count();
    return found;
  }

  /** How many there were. */
  clear(): number {
    const deleted = Number(this.#statements.clear.run().changes);
    this.#database.exec("PRAGMA incremental_vacuum");
    this.#count();
    return deleted;
  }

  /** Calls `listener` with each message as it is caught; returns how to stop that. */
  onMessage(listener: (message: CaughtSummary) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next message, or the first one after `after`. @throws when the time is over or the signal comes. */
  async next(options: WaitOptions = {}): Promise<CaughtSummary> {
    const { matches = () => true, timeoutMs = 30_000, signal } = options;
    const after = options.after ?? String(this.#statements.newest.get()?.id ?? 0);
    if (!isId(after)) throw new TypeError(`"${after}" is not the id of a caught message`);
    const already = this.#statements.after.all(after).map(toSummary).find(matches);
    if (already !== undefined) return already;
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        stop();
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      const stop = this.onMessage((message) => {
        if (matches(message)) finish(() => resolve(message));
      });
      const timer = setTimeout(
        () => finish(() => reject(new Error(`no such message came within ${timeoutMs} ms`))),
        timeoutMs,
      );
      const abort = () => finish(() => reject(signal?.reason));
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #makeRoom() {
    while (this.#messages > 1 && (this.#messages > this.#maxMessages || this.#bytes > this.#maxBytes)) {
      const dropped = this.#statements.dropOldest.get();
      // Another process may have cleared the file.
      if (dropped === undefined) return this.#count();
      this.#messages--;
      this.#bytes -= Number(dropped.size);
    }
  }

  #count() {
    const total = this.#statements.total.get();
    this.#messages = Number(total?.messages ?? 0);
    this.#bytes = Number(total?.bytes ?? 0);
  }
}

function prepare(database: DatabaseSync) {
  return {
    add: database.prepare(
      "INSERT INTO message (received_at, sender, recipients, subject, size, source) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    total: database.prepare("SELECT count(*) AS messages, coalesce(sum(size), 0) AS bytes FROM message"),
    dropOldest: database.prepare(
      "DELETE FROM message WHERE id = (SELECT min(id) FROM message) RETURNING size",
    ),
    list: database.prepare(`SELECT ${summaryColumns} FROM message ORDER BY id DESC LIMIT ?`),
    summary: database.prepare(`SELECT ${summaryColumns} FROM message WHERE id = ?`),
    source: database.prepare("SELECT source FROM message WHERE id = ?"),
    after: database.prepare(`SELECT ${summaryColumns} FROM message WHERE id > ? ORDER BY id`),
    newest: database.prepare(
      "SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence WHERE name = 'message'",
    ),
    delete: database.prepare("DELETE FROM message WHERE id = ?"),
    clear: database.prepare("DELETE FROM message"),
  };
}

/** Readable for the owner alone: caught mail holds links and codes like any other mail. */
function open(path: string): DatabaseSync {
  let database: DatabaseSync | null = null;
  try {
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    database = new DatabaseSync(path);
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
    if (version > schemaVersion) throw new Error(`it was written by a newer version (${version})`);
    // Losing caught mail in a power cut harms nobody; waiting for the disk would slow every test.
    database.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = OFF;
      PRAGMA busy_timeout = 5000;
      ${schema}
      PRAGMA user_version = ${schemaVersion};
    `);
    return database;
  } catch (cause) {
    database?.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the sandbox's mail in ${path} cannot be opened: ${why}`, { cause });
  }
}

function isId(id: string): boolean {
  return /^\d{1,15}$/.test(id);
}

function toSummary(row: Record<string, unknown>): CaughtSummary {
  return {
    id: String(row.id),
    envelope: { from: String(row.sender), to: JSON.parse(String(row.recipients)) as string[] },
    subject: String(row.subject),
    size: Number(row.size),
    receivedAt: new Date(Number(row.received_at)).toISOString(),
  };
}
