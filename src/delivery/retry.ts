// When to try again.
import type { Lane } from "../messages/lanes.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * Milliseconds before the second try, the third, and so on; the last one repeats. Somebody is waiting for an
 * urgent message, so it starts in seconds; the others follow the advice of RFC 5321 §4.5.4.1, to begin
 * with minutes and go on to hours.
 */
export const delays: Readonly<Record<Lane, readonly number[]>> = {
  urgent: [2 * second, 5 * second, 15 * second, minute, 2 * minute, 3 * minute, 5 * minute],
  normal: [minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour],
  bulk: [5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 6 * hour],
};

/** Messages that failed together must not come back together: each delay varies by this much to either side. */
const jitter = 0.2;

/** A server that asks for more than this is not taken at its word. */
const longestWait = 24 * hour;

export interface RetryFacts {
  readonly lane: Lane;
  /** Attempts made before the one that just failed. */
  readonly attempts: number;
  /** How long the server asked us to wait; null when it did not say. */
  readonly waitMs: number | null;
  readonly now: number;
  /** Not before this, because the account or the endpoint rests until then; null when it does not. */
  readonly restUntil: number | null;
  readonly expiresAt: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * The instant of the next try: by the lane's schedule, never before what the server asked for or the rest of its
 * account. Null when that is at or after `expiresAt`: there will be no other try.
 */
export function nextTry(facts: RetryFacts): number | null {
  const { lane, attempts, now, random } = facts;
  const schedule = delays[lane];
  const planned = schedule[Math.min(attempts, schedule.length - 1)]!;
  const varied = planned * (1 - jitter + 2 * jitter * random());
  const asked = Math.min(facts.waitMs ?? 0, longestWait);
  const rested = facts.restUntil === null ? 0 : facts.restUntil - now;
  const floor = Math.max(asked, rested);
  // Those who wait for the same moment are spread behind it by as much as their own delay would vary.
  const delay = floor > varied ? floor + planned * jitter * random() : varied;
  const dueAt = Math.ceil(now + delay);
  return dueAt < facts.expiresAt ? dueAt : null;
}
