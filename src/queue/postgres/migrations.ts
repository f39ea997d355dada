// Brings a database to this version's schema while older nodes go on working on it: expand first, contract when they are gone.
import { StoreError } from "../store.ts";
import type { Database, Rows, Session } from "./database.ts";
import { documentTables } from "./migrations/documents.ts";
import { queueTables } from "./migrations/queue.ts";
import { submissionTables } from "./migrations/submissions.ts";

/** A step that was released never changes. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** One statement or several; unqualified names lead into the schema. */
  readonly text: string;
  /**
   * The oldest schema version whose nodes can work on the result. A step that raises it takes something away from older
   * nodes: it waits until none of them is alive, and nothing of this version may need it done.
   */
  readonly compatibleFrom: number;
  /**
   * Name of an index that `text`, a single `CREATE INDEX CONCURRENTLY`, builds outside any transaction while everybody
   * works; `{schema}` in it stands for the schema. Nothing of this version may need it done.
   */
  readonly concurrently?: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, name: "queue", text: `${queueTables}\n${documentTables}`, compatibleFrom: 1 },
  { version: 2, name: "submissions", text: submissionTables, compatibleFrom: 1 },
];

/** A node that was not heard of for so long is dead, or finds out when it wakes that it is too old. Milliseconds. */
export const deadAfter = 30_000;

/** Waiting for another node's migration, and long changes of large tables. Milliseconds. */
const migrationTimeout = 10 * 60_000;

export interface Node {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** Of the software, for people. */
  readonly version: string;
}

export class Migrator {
  readonly #database: Database;
  readonly #list: readonly Migration[];
  readonly #node: Node;

  constructor(database: Database, node: Node, list: readonly Migration[] = migrations) {
    this.#database = database;
    this.#node = node;
    this.#list = list;
  }

  /** Of this software. */
  get version(): number {
    return this.#list.at(-1)!.version;
  }

  /**
   * Applies what can be applied now and registers the node, in one transaction that one node at a time is in; whether
   * steps are left for `finish`. Throws StoreError `newer-schema` when this version cannot work on what is there.
   */
  async migrate(): Promise<{ readonly left: boolean }> {
    const applied = await this.#locked(async (session) => {
      await createTable(session, this.#database.schema);
      const known = await this.#known(session);
      const done = await this.#apply(session, known);
      await this.register(session);
      return done;
    });
    return { left: applied.size < this.#list.length };
  }

  /** Applies what had to wait for older nodes, and builds indexes; whether something is still left. */
  async finish(): Promise<{ readonly left: boolean }> {
    const applied = await this.#locked(
      async (session) => await this.#apply(session, await this.#known(session)),
    );
    for (const step of this.#list) {
      if (step.concurrently === undefined || applied.has(step.version)) continue;
      if (await this.#build(step, step.concurrently)) applied.add(step.version);
    }
    return { left: applied.size < this.#list.length };
  }

  /** Tells that the node is alive. Throws StoreError `newer-schema` when the database has become too new for it meanwhile. */
  async beat(): Promise<void> {
    await this.#database.transaction(
      async (session) => {
        await this.register(session);
        await this.#known(session);
      },
      { durable: false },
    );
  }

  async register(session: Session): Promise<void> {
    const { owner, host, pid, version } = this.#node;
    await session.rows(sql.register, [owner, this.version, host, pid, version]);
  }

  /** The node stops: nobody has to wait for it. */
  async leave(): Promise<void> {
    await this.#database.rows(sql.leave, [this.#node.owner]);
  }

