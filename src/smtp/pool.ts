// Connections to one server, kept and reused: as many as are needed up to a maximum, none longer than they serve.
import { type Connection, maxInFlight } from "./connection.ts";
import { SmtpFailure } from "./failure.ts";
import { open } from "./open.ts";
import type { ConnectOptions, Envelope } from "./options.ts";
import type { SendResult } from "./result.ts";
import { TlsSessions } from "./tls-sessions.ts";

export interface PoolOptions {
  /** A function is asked before each connection: for settings that change, such as an access token. */
  readonly connect: ConnectOptions | (() => Promise<ConnectOptions>);
  /** Default 5. */
  readonly maxConnections?: number;
  /** A connection is replaced after so many messages. Default 100. */
  readonly maxMessagesPerConnection?: number;
  /** An unused connection is closed after so many milliseconds. Default 15,000: shorter than servers wait. */
  readonly idleMs?: number;
  /** Messages on one connection at a time: 1, or 2 to write an envelope behind the content before it. Default 2. */
  readonly pipeline?: 1 | 2;
  /** After a connection beside others was refused, so many milliseconds no further one is tried: the server has its reasons. Default 5,000. */
  readonly refusalPauseMs?: number;
  /** Messages that may wait for a connection. Default 10,000. */
  readonly maxWaiting?: number;
}

export interface SendOptions {
  /** Asked just before a message's first command is written, however long it waited for a connection; when it says no, nothing is. */
  readonly stillWanted?: () => boolean;
}

interface Job extends SendOptions {
  readonly envelope: Envelope;
  readonly content: Uint8Array;
  readonly resolve: (result: SendResult) => void;
  readonly reject: (error: unknown) => void;
  /** Whether it was tried on a connection that turned out to be dead. */
  retried: boolean;
}

interface Place {
  readonly connection: Connection;
  idle: NodeJS.Timeout | null;
  /** Takes no more messages. */
  leaving: boolean;
  filling: boolean;
}

export class SmtpPool {
  readonly #options: Required<PoolOptions>;
  readonly #sessions = new TlsSessions();
  readonly #abort = new AbortController();
  readonly #places = new Set<Place>();
  readonly #jobs: Job[] = [];
  #opening = 0;
  /** Set while no further connection is tried beside those that stand. */
  #pause: NodeJS.Timeout | null = null;
  #closed = false;
  #onQuiet: (() => void) | null = null;

  constructor(options: PoolOptions) {
    const {
      maxConnections = 5,
      maxMessagesPerConnection = 100,
      idleMs = 15_000,
      pipeline = 2,
      refusalPauseMs = 5_000,
      maxWaiting = 10_000,
    } = options;
    this.#options = {
      ...options,
      maxConnections,
      maxMessagesPerConnection,
      idleMs,
      pipeline,
      refusalPauseMs,
      maxWaiting,
    };
    for (const [name, value] of Object.entries(this.#options)) {
      if (name !== "connect" && !(typeof value === "number" && value >= 1)) {
        throw new RangeError(`${name} must be 1 or more`);
      }
    }
    if (pipeline > maxInFlight) throw new RangeError(`pipeline must be ${maxInFlight} at most`);
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#places.size;
  }

  /** Messages that wait for a connection. */
  get waiting(): number {
    return this.#jobs.length;
  }

