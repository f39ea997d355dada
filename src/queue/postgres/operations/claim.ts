// Leases what is due to a node, in turns.
import { lanes } from "../../../messages/lanes.ts";
import { advance, type Recipient, takeDue } from "../../progress.ts";
import type { Claim, Claimed, ClaimRequest, Ended, Instant } from "../../store.ts";
import type { Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { type AtWork, atWork, Changes } from "../progress.ts";
import { sql } from "../sql.ts";
import { passes, type Stream, type Streams, type Upcoming } from "../streams.ts";

/**
 * Messages that one claim may bring to an end, and as many that it may look at in vain: enough to clear a backlog
 * quickly, few enough that nobody waits long for a message that this claim has locked.
 */
const spareLooks = 500;

/**
 * Its commit waits for the disk: nodes outlive a server that crashes, and a lease that it forgot would be given to
 * another node while this one sends under it.
 */
export function claim(engine: Engine, request: ClaimRequest): Promise<Claimed> {
  return engine.database.transaction((session) => new Claiming(engine, session, request).claimed());
}

/** A stream that has something due, and what was locked of it. */
interface Turn {
  readonly stream: Stream;
  locked: AtWork[];
  /** Behind which place the next is looked for. */
  reached: { readonly dueAt: Instant; readonly seq: number };
  /** Whether there may be more than what was locked. */
  more: boolean;
}

class Claiming {
  readonly #session: Session;
  readonly #streams: Streams;
  readonly #request: ClaimRequest;
  readonly #newLease: () => string;
  readonly #owner: string;
  #changes = new Changes();
  readonly #taken: {
    readonly message: AtWork;
    readonly stream: Stream;
    readonly people: readonly Recipient[];
  }[] = [];
  readonly #expired: Ended[] = [];
  readonly #suppressed: Ended[] = [];
  #bytes = 0;
  #looks: number;
  #full: boolean;

  constructor(engine: Engine, session: Session, request: ClaimRequest) {
    this.#session = session;
    this.#streams = engine.streams;
    this.#newLease = engine.newLease;
    this.#request = request;
    this.#owner = request.owner;
    this.#looks = request.limit + spareLooks;
    this.#full = request.limit <= 0;
  }

  async claimed(): Promise<Claimed> {
    const { now } = this.#request;
    const before = await this.#upcoming();
    if (before.firstEnd !== null && before.firstEnd <= now) await this.#endWhatIsOver();
    for (const lane of lanes) {
      const due = before.streams.filter(
        ({ stream, dueAt }) => stream.lane === lane && dueAt <= now && passes(stream, this.#request),
      );
      if (due.length > 0 && !this.#full) await this.#takeFrom(due.map(({ stream }) => stream));
    }
    const [, bodies, { streams, firstEnd }] = await Promise.all([
      this.#changes.write(this.#session, this.#owner),
      this.#contents(),
      this.#upcoming(),
    ]);
    const dues = streams.filter(({ stream }) => passes(stream, this.#request)).map(({ dueAt }) => dueAt);
    const next = Math.min(...dues, firstEnd ?? Number.POSITIVE_INFINITY);
    return {
      claims: this.#claims(bodies),
      expired: this.#expired,
      suppressed: this.#suppressed,
      next: Number.isFinite(next) ? next : null,
    };
  }

  async #upcoming(): Promise<{ readonly streams: readonly Upcoming[]; readonly firstEnd: Instant | null }> {
    const rows = await this.#session.rows<{ stream: number; due_at: Instant | null }>(sql.upcoming, []);
    const found = rows.filter((row): row is { stream: number; due_at: Instant } => row.stream !== 0);
    const firstEnd = rows.find(({ stream }) => stream === 0)?.due_at ?? null;
    return { streams: await this.#streams.upcoming(this.#session, found), firstEnd };
  }

  async #endWhatIsOver(): Promise<void> {
    const { now } = this.#request;
    const messages = await atWork(this.#session, await this.#session.rows(sql.lockOver, [now, spareLooks]));
    const streams = await this.#streams.byId(
      this.#session,
      messages.map(({ stream }) => stream),
    );
    for (const message of messages) this.#expire(message, streams.get(message.stream)!);
    // Now, so that they are not found once more.
    await this.#changes.write(this.#session, this.#owner);
    this.#changes = new Changes();
  }

  /** Of one lane. */
  async #takeFrom(due: readonly Stream[]): Promise<void> {
    // Whose turn it was goes to the end, so the array is the round and its order the turns.
    const turns: Turn[] = this.#streams.inTurn(due).map((stream) => ({
      stream,
      locked: [],
      reached: { dueAt: Number.MIN_SAFE_INTEGER, seq: 0 },
      more: true,
    }));
    while (turns.length > 0 && !this.#full) {
      const [turn] = turns;
      if (turn!.locked.length === 0 && turn!.more) await this.#lock(turns);
      const took = this.#takeOne(turn!);
      // What came of it was all in vain, and there may be more.
      if (!took && turn!.more) continue;
      turns.shift();
      if (!took) continue;
      this.#streams.serve(turn!.stream);
      turns.push(turn!);
    }
  }

  /** False when nothing of what is locked of the stream can be taken, or when no more can be taken at all. */
  #takeOne(turn: Turn): boolean {
    const { limit, maxBytes, now } = this.#request;
    for (;;) {
      if (this.#taken.length >= limit || this.#looks <= 0) {
        this.#full = true;
        return false;
      }
      const message = turn.locked.shift();
      if (message === undefined) return false;
      if (this.#taken.length > 0 && this.#bytes + message.size > maxBytes && message.expiresAt > now) {
        this.#full = true;
        return false;
      }
      this.#looks--;
      if (this.#take(message, turn.stream)) return true;
    }
  }

  /** For those whose hands are empty, as much as may be their part of what is still wanted. */
  async #lock(turns: readonly Turn[]): Promise<void> {
    const wanted = Math.min(this.#request.limit - this.#taken.length, this.#looks);
    const quota = Math.ceil(wanted / turns.length);
    const empty = turns
      .filter(({ locked, more }) => locked.length === 0 && more)
      .slice(0, Math.max(wanted, 1));
    const rows = await this.#session.rows<Parameters<typeof atWork>[1][number]>(sql.lockDue, [
      empty.map(({ stream }) => stream.id),
      empty.map(({ reached }) => reached.dueAt),
      empty.map(({ reached }) => reached.seq),
      empty.map(() => quota),
      this.#request.now,
    ]);
    const messages = await atWork(this.#session, rows);
    const byStream = Map.groupBy(messages, ({ stream }) => stream);
    for (const turn of empty) {
      turn.locked = byStream.get(turn.stream.id) ?? [];
      turn.more = turn.locked.length === quota;
      const last = turn.locked.at(-1);
      if (last !== undefined) turn.reached = { dueAt: last.dueAt!, seq: last.seq };
    }
  }

  /** False when nothing of it was to be had. */
  #take(message: AtWork, stream: Stream): boolean {
    const { now, leaseMs } = this.#request;
    if (message.expiresAt <= now) {
      this.#expire(message, stream);
      return false;
    }
    const { taken, suppressed } = takeDue(message.recipients, now, ({ listed }) => listed);
    if (suppressed.length > 0) this.#suppressed.push(ended(message, stream, suppressed));
    message.lease = taken.length > 0 ? { token: this.#newLease(), until: now + leaseMs, ms: leaseMs } : null;
    this.#changes.settle(message);
    if (taken.length === 0) return false;
    this.#taken.push({ message, stream, people: taken });
    this.#bytes += message.size;
    return true;
  }

  async #contents(): Promise<ReadonlyMap<number, Uint8Array>> {
    if (this.#taken.length === 0) return new Map();
    const rows = await this.#session.rows<{ message: number; body: Uint8Array }>(sql.contentsOf, [
      this.#taken.map(({ message }) => message.seq),
    ]);
    return new Map(rows.map(({ message, body }) => [message, body]));
  }

  #claims(contents: ReadonlyMap<number, Uint8Array>): readonly Claim[] {
    return this.#taken.map(({ message, stream, people }) => ({
      id: message.id,
      origin: stream.origin,
      lane: stream.lane,
      route: stream.route,
      envelopeFrom: message.envelopeFrom,
      sensitive: message.sensitive,
      createdAt: message.createdAt,
      expiresAt: message.expiresAt,
      size: message.size,
      content: contents.get(message.seq)!,
      recipients: people.map((r) => ({ index: r.position, address: r.address, attempts: r.attempts })),
      lease: message.lease!.token,
    }));
  }

  #expire(message: AtWork, stream: Stream): void {
    const over = message.recipients.filter((r) => advance(r, "expire", this.#request.now));
    this.#changes.settle(message);
    if (over.length > 0) this.#expired.push(ended(message, stream, over));
  }
}

function ended({ id }: AtWork, { lane }: Stream, recipients: readonly Recipient[]): Ended {
  return { id, lane, recipients: recipients.map((r) => ({ index: r.position, address: r.address })) };
}

export async function extend(
  { database }: Engine,
  claims: readonly { readonly id: string; readonly lease: string }[],
  until: Instant,
): Promise<void> {
  if (claims.length === 0) return;
  const values = [claims.map(({ id }) => id), claims.map(({ lease }) => lease), until];
  await database.transaction((session) => session.rows(sql.extendLeases, values), { durable: false });
}