  #locked<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#database.transaction(
      async (session) => {
        await session.rows(sql.lock, [`postrider ${this.#database.schema}`]);
        return await work(session);
      },
      { statementTimeout: migrationTimeout },
    );
  }

  /** The versions that are applied. */
  async #known(session: Session): Promise<Set<number>> {
    const rows = await session.rows<{ readonly version: number; readonly compatible_from: number }>(
      sql.versions,
      [],
    );
    const needed = Math.max(0, ...rows.map((row) => row.compatible_from));
    if (needed > this.version) {
      const newest = Math.max(...rows.map((row) => row.version));
      throw new StoreError(
        "newer-schema",
        `The schema ${this.#database.schema} in PostgreSQL at ${this.#database.address.where} has version ${newest}, which needs at least version ${needed}; this Postrider knows version ${this.version}. Use the newer Postrider that wrote it.`,
      );
    }
    return new Set(rows.map(({ version }) => version));
  }

  async #apply(session: Session, applied: Set<number>): Promise<Set<number>> {
    // An empty schema has nobody to wait for and nothing that takes long.
    const empty = applied.size === 0;
    const alive = empty ? Number.POSITIVE_INFINITY : await this.#oldestAlive(session);
    for (const step of this.#list) {
      const later = alive < step.compatibleFrom || (step.concurrently !== undefined && !empty);
      if (applied.has(step.version) || later) continue;
      await session.run(
        step.concurrently === undefined ? step.text : this.#textOf(step).replace(" CONCURRENTLY", ""),
      );
      await this.#note(session, step);
      applied.add(step.version);
    }
    return applied;
  }

  async #oldestAlive(session: Session): Promise<number> {
    const [oldest] = await session.rows<{ readonly version: number | null }>(sql.oldest, [
      deadAfter,
      this.#node.owner,
    ]);
    return oldest?.version ?? Number.POSITIVE_INFINITY;
  }

  #textOf({ text }: Migration): string {
    return text.replaceAll("{schema}", `"${this.#database.schema}"`);
  }

  async #note(session: Rows, { version, name, compatibleFrom }: Migration): Promise<void> {
    await session.rows(sql.note, [version, name, compatibleFrom]);
  }

  /**
   * No lock is held meanwhile: the build waits for every transaction that is older, and those that wait for the lock are.
   * Whether the index is there and whole.
   */
  async #build(step: Migration, index: string): Promise<boolean> {
    const state = async () =>
      (
        await this.#database.rows<{ readonly valid: boolean; readonly building: boolean }>(sql.index, [
          this.#database.schema,
          index,
        ])
      )[0];
    const before = await state();
    if (before?.valid !== true) {
      if (before?.building === true) return false;
      await this.#database.alone(async (connection) => {
        const schema = `"${this.#database.schema}"`;
        // What is set behind a pooler would be set for others.
        if (!connection.pooled) await connection.run(`SET statement_timeout = ${migrationTimeout}`);
        // What a build that was broken off has left serves nobody.
        if (before !== undefined) {
          await connection.run(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}."${index}"`, migrationTimeout);
        }
        await connection.run(this.#textOf(step), migrationTimeout);
      });
      if ((await state())?.valid !== true) return false;
    }
    await this.#note(this.#database, step);
    return true;
  }
}

async function createTable(session: Session, schema: string): Promise<void> {
  // Asked first: who may not create schemas may use one that is there.
  const [there] = await session.rows(sql.schema, [schema]);
  if (there === undefined) await session.run(`CREATE SCHEMA "${schema}"`);
  await session.run(`CREATE TABLE IF NOT EXISTS schema_versions (
    version integer PRIMARY KEY,
    name text NOT NULL,
    compatible_from integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  )`);
}

const clock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const sql = {
  lock: { name: "lock_schema", text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))" },
  schema: { name: "find_schema", text: "SELECT 1 FROM pg_namespace WHERE nspname = $1" },
  versions: { name: "list_versions", text: "SELECT version, compatible_from FROM schema_versions" },
  note: {
    name: "note_version",
    text: `INSERT INTO schema_versions (version, name, compatible_from) VALUES ($1, $2, $3)
      ON CONFLICT (version) DO NOTHING`,
  },
  oldest: {
    name: "oldest_node",
    text: `SELECT min(schema_version) AS version FROM nodes WHERE seen_at > ${clock} - $1::bigint AND owner <> $2`,
  },
  register: {
    name: "register_node",
    text: `INSERT INTO nodes (owner, schema_version, seen_at, host, pid, version) VALUES ($1, $2, ${clock}, $3, $4, $5)
      ON CONFLICT (owner) DO UPDATE SET schema_version = excluded.schema_version, seen_at = excluded.seen_at`,
  },
  leave: { name: "leave_node", text: "DELETE FROM nodes WHERE owner = $1" },
  index: {
    name: "find_index",
    text: `SELECT i.indisvalid AS valid, EXISTS (
        SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid
      ) AS building
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
  },
};
