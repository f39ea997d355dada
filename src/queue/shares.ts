// Who may do how much for an account at one time: a process's part of its connections and of its rate by the second.
import type { Instant, Share, ShareRequest } from "./store.ts";

/** What one process holds of one account, as storage keeps it. One that holds nothing stands there as well while it asks. */
export interface Holder {
  readonly account: string;
  readonly owner: string;
  readonly connections: number;
  /** Null when the rate was not limited. */
  readonly perSecond: number | null;
  /** From then on it uses nothing of it. */
  readonly until: Instant;
  /** What it held of the rate before, and when that is a second ago. */
  readonly before: number;
  readonly beforeUntil: Instant;
}

/** What was sent within it counts against a rate by the second. Milliseconds. */
export const rateSpanMs = 1_000;

/** The least that a part can be of which something is kept for urgent mail. */
const smallestPart = 2;

/** What has ended by then says nothing any more, and need not be kept. */
export function lastHeld(now: Instant): Instant {
  return now - rateSpanMs;
}

/**
 * The part of the process that asks, and what is to be kept of it. `rows` are those of the account, the asking one's
 * own among them. Nobody loses what it uses: a process whose part became smaller hears so when it asks, and what it
 * does without is others' when it asks again; of the rate, a second later.
 */
export function decideShare(
  request: ShareRequest,
  rows: readonly Holder[],
): { readonly share: Share; readonly row: Holder } {
  const { account, owner, now, connections, perSecond, open, rate, holdMs } = request;
  const until = now + holdMs;
  const own = rows.find((row) => row.owner === owner) ?? null;
  const others = rows.filter((row) => row.owner !== owner);
  const seat = seatOf(request, own, others);
  const earlier = own === null || perSecond === null ? 0 : rateOf(own, perSecond, now);
  // Who sends nothing yet does not know what it sent before: a process that was started again under the same name.
  const forgotten = rate === 0 ? earlier : 0;
  const room = {
    connections: connections - sum(others.map((row) => (row.until > now ? row.connections : 0))),
    perSecond:
      perSecond === null
        ? null
        : perSecond - forgotten - sum(others.map((row) => rateOf(row, perSecond, now))),
  };
  const part = {
    connections: partOf(connections, seat, room.connections),
    perSecond: perSecond === null || room.perSecond === null ? null : partOf(perSecond, seat, room.perSecond),
  };
  const usable = part.connections > 0 && part.perSecond !== 0;
  const share: Share = {
    connections: usable ? part.connections : 0,
    perSecond: usable || part.perSecond === null ? part.perSecond : 0,
    until,
  };
  const held = share.perSecond === null ? null : Math.max(share.perSecond, rate ?? perSecond!);
  const freed = held !== null && earlier > held;
  const row: Holder = {
    account,
    owner,
    connections: Math.max(share.connections, open),
    perSecond: held,
    until,
    before: freed ? earlier : 0,
    beforeUntil: freed ? freedAt(own!, held, now) : now,
  };
  return { share, row };
}

/** What is to be kept of a process that lets the others have its part: it uses nothing of it any more. */
export function letGo(row: Holder, now: Instant): Holder {
  const before = Math.max(row.perSecond ?? 0, row.beforeUntil > now ? row.before : 0);
  return { ...row, connections: 0, perSecond: 0, until: now, before, beforeUntil: now + rateSpanMs };
}

interface Seat {
  /** Counted from 0; null for none. */
  readonly index: number | null;
  /** Among how many the whole is divided. */
  readonly of: number;
}

/** Who has a part keeps one; a free seat is for who asks first. */
function seatOf(
  { now, connections, perSecond, owner }: ShareRequest,
  own: Holder | null,
  others: readonly Holder[],
): Seat {
  const asking = others.filter((row) => row.until > now);
  const most = (whole: number) => Math.max(1, Math.floor(whole / smallestPart));
  const of = Math.min(asking.length + 1, most(connections), most(perSecond ?? Number.POSITIVE_INFINITY));
  const seated = asking.filter((row) => row.connections > 0).map((row) => row.owner);
  const holds = own !== null && own.until > now && own.connections > 0;
  const index = holds ? seated.filter((other) => other < owner).length : seated.length;
  return { index: index < of ? index : null, of };
}

function partOf(whole: number, { index, of }: Seat, room: number): number {
  if (index === null) return 0;
  const even = Math.floor(whole / of) + (index < whole % of ? 1 : 0);
  return Math.max(0, Math.min(even, room));
}

/** What a process may have sent within the last second, or may send. One that knew no limit may have sent all there is. */
function rateOf(row: Holder, perSecond: number, now: Instant): number {
  const before = row.beforeUntil > now ? row.before : 0;
  const held = row.until > lastHeld(now) ? (row.perSecond ?? perSecond) : 0;
  return Math.max(before, held);
}

/** When what it did without is a second ago: the last of it now, or earlier, when it holds no less than then. */
function freedAt(own: Holder, held: number, now: Instant): Instant {
  const before = own.beforeUntil > now && (own.perSecond ?? Number.POSITIVE_INFINITY) <= held;
  return before ? own.beforeUntil : now + rateSpanMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
