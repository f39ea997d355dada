// The clock is set back: what was put off under the later time does not wait until that time comes again.
import { describe, expect, test } from "vitest";
import {
  attempt,
  begin,
  claimAll,
  claimOne,
  end,
  id,
  message,
  minute,
  next,
  now,
  type Open,
  stored,
  verdict,
} from "./harness.ts";

const day = 24 * 60 * minute;
const ahead = now + day;

export function clock(open: Open): void {
  describe("a clock that is set back", () => {
    const long = { expiresAt: now + 9 * day };

    test("lets what was deferred wait as long as it was to wait", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, long)]);
      const claim = await claimOne(store, { now: ahead });
      const dueAt = ahead + 5 * minute;
      await store.record([
        attempt(claim, [{ index: 0, event: "defer", dueAt, verdict }], { endedAt: ahead }),
      ]);
      expect(await store.clockSetBack(now)).toBe(1);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({
        state: "deferred",
        dueAt: now + 5 * minute,
        changedAt: now,
      });
      expect(await next(store)).toBe(now + 5 * minute);
      expect(await claimAll(store, { now: now + 5 * minute })).toHaveLength(1);
    });

    test("lets what came in or was tried again under the later time go at once", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([message(1, { ...long, createdAt: ahead }), message(2, long)]);
      await end(store, await claimOne(store), "bounce");
      await store.retry(id(2), ahead);
      expect(await claimAll(store)).toEqual([]);
      expect(await store.clockSetBack(now)).toBe(2);
      expect((await claimAll(await reopen())).map((c) => c.id).sort()).toEqual([id(1), id(2)]);
    });

    test("brings back the leases that were taken or extended under the later time", async () => {
      const { store } = await begin(open);
      await store.accept([1, 2, 3].map((n) => message(n, { ...long, recipients: [`${n}@example.net`] })));
      const kept = await claimOne(store, { leaseMs: 9 * minute });
      const extended = await claimOne(store);
      await store.extend([{ id: extended.id, lease: extended.lease }], ahead + minute);
      const taken = await claimOne(store, { now: ahead - minute, leaseMs: 2 * minute });
      expect([kept.id, extended.id, taken.id]).toEqual([1, 2, 3].map(id));
      expect(await store.clockSetBack(now)).toBe(2);
      expect(await next(store)).toBe(now + minute);
      expect((await claimAll(store, { now: now + minute })).map((c) => c.id)).toEqual([id(2)]);
      expect((await claimAll(store, { now: now + 2 * minute })).map((c) => c.id)).toContain(id(3));
      expect(await store.record([attempt(kept, [{ index: 0, event: "accept" }])])).toMatchObject([
        { applied: true },
      ]);
    });

    test("leaves a lease that is brought back in its holder's hands", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, long)]);
      const claim = await claimOne(store, { now: ahead });
      await store.clockSetBack(now);
      await end(store, claim, "accept");
      expect(await next(store, { now: ahead })).toBeNull();
    });

    test("touches neither what a person set a time for nor what was put off before, nor any expiry", async () => {
      const { store } = await begin(open);
      await store.accept([
        message(1, { ...long, notBefore: now + 2 * day, createdAt: ahead }),
        message(2, long),
        message(3, { ...long, expiresAt: ahead + 2 * day, createdAt: ahead }),
      ]);
      const claim = await claimOne(store);
      const dueAt = now + 30 * minute;
      await store.record([attempt(claim, [{ index: 0, event: "defer", dueAt, verdict }], { endedAt: now })]);
      await store.clockSetBack(now);
      expect((await stored(store, 1)).recipients[0]!.dueAt).toBe(now + 2 * day);
      expect((await stored(store, 2)).recipients[0]!.dueAt).toBe(dueAt);
      expect((await stored(store, 3)).expiresAt).toBe(ahead + 2 * day);
    });

    test("is set back once: a second word of it changes nothing", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { ...long, createdAt: ahead }), message(2, long)]);
      await claimOne(store, { now: ahead });
      expect(await store.clockSetBack(now)).toBe(2);
      expect(await store.clockSetBack(now)).toBe(0);
      expect(await store.clockSetBack(now + minute)).toBe(0);
    });

    test("reaches every message, however many wait, each recipient on its own", async () => {
      const { store } = await begin(open);
      const recipients = ["a@example.net", "b@example.net"];
      const numbers = Array.from({ length: 1_200 }, (_, n) => n + 1);
      await store.accept(numbers.map((n) => message(n, { ...long, createdAt: ahead, recipients })));
      expect(await store.clockSetBack(now)).toBe(2_400);
      expect(await claimAll(store, { limit: 2_000 })).toHaveLength(1_200);
    });

    test("frees budgets of what was spent under the later time, but for what counts as spent now", async () => {
      const { store } = await begin(open);
      const request = { account: "main", limits: { minute: 9 }, urgentShare: 0, urgent: false, wanted: 5 };
      await store.budgets.take({ ...request, now: ahead });
      await store.clockSetBack(now);
      expect(await store.budgets.take({ ...request, now })).toMatchObject({ granted: 4 });
      expect(await store.budgets.take({ ...request, now: now + 2 * minute })).toMatchObject({ granted: 5 });
    });
  });
}
