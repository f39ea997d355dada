// What accounts have spent, in buckets of time, and what they may do at one time.
import { type Bucket, bucketStart, budgetWindows, decide, lastUncounted, spentIn } from "../../budget.ts";
import type { Budgets, Instant, Spent, TokenGrant, TokenRequest } from "../../store.ts";
import type { Rows, Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { sql } from "../sql.ts";

const spans = budgetWindows.map((_, span) => span);
const startsAt = (at: Instant) => budgetWindows.map((window) => bucketStart(window, at));
const uncountedAt = (now: Instant) => budgetWindows.map((window) => lastUncounted(window, now));

export function takeTokens({ database }: Engine, request: TokenRequest): Promise<TokenGrant> {
  const { account, now, urgent } = request;
  return database.transaction(async (session) => {
    await session.rows(sql.lockAccount, [account]);
    const buckets = await bucketsOf(session, account);
    const grant = decide(request, buckets);
    if (grant.granted === 0) return grant;
    await session.rows(sql.addSpent, [
      spans.map(() => account),
      spans,
      startsAt(now),
      spans.map(() => (urgent ? grant.granted : 0)),
      spans.map(() => (urgent ? 0 : grant.granted)),
    ]);
    const uncounted = uncountedAt(now);
    if (buckets.some(({ window, start }) => start <= uncounted[budgetWindows.indexOf(window)]!)) {
      await session.rows(sql.deleteSpentOfUntil, [account, spans, uncounted]);
    }
    return grant;
  });
}

/** More than was taken then, or what was set back with the clock since, is left out. */
export async function giveTokensBack(
  { database }: Engine,
  returned: Parameters<Budgets["giveBack"]>[0],
): Promise<void> {
  const { account, takenAt, count, urgent } = returned;
  const given = [urgent ? count : 0, urgent ? 0 : count];
  await database.rows(sql.giveBackSpent, [account, spans, startsAt(takenAt), ...given]);
}

export async function spentBy({ database }: Engine, account: string, now: Instant): Promise<Spent> {
  return spentIn(await bucketsOf(database, account), now);
}

/** What was spent under a clock that ran ahead counts as spent now: else it would hold back mail until that time comes. */
export async function setBudgetsBack(session: Session, now: Instant): Promise<void> {
  const starts = startsAt(now);
  const ahead = await session.rows<{
    readonly account: string;
    readonly span: number;
    readonly urgent: number;
    readonly other: number;
  }>(sql.takeSpentAfter, [spans, starts]);
  const byBucket = Map.groupBy(ahead, ({ account, span }) => JSON.stringify([account, span]));
  if (byBucket.size === 0) return;
  const sums = [...byBucket.values()].map((rows) => ({
    ...rows[0]!,
    urgent: rows.reduce((sum, row) => sum + row.urgent, 0),
    other: rows.reduce((sum, row) => sum + row.other, 0),
  }));
  await session.rows(sql.addSpent, [
    sums.map(({ account }) => account),
    sums.map(({ span }) => span),
    sums.map(({ span }) => starts[span]!),
    sums.map(({ urgent }) => urgent),
    sums.map(({ other }) => other),
  ]);
}

async function bucketsOf(rows: Rows, account: string): Promise<readonly Bucket[]> {
  const found = await rows.rows<{
    readonly span: number;
    readonly start: number;
    readonly urgent: number;
    readonly other: number;
  }>(sql.spentBy, [account]);
  return found.map(({ span, ...bucket }) => ({ window: budgetWindows[span]!, ...bucket }));
}
