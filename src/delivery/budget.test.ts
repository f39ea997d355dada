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

const hour = 3_600_000;

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
  let rooms = 0;
  let reopened = 0;
  const open = () =>
    new Budget({
      account: "a",
      limits: limitsOf(account),
      store: store.budgets,
      clock,
      onRoom: () => {
        rooms += 1;
      },
      onSpent: (who, until) => void spent.push({ who, until }),
      onReopen: () => {
        reopened += 1;
      },
      onNews: (one) => void news.push(one),
    });
  /** Whether it can be spent, asking storage where that is needed. */
  async function take(budget: Budget, urgent = false, cost = 1): Promise<boolean> {
    // Answers come in the order of the questions: after this one, its own has come, and that to an earlier one.
    for (let asked = 0; asked < 2; asked += 1) {
      if (budget.take(urgent, cost) !== null) return true;
      await store.budgets.spent("a", clock.now());
    }
    return budget.take(urgent, cost) !== null;
  }
  /** Takes as often as it can without time passing; how often. */
  async function takeAll(budget: Budget, urgent = false): Promise<number> {
    for (let taken = 0; ; taken += 1) if (!(await take(budget, urgent))) return taken;
  }
  return { store, clock, news, spent, open, take, takeAll, rooms: () => rooms, reopened: () => reopened };
}

test("by the second: no more than the limit in any second, a part of it for urgent mail, and it tells when there is more", async () => {
  const { clock, open, takeAll, rooms } = await setUp({ perSecond: 10 });
  const budget = open();
  expect(await takeAll(budget)).toBe(9);
  expect(await takeAll(budget, true)).toBe(1);
  const before = rooms();
  clock.advance(1000);
  expect(rooms()).toBeGreaterThan(before);
  expect(await takeAll(budget)).toBe(9);
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
  const { store, clock, open, take } = await setUp({ perDay: 1000 });
  const budget = open();
  expect(await take(budget)).toBe(true);
  expect((await store.budgets.spent("a", clock.now())).day.all).toBeGreaterThan(1);
  await budget.close();
  expect((await store.budgets.spent("a", clock.now())).day.all).toBe(1);
});

test("what was taken for a message that was not handed over can be spent on another, in its time", async () => {
  const { clock, open, takeAll } = await setUp({ perMinute: 3, urgentPercent: 0 });
  const budget = open();
  await takeAll(budget);
  const ticket = budget.take(false, 1);
  expect(ticket).toBeNull();
  const next = open();
  clock.advance(70_000);
  expect(await takeAll(next)).toBe(3);
  next.giveBack(0, false, 1);
  expect(await takeAll(next)).toBe(0);
  next.giveBack(clock.now() - (clock.now() % 5_000) + 5_000, false, 1);
  expect(await takeAll(next)).toBe(1);
});

test("what comes back after the budget was spent can be spent in a moment, and not when the window is over", async () => {
  const { store, clock, open, take, takeAll, spent, reopened } = await setUp({
    perDay: 10,
    urgentPercent: 0,
  });
  const budget = open();
  const tickets: number[] = [];
  while (tickets.length < 10) {
    const ticket = budget.take(false, 1);
    if (ticket === null) await store.budgets.spent("a", clock.now());
    else tickets.push(ticket);
  }
  expect(await take(budget)).toBe(false);
  expect(spent).toHaveLength(1);
  expect(budget.blockedUntil(false)).not.toBeNull();
  for (const ticket of tickets.slice(0, 4)) budget.giveBack(ticket, false, 1);
  expect(budget.blockedUntil(false)).toBeNull();
  expect(reopened()).toBe(1);
  expect(await takeAll(budget)).toBe(4);
  clock.advance(5_000);
  expect(await take(budget)).toBe(false);
  expect(budget.blockedUntil(false)).not.toBeNull();
  // The hour in which they were taken is over, and they are counted for it still.
  clock.advance(hour);
  for (const ticket of tickets.slice(4, 6)) budget.giveBack(ticket, false, 1);
  clock.advance(5_000);
  expect(await takeAll(budget)).toBe(2);
  expect((await store.budgets.spent("a", clock.now())).day.all).toBe(10);
});

test("what was in hand when the clock is set counts for the time at which it was taken, and is given back", async () => {
  const { store, clock, open, take } = await setUp({ perDay: 1000 });
  const budget = open();
  expect(await take(budget)).toBe(true);
  clock.jump(-24 * hour);
  budget.reconsider();
  await store.clockSetBack(clock.now());
  expect((await store.budgets.spent("a", clock.now())).day.all).toBe(1);
});

test("a dear message waits until there is enough for it", async () => {
  const { clock, open, take } = await setUp({ perMinute: 20, unit: "recipients", urgentPercent: 0 });
  const budget = open();
  expect(await take(budget, false, 15)).toBe(true);
  expect(await take(budget, false, 15)).toBe(false);
  expect(await take(budget, false, 5)).toBe(true);
  clock.advance(70_000);
  expect(await take(budget, false, 15)).toBe(true);
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
