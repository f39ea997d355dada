// Leases what is due to a worker, in turns.
import { type Lane, lanes } from "../../../messages/lanes.ts";
import { advance, type Recipient, takeDue } from "../../progress.ts";
import type { Claim, Claimed, ClaimRequest, Ended, Instant } from "../../store.ts";
import { type AtWork, atWork, heldBy, settle } from "../progress.ts";
import type { Engine } from "../statements.ts";
import type { Stream } from "../streams.ts";
import { isSuppressed } from "./suppressions.ts";

/**
 * Messages that one claim may bring to an end, and as many that it may look at in vain: enough to clear a backlog
 * quickly, few enough (some tens of milliseconds) not to hold up others' commits.
 */
const spareLooks = 500;

export function claim(engine: Engine, request: ClaimRequest): Claimed {
  const claiming = new Claiming(engine, request);
  claiming.endWhatIsOver();
  for (const lane of lanes) claiming.takeFrom(lane);
  return claiming.claimed();
}

/** A stream that has something due, and what was read of it. */
interface Turn {
  readonly stream: Stream;
  read: AtWork[];
  /** Whether there may be more than what was read. */
  more: boolean;
}

class Claiming {
  readonly #engine: Engine;
  readonly #request: ClaimRequest;
  readonly #claims: Claim[] = [];
  readonly #expired: Ended[] = [];
  readonly #suppressed: Ended[] = [];
  #bytes = 0;
  #looks: number;
  #full: boolean;

  constructor(engine: Engine, request: ClaimRequest) {
    this.#engine = engine;
    this.#request = request;
    this.#looks = request.limit + spareLooks;
    this.#full = request.limit <= 0;
  }

  endWhatIsOver(): void {
    const { statements } = this.#engine;
    for (const message of atWork(this.#engine, statements.overAtWork.all(this.#request.now, spareLooks))) {
      this.#expire(message);
    }
  }

  takeFrom(lane: Lane): void {
    if (this.#full) return;
    const { memory } = this.#engine;
    const streams = memory.streams.due(lane, this.#request, this.#request.now);
    // Whose turn it was goes to the end, so the array is the round and its order the turns.
    const turns: (Turn | undefined)[] = streams.map((stream) => ({ stream, read: [], more: true }));
    let waiting = turns.length;
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[i]!;
      turns[i] = undefined;
      const claim = this.#takeOne(turn, waiting);
      if (this.#full) return;
      if (claim === null) {
        waiting--;
        continue;
      }
      memory.streams.serve(turn.stream);
      turns.push(turn);
    }
  }

  claimed(): Claimed {
    const { statements, memory } = this.#engine;
    const due = memory.streams.next(this.#request);
    const end = statements.firstEnd.get()!.ends_at as Instant | null;
    return {
      claims: this.#claims,
      expired: this.#expired,
      suppressed: this.#suppressed,
      next: due === null || end === null ? (due ?? end) : Math.min(due, end),
    };
  }

  /** Null when the stream has nothing more, or when no more can be taken at all. */
  #takeOne(turn: Turn, waiting: number): Claim | null {
    const { limit, maxBytes, now } = this.#request;
    for (;;) {
      if (this.#claims.length >= limit || this.#looks <= 0) {
        this.#full = true;
        return null;
      }
      if (turn.read.length === 0 && turn.more) this.#read(turn, waiting);
      const message = turn.read.shift();
      if (message === undefined) {
        this.#engine.memory.streams.emptied(turn.stream, now);
        return null;
      }
      if (this.#claims.length > 0 && this.#bytes + message.size > maxBytes && message.expiresAt > now) {
        this.#full = true;
        return null;
      }
      this.#looks--;
      const claim = this.#take(message);
      if (claim !== null) return claim;
    }
  }

  /** As much of a stream as may be its part of what is still wanted. */
  #read(turn: Turn, waiting: number): void {
    const { statements } = this.#engine;
    const wanted = Math.ceil(Math.min(this.#request.limit - this.#claims.length, this.#looks) / waiting);
    turn.read = [
      ...atWork(this.#engine, statements.dueAtWork.all(turn.stream.id, this.#request.now, wanted)),
    ];
    turn.more = turn.read.length === wanted;
  }

  /** Null when nothing of it was to be had. */
  #take(message: AtWork): Claim | null {
    const { now, leaseMs } = this.#request;
    if (message.expiresAt <= now) {
      this.#expire(message);
      return null;
    }
    const { taken, suppressed } = takeDue(message.recipients, now, ({ address }) =>
      isSuppressed(this.#engine, address),
    );
    if (suppressed.length > 0) this.#suppressed.push(ended(message, suppressed));
    const lease = { token: this.#engine.newLease(), until: now + leaseMs, ms: leaseMs };
    settle(this.#engine, { ...message, lease: taken.length > 0 ? lease : null });
    if (taken.length === 0) return null;
    const row = this.#engine.statements.content.get(message.seq) as unknown as readonly [Uint8Array];
    const { id, stream, envelopeFrom, sensitive, createdAt, expiresAt, size } = message;
    const claim: Claim = {
      id,
      origin: stream.origin,
      lane: stream.lane,
      route: stream.route,
      envelopeFrom,
      sensitive,
      createdAt,
      expiresAt,
      size,
      content: row[0],
      recipients: taken.map((r) => ({ index: r.position, address: r.address, attempts: r.attempts })),
      lease: lease.token,
    };
    this.#claims.push(claim);
    this.#bytes += size;
    return claim;
  }

  #expire(message: AtWork): void {
    const { now } = this.#request;
    const over = message.recipients.filter((r) => advance(r, "expire", now));
    settle(this.#engine, message);
    if (over.length > 0) this.#expired.push(ended(message, over));
  }
}

function ended({ id, stream }: AtWork, recipients: readonly Recipient[]): Ended {
  return {
    id,
    lane: stream.lane,
    recipients: recipients.map((r) => ({ index: r.position, address: r.address })),
  };
}

export function extend(
  engine: Engine,
  claims: readonly { readonly id: string; readonly lease: string }[],
  until: Instant,
): void {
  for (const { id, lease } of claims) {
    const held = heldBy(engine, id, lease);
    if (held !== null) settle(engine, { ...held, lease: { ...held.lease!, until } });
  }
}
