import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AccountLimits } from "../accounts/account.ts";
import { limitsOf } from "../accounts/limits.ts";
import { completeAccount } from "../accounts/settings.ts";
import { openSqliteStore } from "../queue/sqlite/open.ts";
import { Budget, type BudgetNews } from "./budget.ts";
import { ManualClock } from "./testing.ts";

const minute = 60_000;
const hour = 60 * minute;

async function setUp(limits: AccountLimits) {
  const directory = mkdtempSync(join(tmpdir(), "postrider-budget-"));
  const store = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const clock = new ManualClock();
  const news: BudgetNews[] = [];
  const spent: { readonly who: string; readonly until: number }[] = [];
  const account = completeAccount(
    { name: "a", host: "127.0.0.1", port: 1025, security: "none", limits },
    { kind: "none" },
    null,
    0,
  );
  let woken: () => void = () => undefined;
  const open = () =>
    new Budget({
      account: "a",
      limits: limitsOf(account),
      store: store.budgets,
      clock,
      onRoom: () => woken(),
      onSpent: (who, until) => {
        spent.push({ who, until });
        woken();
      },
      onNews: (one) => {
        news.push(one);
        woken();
      },
    });
  /** Resolves when the budget says something. */
  const heard = () => new Promise<void>((resolve) => (woken = resolve));
  /** Takes as often as it can without time passing; how often. */
  async function takeAll(budget: Budget, urgent = false): Promise<number> {
    for (let taken = 0; ; ) {
      const said = heard();
      if (budget.take(urgent, 1) !== null) taken += 1;
      else if (clock.next !== null) return taken;
      else await Promise.race([said, waitForTimer(clock)]);
    }
  }
  return { store, clock, news, spent, open, heard, takeAll };
}

async function waitForTimer(clock: ManualClock): Promise<void> {
  while (clock.next === null) await new Promise(setImmediate);
}

test("by the second: no more than the limit in any second, a part of it for urgent mail, and it tells when there is more", async () => {
  const { clock, open, takeAll, heard } = await setUp({ perSecond: 10 });
  const budget = open();
  expect(await takeAll(budget)).toBe(9);
  expect(budget.take(true, 1)).not.toBeNull();
  expect(budget.take(true, 1)).toBeNull();
  const said = heard();
  clock.advance(1000);
  await said;
  expect(budget.take(false, 1)).not.toBeNull();
});

test("by the day: spent is spent across restarts, and the urgent part stays for urgent mail", async () => {
  const { store, clock, spent, news, open, takeAll } = await setUp({ perDay: 50 });
  const first = open();
  expect(await takeAll(first)).toBe(45);
  expect(spent).toHaveLength(1);
  expect(spent[0]!.who).toBe("others");
  expect(spent[0]!.until - clock.now()).toBeGreaterThan(23 * hour);
  expect(first.blockedUntil(false)).toBe(spent[0]!.until);
  expect(first.blockedUntil(true)).toBeNull();
  await first.close();
  const second = open();
  expect(await takeAll(second)).toBe(0);
  expect(await takeAll(second, true)).toBe(5);
  expect(second.blockedUntil(true)).not.toBeNull();
  expect((await store.budgets.spent("a", clock.now())).day).toEqual({ all: 50, urgent: 5 });
  expect(news.map(({ type }) => type)).toContain("budget-spent");
  clock.advance(25 * hour);
  expect(await takeAll(second)).toBe(45);
});

test("what was in hand and not spent is given back at the end", async () => {
  const { store, clock, open, heard } = await setUp({ perDay: 1000 });
  const budget = open();
  const said = heard();
  expect(budget.take(false, 1)).toBeNull();
  await said;
  expect(budget.take(false, 1)).not.toBeNull();
  expect((await store.budgets.spent("a", clock.now())).day.all).toBeGreaterThan(1);
  await budget.close();
  expect((await store.budgets.spent("a", clock.now())).day.all).toBe(1);
});

test("what was taken for a message that was not handed over can be spent on another", async () => {
  const { open, takeAll } = await setUp({ perDay: 3, urgentPercent: 0 });
  const budget = open();
  expect(await takeAll(budget)).toBe(3);
  budget.giveBack(0, false, 1);
  expect(budget.take(false, 1)).toBeNull();
});

test("a dear message waits until there is enough for it", async () => {
  const { clock, open, heard } = await setUp({ perMinute: 20, unit: "recipients", urgentPercent: 0 });
  const budget = open();
  let said = heard();
  expect(budget.take(false, 15)).toBeNull();
  await said;
  expect(budget.take(false, 15)).not.toBeNull();
  expect(budget.take(false, 15)).toBeNull();
  await waitForTimer(clock);
  said = heard();
  clock.advance(minute + 5_000);
  await said;
  said = heard();
  if (budget.take(false, 15) === null) await said;
  expect(budget.blockedUntil(false)).toBeNull();
});

test("a budget that is nearly spent is told of once", async () => {
  const { news, open, takeAll } = await setUp({ perHour: 20, urgentPercent: 0 });
  const budget = open();
  expect(await takeAll(budget)).toBe(20);
  while (news.length < 2) await new Promise(setImmediate);
  expect(news).toMatchObject([
    { type: "budget-low", window: "hour", limit: 20, spent: 20 },
    { type: "budget-spent", window: "hour" },
  ]);
});
