// What accounts have spent, in buckets of time.
import { type Bucket, bucketStart, budgetWindows, decide, lastUncounted, spentIn } from "../../budget.ts";
import type { Instant, Spent, TokenGrant, TokenRequest } from "../../store.ts";
import type { Engine } from "../statements.ts";

export function takeTokens(engine: Engine, request: TokenRequest): TokenGrant {
  const { statements } = engine;
  const { account, now, urgent } = request;
  const buckets = bucketsOf(engine, account);
  const grant = decide(request, buckets);
  if (grant.granted === 0) return grant;
  for (const [span, window] of budgetWindows.entries()) {
    const start = bucketStart(window, now);
    const { granted } = grant;
    statements.addSpent.run(account, span, start, urgent ? granted : 0, urgent ? 0 : granted);
    const uncounted = lastUncounted(window, now);
    if (buckets.some((bucket) => bucket.window === window && bucket.start <= uncounted)) {
      statements.deleteSpentOfUntil.run(account, span, uncounted);
    }
  }
  return grant;
}

/** More than was taken then, or what was set back with the clock since, is left out. */
export function giveTokensBack(
  { statements }: Engine,
  returned: {
    readonly account: string;
    readonly takenAt: Instant;
    readonly count: number;
    readonly urgent: boolean;
  },
): void {
  const { account, takenAt, count, urgent } = returned;
  for (const [span, window] of budgetWindows.entries()) {
    const start = bucketStart(window, takenAt);
    statements.giveBackSpent.run(urgent ? count : 0, urgent ? 0 : count, account, span, start);
  }
}

export function spentBy(engine: Engine, account: string, now: Instant): Spent {
  return spentIn(bucketsOf(engine, account), now);
}

/** What was spent under a clock that ran ahead counts as spent now: else it would hold back mail until that time comes. */
export function setBudgetsBack(engine: Engine, now: Instant): void {
  const { statements } = engine;
  for (const [span, window] of budgetWindows.entries()) {
    const start = bucketStart(window, now);
    const ahead = statements.spentAfter.all(span, start);
    statements.deleteSpentAfter.run(span, start);
    for (const { account, urgent, other } of ahead) {
      statements.addSpent.run(account!, span, start, urgent!, other!);
    }
  }
}

function bucketsOf({ statements }: Engine, account: string): readonly Bucket[] {
  return statements.spentBy.all(account).map((row) => ({
    window: budgetWindows[row.span as number]!,
    start: row.start as number,
    urgent: row.urgent as number,
    other: row.other as number,
  }));
}
