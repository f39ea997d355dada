// Rolling windows counted in buckets: how many tokens there are, until when they hold, when there are more.
import type { BudgetWindow, Instant, Spent, TokenGrant, TokenRequest } from "./store.ts";

interface Measure {
  readonly windowMs: number;
  /** Divides the window and the next larger bucket. */
  readonly bucketMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

const measures: Readonly<Record<BudgetWindow, Measure>> = {
  minute: { windowMs: minute, bucketMs: 5_000 },
  hour: { windowMs: hour, bucketMs: 5 * minute },
  day: { windowMs: 24 * hour, bucketMs: hour },
};

/** From the smallest. */
export const budgetWindows: readonly BudgetWindow[] = ["minute", "hour", "day"];

export interface Bucket {
  readonly window: BudgetWindow;
  readonly start: Instant;
  readonly urgent: number;
  readonly other: number;
}

/** The start of the bucket in which something is spent. */
export function bucketStart(window: BudgetWindow, at: Instant): Instant {
  return at - (at % measures[window].bucketMs);
}

/** Buckets that start then or earlier count no more. One that lies partly inside the window counts whole. */
export function lastUncounted(window: BudgetWindow, now: Instant): Instant {
  return now - measures[window].windowMs - measures[window].bucketMs;
}

/**
 * How many of the tokens there are. What is spent within the bucket it was taken in is counted in each window that
 * reaches into that bucket: so never more than the limit is spent in any window of that length.
 */
export function decide(request: TokenRequest, buckets: readonly Bucket[]): TokenGrant {
  const { now, limits, wanted } = request;
  const limited = budgetWindows.filter((window) => limits[window] !== undefined);
  const inWindow = (window: BudgetWindow) => counted(buckets, window, now);
  const rooms = limited.map((window) => room(request, limits[window]!, inWindow(window)));
  const granted = Math.max(Math.min(wanted, ...rooms), 0);
  // Without a limit nothing can be overspent: a long hold asks the least.
  const holding = limited[0] ?? budgetWindows.at(-1)!;
  const validUntil = bucketStart(holding, now) + measures[holding].bucketMs;
  if (granted > 0) return { granted, validUntil, next: null };
  const waits = limited.map((window) => roomAt(request, window, limits[window]!, inWindow(window)));
  return { granted, validUntil, next: waits.includes(null) ? null : Math.max(...waits.map((at) => at!)) };
}

/** How much of each window is spent. */
export function spentIn(buckets: readonly Bucket[], now: Instant): Spent {
  const inWindow = (window: BudgetWindow) => {
    const { urgent, other } = sum(counted(buckets, window, now));
    return { all: urgent + other, urgent };
  };
  return { minute: inWindow("minute"), hour: inWindow("hour"), day: inWindow("day") };
}

/** In order of time. */
function counted(buckets: readonly Bucket[], window: BudgetWindow, now: Instant): readonly Bucket[] {
  return buckets
    .filter((bucket) => bucket.window === window && bucket.start > lastUncounted(window, now))
    .sort((a, b) => a.start - b.start);
}

function sum(buckets: readonly Bucket[]): { readonly urgent: number; readonly other: number } {
  return buckets.reduce(
    (all, { urgent, other }) => ({ urgent: all.urgent + urgent, other: all.other + other }),
    { urgent: 0, other: 0 },
  );
}

/** Tokens left; below zero when a limit was lowered. */
function room({ urgent, urgentShare }: TokenRequest, limit: number, buckets: readonly Bucket[]): number {
  const spent = sum(buckets);
  const left = limit - spent.urgent - spent.other;
  return urgent ? left : left - Math.max(0, keptForUrgent(limit, urgentShare) - spent.urgent);
}

/** Less than all of a limit, unless all of it was asked for: other mail must not stand still for ever. */
export function keptForUrgent(limit: number, share: number): number {
  if (share <= 0 || limit < 2) return 0;
  return share >= 1 ? limit : Math.min(Math.max(1, Math.round(limit * share)), limit - 1);
}

/** When enough buckets have left the window for one token; null for never. */
function roomAt(
  request: TokenRequest,
  window: BudgetWindow,
  limit: number,
  buckets: readonly Bucket[],
): Instant | null {
  if (room(request, limit, buckets) > 0) return request.now;
  for (let gone = 1; gone <= buckets.length; gone++) {
    if (room(request, limit, buckets.slice(gone)) <= 0) continue;
    const { windowMs, bucketMs } = measures[window];
    return buckets[gone - 1]!.start + bucketMs + windowMs;
  }
  return null;
}