  /**
   * Hands a message over on a free connection. Never rejects for what happens on the wire, also not
   * when no connection can be made: each recipient has its outcome. Rejects with what a `connect`
   * function of the caller throws, and with a RangeError when `maxWaiting` are waiting.
   */
  send(envelope: Envelope, content: Uint8Array, options: SendOptions = {}): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      if (this.#jobs.length >= this.#options.maxWaiting) {
        reject(new RangeError(`${this.#jobs.length} messages are waiting already`));
        return;
      }
      const job: Job = { ...options, envelope, content, resolve, reject, retried: false };
      if (this.#closed) resolve(failed(job, aborted("the pool was closed")));
      else {
        this.#jobs.push(job);
        this.#assign();
      }
    });
  }

  /** Lets what was handed in go out, for `graceMs` (default 5,000) at most, then ends everything. */
  async close({ graceMs = 5_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed = true;
    if (!this.#quiet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onQuiet = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#abort.abort();
    this.#failWaiting(aborted("the pool was closed"));
    await Promise.all(
      [...this.#places].map(({ connection }) => {
        if (connection.inFlight === 0) return connection.quit();
        connection.destroy();
        return undefined;
      }),
    );
  }

  get #quiet(): boolean {
    return this.#jobs.length === 0 && [...this.#places].every(({ connection }) => connection.inFlight === 0);
  }

  /** Gives waiting messages to connections with nothing to do, then to those with room, and opens more for the rest. */
  #assign(): void {
    for (const room of [1, this.#options.pipeline]) {
      for (const place of this.#places) {
        if (this.#jobs.length === 0) return;
        this.#fill(place, room);
      }
    }
    const { maxConnections } = this.#options;
    if (this.#places.size > 0 && this.#pause !== null) return;
    while (this.#opening < this.#jobs.length && this.#places.size + this.#opening < maxConnections) {
      void this.#open();
    }
  }

  #fill(place: Place, room: number): void {
    const { connection } = place;
    if (place.filling) return;
    place.filling = true;
    while (!place.leaving && connection.alive && connection.inFlight < room) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      if (job.stillWanted?.() === false) {
        job.resolve(failed(job, aborted("it was not wanted any more when its turn came")));
        continue;
      }
      if (place.idle !== null) clearTimeout(place.idle);
      place.idle = null;
      const reused = connection.messages > 0;
      connection.submit(job.envelope, job.content, (result) => this.#onResult(place, job, reused, result));
      place.leaving = connection.messages >= this.#options.maxMessagesPerConnection;
    }
    place.filling = false;
    if (this.#onQuiet !== null && this.#quiet) this.#onQuiet();
  }

  #onResult(place: Place, job: Job, reused: boolean, result: SendResult): void {
    if (reused && !job.retried && foundDead(result)) {
      job.retried = true;
      this.#jobs.unshift(job);
    } else {
      job.resolve(result);
    }
    this.#fill(place, this.#options.pipeline);
    this.#rest(place);
  }

  /** What a connection without work does: leaves when its time is over, else waits for more. */
  #rest(place: Place): void {
    const { connection } = place;
    if (connection.inFlight > 0 || !connection.alive || place.idle !== null) return;
    const leave = () => {
      place.leaving = true;
      void connection.quit();
    };
    if (place.leaving) leave();
    else place.idle = setTimeout(leave, this.#options.idleMs);
  }

  async #open(): Promise<void> {
    this.#opening += 1;
    try {
      const { connect } = this.#options;
      const options = typeof connect === "function" ? await connect() : connect;
      const signals = [this.#abort.signal, ...(options.signal === undefined ? [] : [options.signal])];
      const connection = await open({ ...options, signal: AbortSignal.any(signals) }, this.#sessions);
      const place: Place = { connection, idle: null, leaving: false, filling: false };
      connection.onEnded = () => this.#onGone(place);
      this.#places.add(place);
      this.#opening -= 1;
      this.#fill(place, this.#options.pipeline);
      this.#rest(place);
    } catch (error) {
      this.#opening -= 1;
      // The connections that stand serve what waits; without any, it has nothing to wait for.
      if (this.#places.size === 0 && this.#opening === 0) this.#failWaiting(error);
      else this.#pauseOpening();
    }
  }

  #pauseOpening(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      // What stands may be busy for minutes.
      this.#assign();
    }, this.#options.refusalPauseMs);
    this.#pause.unref();
  }

  #onGone(place: Place): void {
    if (place.idle !== null) clearTimeout(place.idle);
    place.idle = null;
    this.#places.delete(place);
    this.#assign();
  }

  #failWaiting(error: unknown): void {
    for (const job of this.#jobs.splice(0)) {
      if (error instanceof SmtpFailure) job.resolve(failed(job, error));
      else job.reject(error);
    }
    this.#onQuiet?.();
  }
}

/** A connection that had served before was gone when this message came: the server knows nothing of it. */
function foundDead({ recipients }: SendResult): boolean {
  return (
    recipients.length > 0 &&
    recipients.every((recipient) => {
      if (recipient.ok) return false;
      const { stage, kind, certainty, reply } = recipient.failure.facts;
      const gone = kind === "socket" || (kind === "reply" && reply?.code === 421);
      return stage === "mail" && gone && certainty === "not-accepted";
    })
  );
}

function failed({ envelope }: Job, failure: SmtpFailure): SendResult {
  const recipients = envelope.to.map(({ address }) => ({ address, ok: false, failure }) as const);
  return { recipients, reply: null, peer: failure.facts.peer ?? null, transcript: [] };
}

function aborted(message: string): SmtpFailure {
  return new SmtpFailure(message, {
    stage: "settings",
    kind: "aborted",
    code: "ABORTED",
    certainty: "not-accepted",
    reply: null,
    secured: false,
  });
}
