// The origins and routes that have mail in a lane, as this node knows them, and whose turn it is here.
import { type Lane, lanes } from "../../messages/lanes.ts";
import type { ClaimFilter, Instant } from "../store.ts";
import type { Rows, Session } from "./database.ts";
import { sql } from "./sql.ts";

export interface Stream {
  readonly id: number;
  readonly lane: Lane;
  readonly origin: string;
  readonly route: string | null;
}

export type StreamName = Omit<Stream, "id">;

interface StreamRow {
  readonly id: number;
  readonly lane: number;
  readonly origin: string;
  readonly route: string | null;
}

/** A stream with something that waits for a time. */
export interface Upcoming {
  readonly stream: Stream;
  readonly dueAt: Instant;
}

/**
 * Rows of streams are never deleted, so that what is remembered stays true. Turns are each node's own: all nodes give
 * each stream its turn, and so does the whole.
 */
export class Streams {
  readonly #byId = new Map<number, Stream>();
  readonly #byName = new Map<string, Stream>();
  /** The turn in which a stream was served last. */
  readonly #served = new Map<number, number>();
  #turn = 0;

  /** Makes those that are new, in a transaction of their own: they stay when the caller's is undone. */
  async of(rows: Rows, names: readonly StreamName[]): Promise<readonly Stream[]> {
    const missing = this.#missing(names);
    if (missing.length > 0) {
      const values = valuesOf(missing);
      await rows.rows(sql.insertStreams, values);
      this.#learn(await rows.rows<StreamRow>(sql.streamsByName, values));
    }
    return names.map((name) => this.#byName.get(placeOf(name))!);
  }

  /** Within the caller's transaction: what it makes may be undone with it, and is not remembered. */
  async within(session: Session, names: readonly StreamName[]): Promise<readonly Stream[]> {
    const unknown = this.#missing(names);
    if (unknown.length > 0) this.#learn(await session.rows<StreamRow>(sql.streamsByName, valuesOf(unknown)));
    const made = new Map<string, Stream>();
    const fresh = this.#missing(names);
    if (fresh.length > 0) {
      const values = valuesOf(fresh);
      await session.rows(sql.insertStreams, values);
      for (const row of await session.rows<StreamRow>(sql.streamsByName, values)) {
        const stream = toStream(row);
        made.set(placeOf(stream), stream);
      }
    }
    return names.map((name) => this.#byName.get(placeOf(name)) ?? made.get(placeOf(name))!);
  }

  /** Each once, and in one order, so that nodes that make them at the same time do not wait for each other. */
  #missing(names: readonly StreamName[]): readonly StreamName[] {
    const missing = new Map<string, StreamName>();
    for (const name of names) {
      const place = placeOf(name);
      if (!this.#byName.has(place)) missing.set(place, name);
    }
    return [...missing.keys()].sort().map((place) => missing.get(place)!);
  }

  /** Those that have something that waits for a time, out of rows that name them. */
  async upcoming(
    rows: Rows,
    found: readonly { readonly stream: number; readonly due_at: Instant }[],
  ): Promise<readonly Upcoming[]> {
    const unknown = found.map(({ stream }) => stream).filter((id) => !this.#byId.has(id));
    if (unknown.length > 0) this.#learn(await rows.rows<StreamRow>(sql.streamsById, [unknown]));
    return found.map(({ stream, due_at }) => ({ stream: this.#byId.get(stream)!, dueAt: due_at }));
  }

  /** Known since a row of work that names it was found by `upcoming`, or learned now. */
  async byId(rows: Rows, ids: readonly number[]): Promise<ReadonlyMap<number, Stream>> {
    const unknown = ids.filter((id) => !this.#byId.has(id));
    if (unknown.length > 0) this.#learn(await rows.rows<StreamRow>(sql.streamsById, [unknown]));
    return this.#byId;
  }

  /** The one served longest ago first. */
  inTurn(streams: readonly Stream[]): readonly Stream[] {
    const served = (stream: Stream) => this.#served.get(stream.id) ?? 0;
    return streams.toSorted((a, b) => served(a) - served(b) || a.id - b.id);
  }

  serve(stream: Stream): void {
    this.#served.set(stream.id, ++this.#turn);
  }

  #learn(rows: readonly StreamRow[]): void {
    for (const row of rows) {
      const stream = toStream(row);
      this.#byId.set(stream.id, stream);
      this.#byName.set(placeOf(stream), stream);
    }
  }
}

function toStream({ id, lane, origin, route }: StreamRow): Stream {
  return { id, lane: lanes[lane]!, origin, route };
}

function valuesOf(names: readonly StreamName[]): readonly unknown[] {
  return [
    names.map(({ lane }) => lanes.indexOf(lane)),
    names.map(({ origin }) => origin),
    names.map(({ route }) => route),
  ];
}

export function passes({ lane, route }: Stream, { lanes: wanted, except = [] }: ClaimFilter): boolean {
  return (wanted === undefined || wanted.includes(lane)) && !except.includes(route);
}

function placeOf({ lane, origin, route }: StreamName): string {
  return JSON.stringify([lane, origin, route]);
}
