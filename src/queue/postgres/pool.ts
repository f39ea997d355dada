// Connections kept and lent: no more than so many, first come first served.
import { StoreError } from "../store.ts";
import type { Address } from "./address.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";
import { codeOf } from "./failure.ts";

const tooManyConnections = "53300";
/** What nobody needs for so long is closed. Milliseconds. */
const idleLimit = 60_000;
/** How long `close` waits for what is under way. Milliseconds. */
const patience = 5_000;

interface Waiter {
  readonly take: (connection: Connection) => void;
  readonly fail: (error: unknown) => void;
}

export class Pool {
  readonly #settings: ConnectionSettings;
  readonly #limit: number;
  readonly #waiting = new Set<Waiter>();
  readonly #lent = new Set<Connection>();
  readonly #sweep: NodeJS.Timeout;
  #idle: Connection[] = [];
  #opening = 0;
  #encrypted = true;
  #durable = true;
  #closed: { readonly done: Promise<void>; readonly check: () => void } | null = null;

  constructor(settings: ConnectionSettings, limit: number) {
    this.#settings = settings;
    this.#limit = limit;
    this.#sweep = setInterval(() => this.#closeIdle(), idleLimit / 2).unref();
  }

  get address(): Address {
    return this.#settings.address;
  }

  /** Whether all connections so far went over TLS. */
  get encrypted(): boolean {
    return this.#encrypted;
  }

  /** Whether all servers so far put commits on stable storage. */
  get durable(): boolean {
    return this.#durable;
  }

  /** Waits at most as long as a statement may take. */
  async take(): Promise<Connection> {
    if (this.#closed !== null) throw closed();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) break;
      if (connection.sound) return this.#lend(connection);
    }
    if (this.#lent.size + this.#opening >= this.#limit) return await this.#wait();
    try {
      return await this.#open();
    } catch (error) {
      // A server that has no more places for us than we hold already, or are about to: one of those will be given back.
      if (codeOf(error) === tooManyConnections && this.#lent.size + this.#opening > 0)
        return await this.#wait();
      throw error;
    }
  }

  /** What is not sound any more is thrown away, and those that lie idle with it: what befell one befell them. */
  give(connection: Connection): void {
    this.#lent.delete(connection);
    if (!connection.sound) {
      this.#throwIdleAway();
      connection.destroy(new Error("the connection is not sound"));
      this.#replace();
    } else if (this.#closed !== null) {
      void closeQuietly(connection);
    } else {
      const [next] = this.#waiting;
      if (next === undefined) {
        connection.idleSince = performance.now();
        this.#idle.push(connection);
      } else {
        this.#waiting.delete(next);
        next.take(connection);
      }
    }
    this.#closed?.check();
  }

  /** Lets what is under way end, for some seconds. */
  close(): Promise<void> {
    if (this.#closed !== null) return this.#closed.done;
    clearInterval(this.#sweep);
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      if (this.#lent.size + this.#opening === 0) resolve();
    };
    for (const waiter of this.#waiting) waiter.fail(closed());
    this.#waiting.clear();
    const idle = this.#idle;
    this.#idle = [];
    const timer = setTimeout(() => {
      for (const connection of this.#lent) connection.destroy(closed());
    }, patience);
    const done = Promise.all([promise, ...idle.map(closeQuietly)]).then(() => clearTimeout(timer));
    this.#closed = { done, check };
    check();
    return done;
  }

  #lend(connection: Connection): Connection {
    this.#lent.add(connection);
    return connection;
  }

  /** A new one, lent. */
  async #open(): Promise<Connection> {
    this.#opening += 1;
    try {
      const connection = await Connection.open(this.#settings);
      this.#encrypted &&= connection.encrypted;
      this.#durable &&= connection.durable;
      if (this.#closed === null) return this.#lend(connection);
      await closeQuietly(connection);
      throw closed();
    } catch (error) {
      // With none lent and no other on its way, those who wait would wait for nothing.
      if (this.#lent.size === 0 && this.#opening === 1) {
        for (const waiter of this.#waiting) waiter.fail(error);
        this.#waiting.clear();
      }
      throw error;
    } finally {
      this.#opening -= 1;
      this.#closed?.check();
    }
  }

  #wait(): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const limit = this.#settings.statementTimeout;
    const timer = setTimeout(() => {
      this.#waiting.delete(waiter);
      reject(
        new StoreError(
          "unreachable",
          `All ${this.#limit} connections to PostgreSQL at ${this.address.where} were busy for ${limit} ms. Look whether it is overloaded or something holds a lock.`,
        ),
      );
    }, limit);
    const waiter: Waiter = {
      take: (connection) => {
        clearTimeout(timer);
        resolve(this.#lend(connection));
      },
      fail: (error) => {
        clearTimeout(timer);
        reject(error);
      },
    };
    this.#waiting.add(waiter);
    return promise;
  }

  /** A place became free without a connection to go with it. */
  #replace(): void {
    if (this.#waiting.size === 0 || this.#closed !== null) return;
    this.#open().then(
      (connection) => this.give(connection),
      // Those who waited were told, or go on waiting for one that is lent.
      () => undefined,
    );
  }

  #throwIdleAway(): void {
    for (const connection of this.#idle) void closeQuietly(connection);
    this.#idle = [];
  }

  #closeIdle(): void {
    const before = performance.now() - idleLimit;
    const kept = this.#idle.filter((connection) => connection.sound && connection.idleSince > before);
    for (const connection of this.#idle) if (!kept.includes(connection)) void closeQuietly(connection);
    this.#idle = kept;
  }
}

/** A connection that is already gone cannot be taken leave of. */
async function closeQuietly(connection: Connection): Promise<void> {
  await connection.close().catch((error: Error) => connection.destroy(error));
}

function closed(): StoreError {
  return new StoreError("closed", "The queue is closed.");
}
