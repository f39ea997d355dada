// Retry, cancel, reschedule, unpark: what a person or a mended account asks for.
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
  states,
  stored,
  verdict,
} from "./harness.ts";

export function steering(open: Open): void {
  describe("retry", () => {
    test("gives every recipient that can be tried again another try, and leaves the rest", async () => {
      const { store } = await begin(open);
      const recipients = ["a", "b", "c", "d", "e", "f"].map((name) => `${name}@example.net`);
      await store.accept([message(1, { recipients })]);
      const claim = await claimOne(store);
      await store.record([
        attempt(claim, [
          { index: 0, event: "accept" },
          { index: 1, event: "defer", dueAt: now + 60 * minute, verdict },
          { index: 2, event: "park", verdict },
          { index: 3, event: "lose", verdict },
          { index: 4, event: "bounce", verdict },
          { index: 5, event: "fail", verdict },
        ]),
      ]);
      expect(await store.retry(id(1), now + minute)).toBe(5);
      const again = await claimOne(store, { now: now + minute });
      expect(again.recipients.map((r) => [r.index, r.attempts])).toEqual([1, 2, 3, 4, 5].map((n) => [n, 1]));
      expect((await states(store, 1))[0]).toBe("sent");
    });

    test("brings a bounced message back into the queue", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      await end(store, await claimOne(store), "bounce");
      expect(await next(store)).toBeNull();
      expect(await store.retry(id(1), now + minute)).toBe(1);
      expect(await next(store)).toBe(now + minute);
      expect(await claimAll(store, { now: now + minute })).toHaveLength(1);
    });

    test("does not touch what is on its way, sent, canceled, expired or unknown to the store", async () => {
      const { store } = await begin(open);
      await store.accept([message(1), message(2), message(3), message(4, { expiresAt: now })]);
      await store.cancel(id(3), now);
      const [sending, sent] = await claimAll(store);
      await end(store, sent!, "accept");
      for (const n of [1, 2, 3, 4, 5]) expect(await store.retry(id(n), now)).toBe(0);
      expect(await states(store, 1)).toEqual(["sending"]);
      expect(await claimAll(store)).toEqual([]);
      await end(store, sending!, "accept");
    });

    test("never revives a message whose time is over", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { expiresAt: now + minute })]);
      await end(store, await claimOne(store), "bounce");
      expect(await store.retry(id(1), now + minute)).toBe(0);
      expect(await states(store, 1)).toEqual(["bounced"]);
    });
  });

  describe("cancel", () => {
    test("ends all that waits, and leaves what is being handed over alone", async () => {
      const { store } = await begin(open);
      const recipients = ["a@example.net", "b@example.net", "c@example.net"];
      await store.accept([message(1, { recipients })]);
      const first = await claimOne(store);
      await store.record([
        attempt(first, [
          { index: 0, event: "defer", dueAt: now + minute, verdict },
          { index: 1, event: "defer", dueAt: now + 2 * minute, verdict },
          { index: 2, event: "park", verdict },
        ]),
      ]);
      const second = await claimOne(store, { now: now + minute });
      expect(await store.cancel(id(1), now + minute)).toBe(2);
      expect(await states(store, 1)).toEqual(["sending", "canceled", "canceled"]);
      await end(store, second, "accept");
      expect(await states(store, 1)).toEqual(["sent", "canceled", "canceled"]);
      expect(await next(store)).toBeNull();
    });

    test("of a scheduled message keeps it from ever going", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { notBefore: now + minute })]);
      expect(await store.cancel(id(1), now)).toBe(1);
      expect(await store.cancel(id(1), now)).toBe(0);
      expect(await store.cancel(id(2), now)).toBe(0);
      expect(await claimAll(store, { now: now + minute })).toEqual([]);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({ state: "canceled", changedAt: now });
    });
  });

  describe("confirm", () => {
    test("says of what is unknown, and of nothing else, that it was sent", async () => {
      const { store } = await begin(open);
      const recipients = ["a", "b", "c", "d"].map((name) => `${name}@example.net`);
      await store.accept([message(1, { recipients, sensitive: true })]);
      await store.record([
        attempt(await claimOne(store), [
          { index: 0, event: "lose", verdict },
          { index: 1, event: "lose", verdict },
          { index: 2, event: "bounce", verdict },
          { index: 3, event: "park", verdict },
        ]),
      ]);
      expect(await store.confirm(id(1), now + minute)).toBe(2);
      expect(await states(store, 1)).toEqual(["sent", "sent", "bounced", "parked"]);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({
        changedAt: now + minute,
        attempts: 1,
        verdict: null,
      });
      expect(await store.confirm(id(1), now + minute)).toBe(0);
      expect(await store.confirm(id(2), now)).toBe(0);
    });

    test("ends a message with its last recipient", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { sensitive: true })]);
      await end(store, await claimOne(store), "lose");
      expect(await store.content(id(1))).not.toBeNull();
      expect(await store.confirm(id(1), now)).toBe(1);
      expect(await store.content(id(1))).toBeNull();
      expect(await next(store)).toBeNull();
      expect(await store.retry(id(1), now)).toBe(0);
    });
  });

  describe("reschedule", () => {
    test("moves a scheduled message, earlier or later, with its expiry", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([message(1, { notBefore: now + 9 * minute, expiresAt: now + 20 * minute })]);
      expect(await store.reschedule(id(1), now + 30 * minute, now + 50 * minute)).toBe(true);
      const again = await reopen();
      expect(await stored(again, 1)).toMatchObject({
        notBefore: now + 30 * minute,
        expiresAt: now + 50 * minute,
        recipients: [{ state: "scheduled", dueAt: now + 30 * minute }],
      });
      expect(await next(again)).toBe(now + 30 * minute);
      expect(await again.reschedule(id(1), now + minute)).toBe(true);
      expect((await stored(again, 1)).expiresAt).toBe(now + 50 * minute);
      expect(await claimAll(again, { now: now + minute })).toHaveLength(1);
    });

    test("leaves a message that has begun its way alone", async () => {
      const { store } = await begin(open);
      await store.accept([message(1), message(2, { notBefore: now + minute })]);
      await store.cancel(id(2), now);
      for (const n of [1, 2, 3]) expect(await store.reschedule(id(n), now + 9 * minute)).toBe(false);
      expect((await stored(store, 1)).notBefore).toBeNull();
      expect(await claimAll(store)).toHaveLength(1);
    });
  });

  describe("unpark", () => {
    const parked = async (open: Open, routes: readonly (string | null)[]) => {
      const harness = await begin(open);
      await harness.store.accept(routes.map((route, n) => message(n + 1, { route })));
      for (const claim of await claimAll(harness.store)) await end(harness.store, claim, "park");
      expect(await claimAll(harness.store, { now: now + 60 * minute })).toEqual([]);
      return harness;
    };

    test("lets a route's mail go again in one step", async () => {
      const { store } = await parked(open, ["main", "other", "main", null]);
      expect(await store.unpark("main", now + minute)).toBe(2);
      const claims = await claimAll(store, { now: now + minute });
      expect(claims.map((c) => c.id)).toEqual([id(1), id(3)]);
      expect(claims[0]!.recipients[0]!.attempts).toBe(1);
    });

    test("lets everything go when no route is named", async () => {
      const { store } = await parked(open, ["main", "other", null]);
      expect(await store.unpark(null, now)).toBe(3);
      expect(await store.unpark(null, now)).toBe(0);
      expect(await claimAll(store)).toHaveLength(3);
    });

    test("reaches every message, however many are parked", async () => {
      const { store } = await parked(
        open,
        Array.from({ length: 100 }, () => "main"),
      );
      const more = Array.from({ length: 2_100 }, (_, n) => message(n + 1000, { route: "main" }));
      await store.accept(more);
      const claims = await claimAll(store, { limit: 5000 });
      await store.record(claims.map((claim) => attempt(claim, [{ index: 0, event: "park", verdict }])));
      expect(await store.unpark("main", now)).toBe(2_200);
    });
  });
}
