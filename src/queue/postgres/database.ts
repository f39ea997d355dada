// Statements and transactions on a pool of connections; every failure comes out as a StoreError.
import { setTimeout as wait } from "node:timers/promises";
import { StoreError } from "../store.ts";
import { type Address, readAddress } from "./address.ts";
import { Connection, type ConnectionSettings, type Statement } from "./connection.ts";
import { codeOf, isForeignPlan, isRetryable, leavesConnectionSound, toStoreError } from "./failure.ts";
import { Pool } from "./pool.ts";

export type { Statement } from "./connection.ts";

export interface DatabaseOptions {
  /** `postgres://user:password@host:5432/database?sslmode=…`; see address.ts and tls.ts. */
  readonly url: string;
  /** Where unqualified names of tables lead. */
  readonly schema: string;
  /** Connections at most; 8 when absent. */
  readonly connections?: number;
  /** How long a statement may run; milliseconds, 15,000 when absent. */
  readonly statementTimeout?: number;
}

/** Whatever answers a statement: the database by itself, or a transaction. */
export interface Rows {
  rows<R>(statement: Statement, values: readonly unknown[]): Promise<readonly R[]>;
}

/** A transaction that is open. */
export interface Session extends Rows {
  /** Statements without values, several with `;` between; for changes of the schema. */
  run(text: string): Promise<void>;
}

export interface TransactionOptions {
  /** Whether it is on stable storage when it resolves. Default true. */
  readonly durable?: boolean;
  /** How long a statement of it may run; milliseconds. The database's own when absent. */
  readonly statementTimeout?: number;
}

/** A whole transaction is tried so many times when the server ends it for others' sake. */
const tries = 6;

const transactionAborted = "25P02";

export class Database implements Rows {
  readonly address: Address;
  readonly schema: string;
  readonly #pool: Pool;
  readonly #settings: ConnectionSettings;
  /** A pooler that hides itself is known by what becomes of prepared statements. */
  #prepares = true;
  #refusal: StoreError | null = null;
  readonly #alone = new Set<Connection>();

  /** Connects with the first call. @throws StoreError `denied` when the URL cannot be used. */
  constructor(options: DatabaseOptions) {
    this.address = readAddress(options.url);
    this.schema = options.schema;
    this.#settings = {
      address: this.address,
      schema: options.schema,
      statementTimeout: options.statementTimeout ?? 15_000,
    };
    this.#pool = new Pool(this.#settings, options.connections ?? 8);
  }

  /** One statement by itself. Throws StoreError. */
  rows<R>(statement: Statement, values: readonly unknown[]): Promise<readonly R[]> {
    return this.#attempt(async (connection) => {
      const named = this.#prepares && !connection.pooled;
      if (!connection.pooled) return await connection.rows<R>(statement, values, named);
      const [begun, rows, ended] = await Promise.allSettled([
        connection.run(connection.begin({})),
        connection.rows<R>(statement, values, false),
        // After a failed statement it rolls back.
        connection.commit(),
      ]);
      if (begun.status === "rejected") throw begun.reason;
      if (rows.status === "rejected") throw rows.reason;
      if (ended.status === "rejected") throw ended.reason;
      return rows.value;
    });
  }

  /**
   * BEGIN, `work`, COMMIT on one connection; ROLLBACK when `work` throws. `work` is run again when the server ended the
   * transaction for others' sake (a deadlock, a serialization failure), and so does nothing but ask the session.
   * `durable: false`: a power cut may forget it. Throws StoreError, or what `work` threw; when the connection was lost
   * during COMMIT nobody knows whether it was kept.
   */
  transaction<T>(work: (session: Session) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.#attempt(async (connection) => {
      const named = this.#prepares && !connection.pooled;
      // Goes out in front of the first statement, which does not wait for the answer.
      const begun = connection.run(connection.begin(options));
      begun.catch(() => undefined);
      let open = true;
      let first: unknown = null;
      const session: Session = {
        async rows<R>(statement: Statement, values: readonly unknown[]) {
          if (!open) throw new Error(`${statement.name} came after the end of its transaction`);
          const { statementTimeout } = options;
          try {
            const [, rows] = await Promise.all([
              begun,
              connection.rows<R>(statement, values, named, statementTimeout),
            ]);
            return rows;
          } catch (error) {
            first ??= error;
            throw error;
          }
        },
        async run(text) {
          await Promise.all([begun, connection.run(text, options.statementTimeout)]);
        },
      };
      try {
        const result = await work(session);
        await begun;
        open = false;
        await connection.commit();
        return result;
      } catch (error) {
        open = false;
        if (connection.sound)
          await connection.run("ROLLBACK").catch((lost: Error) => connection.destroy(lost));
        // Of statements under way together, those behind the one that failed say only that one did.
        throw codeOf(error) === transactionAborted ? (first ?? error) : error;
      }
    });
  }

  /** A connection of the caller's own beside the pool; he closes it. Throws StoreError. */
  async dedicated(): Promise<Connection> {
    try {
      return await Connection.open(this.#settings);
    } catch (error) {
      throw toStoreError(error, this.address.where);
    }
  }

  /** Work on a connection of its own, outside any transaction. Throws StoreError, or what `work` threw. */
  async alone<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.dedicated();
    this.#alone.add(connection);
    try {
      return await work(connection);
    } catch (error) {
      throw toStoreError(error, this.address.where);
    } finally {
      this.#alone.delete(connection);
      await connection.close();
    }
  }

  /** What people should know of the server, by what the connections so far have shown. */
  remarks(): readonly { readonly kind: "unproven" | "not-durable"; readonly message: string }[] {
    const { where, tls } = this.address;
    const remarks: ReturnType<Database["remarks"]>[number][] = [];
    if (!tls.proven) {
      remarks.push({
        kind: "unproven",
        message: `The connection to PostgreSQL at ${where} ${this.#pool.encrypted ? "is encrypted, but nothing proves that it is the right server" : "is in clear"}; sslmode=verify-full in the database URL would change that.`,
      });
    }
    if (!this.#pool.durable) {
      remarks.push({
        kind: "not-durable",
        message: `PostgreSQL at ${where} runs with fsync = off: a power cut there can lose what was accepted.`,
      });
    }
    return remarks;
  }

  /** From now on every call fails with this. */
  refuse(error: StoreError): void {
    this.#refusal = error;
  }

  /** Lets what is under way end, for some seconds; work on connections of its own is broken off. */
  close(): Promise<void> {
    for (const connection of this.#alone) {
      connection.destroy(new StoreError("closed", "The queue is closed."));
    }
    return this.#pool.close();
  }

  async #attempt<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#refusal !== null) throw this.#refusal;
      try {
        return await this.#once(work);
      } catch (error) {
        const foreign = isForeignPlan(error);
        if (foreign) this.#prepares = false;
        if (attempt === tries || !(foreign || isRetryable(error)))
          throw toStoreError(error, this.address.where);
        await wait(Math.random() * 20 * attempt);
      }
    }
  }

  async #once<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#pool.take();
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof Error && "code" in error && !leavesConnectionSound(error))
        connection.destroy(error);
      throw error;
    } finally {
      this.#pool.give(connection);
    }
  }
}
