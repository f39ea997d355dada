// Connections to one server, kept and reused: as many as are needed up to a maximum, none longer than they
// serve, and some of them kept free for messages that are urgent.
import type { Connection } from "./connection.ts";
import { Deque } from "./deque.ts";
import { SmtpFailure } from "./failure.ts";
import { open } from "./open.ts";
import type { Envelope } from "./options.ts";
import { Place } from "./place.ts";
import { checkedPoolOptions, type PoolOptions, type PoolSettings } from "./pool-options.ts";
import type { SendResult } from "./result.ts";
import { TlsSessions } from "./tls-sessions.ts";

export interface SendOptions {
  /** Asked just before a message's first command is written, however long it waited for a connection; when it says no, nothing is. Must not throw. */
  readonly stillWanted?: () => boolean;
  /** Goes before all that are not, on a connection with nothing else under way, and may use the reserved ones. */
  readonly urgent?: boolean;
}

interface Job extends SendOptions {
  readonly envelope: Envelope;
  readonly content: Uint8Array;
  readonly resolve: (result: SendResult) => void;
  readonly reject: (error: unknown) => void;
  /** How many connections turned out to be dead when it was given to them. */
  deadEnds: number;
}

/** A pause in opening connections, after one beside others was refused. */
interface Pause {
  readonly timer: NodeJS.Timeout;
  /** Whether an urgent message had its try as well. */
  readonly forUrgent: boolean;
}

type Kind = "urgent" | "others";

export class SmtpPool {
  #options: PoolSettings;
  readonly #sessions = new TlsSessions();
  readonly #abort = new AbortController();
  readonly #places = new Set<Place>();
  readonly #waiting: Readonly<Record<Kind, Deque<Job>>> = { urgent: new Deque(), others: new Deque() };
  /** Connections being opened, by what for. */
  readonly #opening: Record<Kind, number> = { urgent: 0, others: 0 };
  #pause: Pause | null = null;
  #assigning = false;
  #closed = false;
  readonly #onQuiet: (() => void)[] = [];

  constructor(options: PoolOptions) {
    this.#options = checkedPoolOptions(options);
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#places.size;
  }

  /** Connections that stand or are being opened. */
  get taken(): number {
    return this.#standingOrOpening;
  }

  /** Messages that wait for a connection. */
  get waiting(): number {
    return this.#waiting.urgent.length + this.#waiting.others.length;
  }

