// Budgets: never more than the limit in any window of its length, and a part kept for urgent mail.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QueueStore, TokenRequest } from "../store.ts";
import { budgetRuns, expectWithinLimits } from "./budget-runs.ts";
import { begin, minute, now, type Open } from "./harness.ts";

const take = (store: QueueStore, given: Partial<TokenRequest> = {}) =>
  store.budgets.take({
    account: "main",
    now,
    limits: { minute: 10 },
    urgentShare: 0,
    urgent: false,
    wanted: 1,
    ...given,
  });

export function spending(open: Open): void {
  describe("a budget", () => {
    test("grants what is wanted, then what is left, then says when there is more", async () => {
      const { store } = await begin(open);
      expect(await take(store, { wanted: 7 })).toMatchObject({ granted: 7, next: null });
      expect(await take(store, { wanted: 7 })).toMatchObject({ granted: 3, next: null });
      const refused = await take(store, { wanted: 7 });
      expect(refused.granted).toBe(0);
      expect(refused.next).toBeGreaterThanOrEqual(now + minute);
      expect(await take(store, { now: refused.next! - 1 })).toMatchObject({ granted: 0, next: refused.next });
      expect(await take(store, { now: refused.next!, wanted: 99 })).toMatchObject({ granted: 10 });
    });

    test("takes from every window or from none", async () => {
      const { store } = await begin(open);
      const limits = { minute: 10, hour: 12 };
      expect(await take(store, { limits, wanted: 9 })).toMatchObject({ granted: 9 });
      expect(await take(store, { limits, now: now + 2 * minute, wanted: 9 })).toMatchObject({ granted: 3 });
      const refused = await take(store, { limits, now: now + 2 * minute });
      expect(refused.granted).toBe(0);
      expect(refused.next).toBeGreaterThanOrEqual(now + 60 * minute);
      expect(await store.budgets.spent("main", now + 2 * minute)).toEqual({
        minute: { all: 3, urgent: 0 },
        hour: { all: 12, urgent: 0 },
        day: { all: 12, urgent: 0 },
      });
    });

    test("is each account's own, and what is not limited is counted too", async () => {
      const { store } = await begin(open);
      expect(await take(store, { limits: {}, wanted: 500, urgent: true })).toMatchObject({ granted: 500 });
      expect(await take(store, { account: "other", wanted: 10 })).toMatchObject({ granted: 10 });
      expect(await take(store)).toMatchObject({ granted: 0 });
      expect((await store.budgets.spent("main", now)).day).toEqual({ all: 500, urgent: 500 });
      expect((await store.budgets.spent("nobody", now)).day).toEqual({ all: 0, urgent: 0 });
    });

    test("holds what was granted for a while, and takes back what was not used", async () => {
      const { store } = await begin(open);
      const { validUntil } = await take(store, { wanted: 10 });
      expect(validUntil).toBeGreaterThan(now);
      expect(validUntil).toBeLessThanOrEqual(now + minute);
      await store.budgets.giveBack({ account: "main", takenAt: now, count: 4, urgent: false });
      expect(await take(store, { wanted: 10 })).toMatchObject({ granted: 4 });
      await store.budgets.giveBack({ account: "main", takenAt: now, count: 40, urgent: false });
      expect(await take(store, { wanted: 99 })).toMatchObject({ granted: 10 });
    });

    test("survives a restart: what was taken is spent, used or not", async () => {
      const { store, reopen } = await begin(open);
      await take(store, { wanted: 8 });
      const again = await reopen();
      expect(await take(again, { wanted: 8 })).toMatchObject({ granted: 2 });
    });

    test("keeps its share for urgent mail, which may spend all of it", async () => {
      const { store } = await begin(open);
      const urgentShare = 0.3;
      expect(await take(store, { urgentShare, wanted: 99 })).toMatchObject({ granted: 7 });
      expect(await take(store, { urgentShare })).toMatchObject({ granted: 0 });
      expect(await take(store, { urgentShare, urgent: true, wanted: 99 })).toMatchObject({ granted: 3 });
      expect(await take(store, { urgentShare, urgent: true })).toMatchObject({ granted: 0 });
      expect((await store.budgets.spent("main", now)).minute).toEqual({ all: 10, urgent: 3 });
    });

    test("keeps less for urgent mail the more of it was sent", async () => {
      const { store } = await begin(open);
      const urgentShare = 0.3;
      await take(store, { urgentShare, urgent: true, wanted: 2 });
      expect(await take(store, { urgentShare, wanted: 99 })).toMatchObject({ granted: 7 });
      expect(await take(store, { urgentShare, urgent: true, wanted: 99 })).toMatchObject({ granted: 1 });
    });

    test.each([
      [1, 0.1, 1],
      [2, 0.1, 1],
      [2, 0.9, 1],
      [3, 0.9, 1],
      [10, 0, 10],
      [10, 0.04, 9],
      [10, 1, 0],
    ])("of %i, with a share of %f for urgent mail, gives other mail %i", async (limit, urgentShare, granted) => {
      const { store } = await begin(open);
      const limits = { day: limit };
      const grant = await take(store, { limits, urgentShare, wanted: 99 });
      expect(grant.granted).toBe(granted);
      if (granted === 0) expect(grant.next).toBeNull();
      const rest = { limits, urgentShare, urgent: true, wanted: 99 };
      expect(await take(store, rest)).toMatchObject({ granted: limit - granted });
    });

    test("that was lowered below what is spent waits until enough of it is past", async () => {
      const { store } = await begin(open);
      await take(store, { wanted: 9 });
      await take(store, { now: now + 30_000, limits: { minute: 20 }, wanted: 2 });
      const at = now + 30_000;
      const { next } = await take(store, { now: at, limits: { minute: 3 } });
      expect(next).toBeGreaterThanOrEqual(now + minute);
      expect(next).toBeLessThan(now + minute + 30_000);
      expect(await take(store, { now: next!, limits: { minute: 3 }, wanted: 9 })).toMatchObject({
        granted: 1,
      });
    });

    test("never lets more than a limit be spent in any window of its length, whatever is taken and given back", async () => {
      await fc.assert(
        fc.asyncProperty(budgetRuns, async (run) => {
          const harness = await open();
          let { store } = harness;
          try {
            await expectWithinLimits(run, {
              take: (request) => store.budgets.take(request),
              giveBack: (returned) => store.budgets.giveBack(returned),
              crash: async () => {
                store = await harness.reopen();
              },
            });
          } finally {
            await harness.cleanup();
          }
        }),
        { numRuns: 4, endOnFailure: true },
      );
    });
  });
}
