// One connection to PostgreSQL: set up once, bounded in every wait, and thrown away when anything about it is in doubt.
import { Socket } from "node:net";
import pg from "pg";
import { StoreError } from "../store.ts";
import type { Address } from "./address.ts";

/** What is sent to the server. */
export interface Statement {
  /** Under which it is prepared, once for each connection; at most 63 bytes. */
  readonly name: string;
  readonly text: string;
}

export interface BeginOptions {
  readonly durable?: boolean;
  readonly statementTimeout?: number;
}

export interface ConnectionSettings {
  readonly address: Address;
  readonly schema: string;
  /** How long a statement may run there; milliseconds. */
  readonly statementTimeout: number;
}

/** How much longer than the server the client waits before it takes a silent connection for dead, at most. Milliseconds. */
const grace = 3_000;
const patienceFor = (timeout: number) => timeout + Math.min(timeout, grace);
/** A transaction that its client has forgotten is ended by the server. Milliseconds. */
const idleInTransaction = 30_000;

/** Oldest version that is supported, as `server_version_num` has it. */
const oldest = 140_000;

const int8 = 20;
/** The package's list of types leaves arrays out. */
const int8Array = 1016 as typeof pg.types.builtins.INT8;

/** Numbers beyond 2^53 do not occur: instants, sequences and sizes. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && oid === int8) return Number;
    if (format !== "binary" && oid === int8Array) return numbers;
    return pg.types.getTypeParser(oid, format ?? "text");
  }) as typeof pg.types.getTypeParser,
};
const textsOfArray: (text: string) => readonly (string | null)[] = pg.types.getTypeParser(int8Array, "text");
const numbers = (text: string) => textsOfArray(text).map((one) => (one === null ? null : Number(one)));

interface Traits {
  readonly direct: boolean;
  readonly version: number;
  readonly synchronous: string;
  readonly fsync: string;
}

export class Connection {
  /** Whether a pooler stands between: what is set or prepared may be gone with the next transaction. */
  readonly pooled: boolean;
  /** Whether what is committed survives the server's machine. */
  readonly durable: boolean;
  /** Whether it went over TLS. */
  readonly encrypted: boolean;
  /** Since when it is at nobody's service; milliseconds of the monotonic clock. */
  idleSince = 0;
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #synchronous: string;
  #broken: Error | null = null;

  private constructor(
    client: pg.Client,
    socket: Socket,
    settings: ConnectionSettings,
    traits: Traits,
    encrypted: boolean,
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#settings = settings;
    this.#synchronous = traits.synchronous;
    this.pooled = !traits.direct;
    this.durable = traits.fsync === "on";
    this.encrypted = encrypted;
    client.on("error", (error) => {
      this.#broken ??= error;
    });
    client.on("end", () => {
      this.#broken ??= new Error("Connection terminated");
    });
  }

  static async open(settings: ConnectionSettings): Promise<Connection> {
    const { ways } = settings.address.tls;
    for (const [at, way] of ways.entries()) {
      try {
        return await Connection.#openBy(way, settings);
      } catch (error) {
        const withoutTls =
          error instanceof Error && error.message === "The server does not support SSL connections";
        if (!withoutTls || at === ways.length - 1) throw error;
      }
    }
    throw new Error("no way to connect was given");
  }

  static async #openBy(ssl: (typeof settings.address.tls.ways)[number], settings: ConnectionSettings) {
    const { address } = settings;
    const socket = new Socket();
    const client = new pg.Client({
      host: address.host,
      port: address.port,
      user: address.user,
      ...(address.password === undefined ? {} : { password: address.password }),
      database: address.database,
      ssl,
      enableChannelBinding: ssl !== false && address.tls.channelBinding,
      application_name: address.applicationName,
      connectionTimeoutMillis: address.connectTimeout,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // What is written does not wait for the answer to what was written before.
      pipeline: true,
      stream: () => socket,
      types,
    });
    // While it connects, errors come by the promise; what comes later is the connection's own to keep.
    const early = () => undefined;
    client.on("error", early);
    try {
      await client.connect();
      const traits = await setUp(client, socket, settings);
      const connection = new Connection(client, socket, settings, traits, ssl !== false);
      client.off("error", early);
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  get sound(): boolean {
    return this.#broken === null;
  }

  /** What has to stand at the head of a transaction. */
  begin({ durable = true, statementTimeout }: BeginOptions): string {
    const settings: string[] = [];
    const limit = statementTimeout ?? (this.pooled ? this.#settings.statementTimeout : undefined);
    if (limit !== undefined) settings.push(`SET LOCAL statement_timeout = ${limit}`);
    if (this.pooled) {
      settings.push(
        `SET LOCAL search_path = ${searchPath(this.#settings.schema)}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${idleInTransaction}`,
        "SET LOCAL enable_seqscan = off",
      );
    }
    if (!durable) settings.push("SET LOCAL synchronous_commit = off");
    else if (this.pooled && this.#synchronous === "off") settings.push("SET LOCAL synchronous_commit = on");
    return ["BEGIN", ...settings].join("; ");
  }

  async rows<R>(
    statement: Statement,
    values: readonly unknown[],
    named: boolean,
    timeout = this.#settings.statementTimeout,
  ): Promise<readonly R[]> {
    const query = { text: statement.text, values: [...values], ...(named ? { name: statement.name } : {}) };
    const result = await this.#within(patienceFor(timeout), () =>
      this.#client.query<R & pg.QueryResultRow>(query),
    );
    return result.rows;
  }

  /** One or several statements without values. */
  async run(text: string, timeout = this.#settings.statementTimeout): Promise<void> {
    await this.#within(patienceFor(timeout), () => this.#client.query(text));
  }

  /**
   * The client gives up before the server's statement timeout: that one would end the wait for a synchronous standby, with
   * a commit that is told as done and stands on one machine alone.
   */
  async commit(): Promise<void> {
    const { command } = await this.#within(this.#settings.statementTimeout * 0.8, () =>
      this.#client.query("COMMIT"),
    );
    if (command !== "COMMIT")
      throw new Error("a transaction was to be committed in which a statement had failed");
  }

  onNotification(hear: (channel: string, payload: string) => void, ended: () => void): void {
    this.#client.on("notification", ({ channel, payload }) => hear(channel, payload ?? ""));
    this.#client.on("end", ended);
  }

  /** Ends it at once; what is under way on it fails. */
  destroy(why: Error): void {
    this.#broken ??= why;
    this.#socket.destroy(why);
  }

  /** Takes leave of the server. */
  async close(): Promise<void> {
    this.#broken ??= new StoreError("closed", "The queue is closed.");
    const timer = setTimeout(() => this.#socket.destroy(), 1_000);
    try {
      await this.#client.end();
    } finally {
      clearTimeout(timer);
    }
  }

  async #within<T>(timeout: number, act: () => Promise<T>): Promise<T> {
    const timer = setTimeout(
      () => this.destroy(new StoreError("unreachable", silent(this.#settings.address, timeout))),
      timeout,
    );
    try {
      return await act();
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Learns what stands at the other end, and sets what lasts for the connection, unless a pooler would give it to others.
 * `enable_seqscan`: a plan made while a table was small would read it from end to end, and go on doing so while it grows.
 */
async function setUp(client: pg.Client, socket: Socket, settings: ConnectionSettings): Promise<Traits> {
  const { address, schema, statementTimeout } = settings;
  // A pooler makes up the process id that it tells.
  const told = "processID" in client && typeof client.processID === "number" ? client.processID : 0;
  const timer = setTimeout(
    () => socket.destroy(new StoreError("unreachable", silent(address, address.connectTimeout))),
    address.connectTimeout,
  );
  try {
    const { rows } = await client.query<Traits>(
      `SELECT pg_backend_pid() = $1 AS direct,
        current_setting('server_version_num')::int AS version,
        current_setting('synchronous_commit') AS synchronous,
        current_setting('fsync') AS fsync,
        set_config('search_path', $2, pg_backend_pid() <> $1),
        set_config('statement_timeout', $3, pg_backend_pid() <> $1),
        set_config('idle_in_transaction_session_timeout', $4, pg_backend_pid() <> $1),
        set_config('client_min_messages', 'warning', pg_backend_pid() <> $1),
        set_config('enable_seqscan', 'off', pg_backend_pid() <> $1),
        set_config('synchronous_commit',
          CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,
          pg_backend_pid() <> $1)`,
      [told, searchPath(schema), `${statementTimeout}`, `${idleInTransaction}`],
    );
    const traits = rows[0]!;
    if (traits.version < oldest) {
      throw new StoreError(
        "not-a-database",
        `PostgreSQL at ${address.where} is version ${Math.floor(traits.version / 10_000)}. Version ${oldest / 10_000} or newer is needed.`,
      );
    }
    return traits;
  } finally {
    clearTimeout(timer);
  }
}

function searchPath(schema: string): string {
  return pg.escapeIdentifier(schema);
}

function silent(address: Address, timeout: number): string {
  return `PostgreSQL at ${address.where} has not answered for ${timeout} ms; the connection was given up. Look whether it is overloaded, or whether something between drops connections.`;
}