  /**
   * Hands a message over on a free connection. Never rejects for what happens on the wire, also not
   * when no connection can be made: each recipient has its outcome. Rejects with what a `connect`
   * function of the caller throws, and with a RangeError when `maxWaiting` of its kind are waiting.
   */
  send(envelope: Envelope, content: Uint8Array, options: SendOptions = {}): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting[kindOf(options)];
      if (waiting.length >= this.#options.maxWaiting) {
        reject(new RangeError(`${waiting.length} messages are waiting already`));
        return;
      }
      const job: Job = { ...options, envelope, content, resolve, reject, deadEnds: 0 };
      if (this.#closed) resolve(failed(job, closed()));
      else {
        waiting.push(job);
        this.#assign();
      }
    });
  }

  /** Another maximum, and another part of it kept for urgent messages; what stands beyond it ends when nothing is under way there. */
  resize(size: { readonly maxConnections: number; readonly reserved: number }): void {
    this.#options = checkedPoolOptions({ ...this.#options, ...size });
    this.#dismissBeyond();
    this.#assign();
  }

  /**
   * Lets what was handed in go out, for `graceMs` (default 5,000) at most, then ends everything, within a
   * second. A second call with a shorter grace cuts the first one short.
   */
  async close({ graceMs = 5_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed = true;
    if (!this.#quiet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onQuiet.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#abort.abort();
    if (this.#pause !== null) clearTimeout(this.#pause.timer);
    this.#failWaiting(closed());
    await Promise.all([...this.#places].map((place) => place.close()));
  }

  #tellQuiet(): void {
    if (this.#onQuiet.length > 0 && this.#quiet) for (const tell of this.#onQuiet.splice(0)) tell();
  }

  get #quiet(): boolean {
    return this.waiting === 0 && [...this.#places].every(({ connection }) => connection.inFlight === 0);
  }

  /** Gives waiting messages to connections, the urgent ones first, and opens more for the rest. */
  #assign(): void {
    // What is given can have its outcome at once; the loop sees to what that makes possible.
    if (this.#assigning) return;
    this.#assigning = true;
    for (;;) {
      const kind = this.#waiting.urgent.length > 0 ? "urgent" : "others";
      if (this.#waiting[kind].length === 0) break;
      const place = kind === "urgent" ? this.#placeForUrgent() : this.#placeForOther();
      if (place === null) break;
      this.#give(place, this.#waiting[kind].shift()!);
    }
    this.#assigning = false;
    this.#openMore();
    this.#tellQuiet();
  }

  #placeForUrgent(): Place | null {
    for (const place of this.#places) if (place.free) return place;
    return null;
  }

  /** One with nothing to do, as far as the reserve allows; else one where it can be written behind another that is not urgent. */
  #placeForOther(): Place | null {
    const { pipeline } = this.#options;
    const limit = this.#limit;
    let occupied = 0;
    let busy = 0;
    let free: Place | null = null;
    let behind: Place | null = null;
    for (const place of this.#places) {
      if (place.occupied) occupied += 1;
      else if (free === null && place.free) free = place;
      if (place.others === 0) continue;
      busy += 1;
      if (behind === null && place.open && place.connection.inFlight < pipeline) behind = place;
    }
    if (free !== null) {
      // Those that are being opened are for the messages behind this one.
      const toCome = Math.min(this.#opening.others, this.#waiting.others.length - 1);
      if (occupied + toCome < limit) return free;
    }
    return busy <= limit ? behind : null;
  }

  /** How many connections messages that are not urgent may occupy. */
  get #limit(): number {
    const { maxConnections, reserved } = this.#options;
    // While the server lets nobody else in, the reserve has to come out of what stands.
    const most = this.#paused("others") ? this.#places.size : maxConnections;
    return Math.max(1, most - reserved);
  }

  /** Whether no connection is opened for these. What has no other hope is not kept waiting. */
  #paused(kind: Kind): boolean {
    if (this.#pause === null || this.#standingOrOpening === 0) return false;
    return kind === "others" || this.#pause.forUrgent;
  }

  get #standingOrOpening(): number {
    return this.#places.size + this.#opening.urgent + this.#opening.others;
  }

  #give(place: Place, job: Job): void {
    const reused = !place.fresh;
    place.fresh = false;
    if (!job.urgent) place.others += 1;
    const settle = (result: SendResult) => this.#onResult(place, job, reused, result);
    try {
      place.connection.submit(job.envelope, job.content, settle, job.stillWanted);
    } catch (error) {
      // What is no message at all is the caller's, and not the connection's.
      if (!job.urgent) place.others -= 1;
      job.reject(error);
    }
    place.count();
  }

  #onResult(place: Place, job: Job, reused: boolean, result: SendResult): void {
    if (!job.urgent) place.others -= 1;
    // All that stand may have died together.
    if (reused && job.deadEnds < this.#options.maxConnections && foundDead(result)) {
      job.deadEnds += 1;
      this.#waiting[kindOf(job)].unshift(job);
    } else {
      job.resolve(result);
    }
    this.#assign();
    place.rest();
  }

  /** Opens what waiting messages lack. While urgent ones wait, nothing is opened for others. */
  #openMore(): void {
    const { maxConnections } = this.#options;
    const { urgent, others } = this.#waiting;
    const opening = this.#opening;
    while (
      urgent.length > opening.urgent &&
      this.#standingOrOpening < maxConnections &&
      !this.#paused("urgent")
    ) {
      void this.#open("urgent");
    }
    if (urgent.length > 0 || others.length <= opening.others) return;
    let occupied = 0;
    let soonFree = 0;
    for (const place of this.#places) {
      if (place.occupied) occupied += 1;
      if (place.asking) soonFree += 1;
    }
    while (
      others.length > opening.others + soonFree &&
      this.#standingOrOpening < maxConnections &&
      occupied + opening.others < this.#limit &&
      // Doubles what stands: a server must not see fifty sign-ins at a time.
      opening.others < Math.max(1, this.#places.size) &&
      !this.#paused("others")
    ) {
      void this.#open("others");
    }
  }

  async #open(kind: Kind): Promise<void> {
    this.#opening[kind] += 1;
    let connection: Connection;
    try {
      connection = await this.#connect();
    } catch (error) {
      this.#opening[kind] -= 1;
      // The connections that stand serve what waits; without any, it has nothing to wait for.
      if (this.#standingOrOpening === 0) this.#failWaiting(error);
      else this.#pauseOpening(kind);
      this.#assign();
      return;
    }
    this.#opening[kind] -= 1;
    const { maxMessagesPerConnection, keepAliveMs, idleMs } = this.#options;
    const place = new Place(connection, {
      maxMessages: maxMessagesPerConnection,
      restMs: keepAliveMs ?? idleMs,
      keepAlive: keepAliveMs !== null,
      onFree: () => this.#assign(),
    });
    connection.onEnded = () => this.#onGone(place);
    this.#places.add(place);
    this.#dismissBeyond();
    // Nobody waits any more for one that stands only now.
    if (this.#abort.signal.aborted) connection.destroy();
    this.#assign();
    place.rest();
  }

  async #connect(): Promise<Connection> {
    const { connect } = this.#options;
    const options = typeof connect === "function" ? await connect() : connect;
    const signals = [this.#abort.signal, ...(options.signal === undefined ? [] : [options.signal])];
    return await open({ ...options, signal: AbortSignal.any(signals) }, this.#sessions);
  }

  #dismissBeyond(): void {
    const staying = [...this.#places].filter((place) => !place.leaving);
    let beyond = staying.length - this.#options.maxConnections;
    // Those without work first: what they leave undone is nothing.
    for (const place of [...staying.filter(({ free }) => free), ...staying.filter(({ free }) => !free)]) {
      if (beyond <= 0) return;
      beyond -= 1;
      place.dismiss();
    }
  }

  #pauseOpening(kind: Kind): void {
    if (this.#abort.signal.aborted) return;
    const forUrgent = kind === "urgent" || this.#pause?.forUrgent === true;
    if (this.#pause !== null) clearTimeout(this.#pause.timer);
    const timer = setTimeout(() => {
      this.#pause = null;
      // What stands may be busy for minutes.
      this.#assign();
    }, this.#options.refusalPauseMs);
    timer.unref();
    this.#pause = { timer, forUrgent };
  }

  #onGone(place: Place): void {
    place.end();
    this.#places.delete(place);
    this.#assign();
  }

  #failWaiting(error: unknown): void {
    for (const jobs of [this.#waiting.urgent, this.#waiting.others]) {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        if (error instanceof SmtpFailure) job.resolve(failed(job, error));
        else job.reject(error);
      }
    }
    this.#tellQuiet();
  }
}

function kindOf({ urgent }: SendOptions): Kind {
  return urgent ? "urgent" : "others";
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

function closed(): SmtpFailure {
  return new SmtpFailure("the pool was closed", {
    stage: "settings",
    kind: "aborted",
    code: "ABORTED",
    certainty: "not-accepted",
    reply: null,
    secured: false,
  });
}
