// The origins and routes that have mail in a lane: whose turn it is, and when each has something due.
import { type Lane, lanes } from "../../messages/lanes.ts";
import type { ClaimFilter, Instant } from "../store.ts";
import type { Statements } from "./statements.ts";

export interface Stream {
  readonly id: number;
  readonly lane: Lane;
  readonly origin: string;
  readonly route: string | null;
}

interface Known extends Stream {
  /** Nothing of it is due before; Infinity when nothing of it waits for a time. */
  earliest: Instant;
  /** Whether something is due just then. */
  exact: boolean;
  /** The turn in which it was served last; 0 for never. */
  served: number;
}

/**
 * Kept in memory beside the table, as nobody else writes to it: a claim asks the database only for streams that have
 * something due. Turns are not stored: after a restart they begin anew.
 */
export class Streams {
  readonly #statements: Statements;
  #byId = new Map<number, Known>();
  #byName = new Map<string, Known>();
  /** Those with something that waits for a time; the others cost a claim nothing. */
  #waiting: ReadonlyMap<Lane, Set<Known>> = new Map();
  #turn = 0;
  #stale = true;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The table may say something else now: a transaction was undone. */
  forget(): void {
    this.#stale = true;
  }

  /** Makes it when it is new. */
  of(lane: Lane, origin: string, route: string | null): Stream {
    this.#refresh();
    const name = nameOf(lane, origin, route);
    let stream = this.#byName.get(name);
    if (stream === undefined) {
      const id = Number(
        this.#statements.insertStream.run(lanes.indexOf(lane), origin, route).lastInsertRowid,
      );
      stream = { id, lane, origin, route, earliest: Number.POSITIVE_INFINITY, exact: true, served: 0 };
      this.#byId.set(id, stream);
      this.#byName.set(name, stream);
    }
    return stream;
  }

  /** For a number that a row of work names. */
  byId(id: number): Stream {
    this.#refresh();
    return this.#byId.get(id)!;
  }

  /** A message of it came, and waits until `dueAt`. */
  added(stream: Stream, dueAt: Instant): void {
    const known = this.#byId.get(stream.id)!;
    if (dueAt < known.earliest) this.#setEarliest(known, dueAt);
  }

  /** A message of it waits no longer until when it did, but until `dueAt`; null for no time. */
  moved(stream: Stream, dueAt: Instant | null): void {
    const known = this.#byId.get(stream.id)!;
    if (dueAt !== null && dueAt < known.earliest) this.#setEarliest(known, dueAt);
    else known.exact = false;
  }

  /** Those of a lane that may have something due at `now`, the one served longest ago first. */
  due(lane: Lane, filter: ClaimFilter, now: Instant): Stream[] {
    const due: Known[] = [];
    for (const stream of this.#passing(lane, filter)) if (stream.earliest <= now) due.push(stream);
    return due.sort((a, b) => a.served - b.served || a.id - b.id);
  }

  /** Nothing more of it is due at `now`. */
  emptied(stream: Stream, now: Instant): void {
    const known = this.#byId.get(stream.id)!;
    if (known.earliest > now) return;
    known.earliest = now + 1;
    known.exact = false;
  }

  serve(stream: Stream): void {
    this.#byId.get(stream.id)!.served = ++this.#turn;
  }

  /** When the first message of those that pass the filter is due; null for never. */
  next(filter: ClaimFilter): Instant | null {
    let next = Number.POSITIVE_INFINITY;
    const unsure: Known[] = [];
    for (const lane of lanes) {
      for (const stream of this.#passing(lane, filter)) {
        if (stream.exact) next = Math.min(next, stream.earliest);
        else unsure.push(stream);
      }
    }
    for (const stream of unsure.sort((a, b) => a.earliest - b.earliest)) {
      if (stream.earliest >= next) break;
      const dueAt = this.#statements.firstDue.get(stream.id)!.due_at as number | null;
      this.#setEarliest(stream, dueAt ?? Number.POSITIVE_INFINITY);
      next = Math.min(next, stream.earliest);
    }
    return Number.isFinite(next) ? next : null;
  }

  *#passing(lane: Lane, { lanes: wanted, except = [] }: ClaimFilter): Iterable<Known> {
    this.#refresh();
    if (wanted !== undefined && !wanted.includes(lane)) return;
    const left = new Set(except);
    for (const stream of this.#waiting.get(lane)!) if (!left.has(stream.route)) yield stream;
  }

  #setEarliest(stream: Known, earliest: Instant): void {
    stream.earliest = earliest;
    stream.exact = true;
    const waiting = this.#waiting.get(stream.lane)!;
    if (Number.isFinite(earliest)) waiting.add(stream);
    else waiting.delete(stream);
  }

  #refresh(): void {
    if (!this.#stale) return;
    const before = this.#byId;
    this.#byId = new Map();
    this.#byName = new Map();
    this.#waiting = new Map(lanes.map((lane) => [lane, new Set()]));
    for (const row of this.#statements.streams.all()) {
      const id = row.id as number;
      const lane = lanes[row.lane as number]!;
      const origin = row.origin as string;
      const route = row.route as string | null;
      const served = before.get(id)?.served ?? 0;
      const stream: Known = { id, lane, origin, route, earliest: 0, exact: true, served };
      this.#byId.set(id, stream);
      this.#byName.set(nameOf(lane, origin, route), stream);
      this.#setEarliest(stream, (row.due_at as number | null) ?? Number.POSITIVE_INFINITY);
    }
    this.#stale = false;
  }
}

function nameOf(lane: Lane, origin: string, route: string | null): string {
  return JSON.stringify([lane, origin, route]);
}
