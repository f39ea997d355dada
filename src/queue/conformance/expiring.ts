// Expiry, and the time of the next claim: neither waits for a turn or a filter.
import { describe, expect, test } from "vitest";
import type { ClaimRequest } from "../store.ts";
import {
  attempt,
  begin,
  claimAll,
  claimed,
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
} from "./harness.ts";

export function expiring(open: Open): void {
  const ids = (claims: readonly { readonly id: string }[]) => claims.map((c) => c.id);

  describe("expiry", () => {
    test("keeps a message from being taken at or after its time, and is told once", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { expiresAt: now + minute }), message(2)]);
      const { claims, expired } = await claimed(store, { now: now + minute });
      expect(ids(claims)).toEqual([id(2)]);
      expect(expired).toEqual([
        { id: id(1), lane: "normal", recipients: [{ index: 0, address: "ada@example.net" }] },
      ]);
      expect((await claimed(store, { now: now + 2 * minute })).expired).toEqual([]);
      const recipient = (await stored(store, 1)).recipients[0]!;
      expect(recipient).toMatchObject({ state: "expired", dueAt: null, changedAt: now + minute });
    });

    test("does not hide what is alive behind any number of expired messages", async () => {
      const { store } = await begin(open);
      const old = Array.from({ length: 60 }, (_, n) =>
        message(n + 1, { lane: "urgent", createdAt: now - minute, expiresAt: now }),
      );
      await store.accept([...old, message(99, { lane: "urgent" })]);
      expect(ids(await claimAll(store, { limit: 5 }))).toEqual([id(99)]);
    });

    test("ends what is scheduled, parked or of unknown outcome as well", async () => {
      const { store } = await begin(open);
      const expiresAt = now + 5 * minute;
      await store.accept([message(1, { expiresAt }), message(2, { expiresAt })]);
      const [first, second] = await claimAll(store);
      await end(store, first!, "park");
      await end(store, second!, "lose");
      await store.accept([message(3, { expiresAt, notBefore: now + 60 * minute })]);
      expect(await next(store)).toBe(expiresAt);
      expect(await claimAll(store, { now: expiresAt })).toEqual([]);
      for (const n of [1, 2, 3]) expect(await states(store, n)).toEqual(["expired"]);
    });

    test.each<[string, Partial<ClaimRequest>]>([
      ["of a lane that is not asked for", { lanes: ["urgent"] }],
      ["of a route that is left out", { except: ["main"] }],
      ["when nothing is to be taken", { limit: 0 }],
    ])("ends a message %s", async (_, filter) => {
      const { store } = await begin(open);
      await store.accept([message(1, { route: "main", expiresAt: now + minute })]);
      expect(await next(store, filter)).toBe(filter.limit === 0 ? now : now + minute);
      const { claims, expired } = await claimed(store, { now: now + minute, ...filter });
      expect(claims).toEqual([]);
      expect(ids(expired)).toEqual([id(1)]);
      expect(await next(store, { now: now + minute })).toBeNull();
    });

    test("leaves a message under a lease alone until the lease ends", async () => {
      const { store } = await begin(open);
      await store.accept([1, 2].map((n) => message(n, { expiresAt: now + minute })));
      const [held] = await claimAll(store, { leaseMs: 3 * minute });
      const over = await claimed(store, { now: now + 2 * minute });
      expect([over.claims, over.expired, over.next]).toEqual([[], [], now + 3 * minute]);
      await store.record([attempt(held!, [{ index: 0, event: "accept" }], { endedAt: now + 2 * minute })]);
      const later = await claimed(store, { now: now + 3 * minute });
      expect([later.claims, ids(later.expired), later.next]).toEqual([[], [id(2)], null]);
      expect(await states(store, 1)).toEqual(["sent"]);
    });

    test("follows a lease that is extended, and one that is given back", async () => {
      const { store } = await begin(open);
      await store.accept([1, 2].map((n) => message(n, { expiresAt: now + 2 * minute })));
      const [one, two] = await claimAll(store);
      await store.extend([{ id: one!.id, lease: one!.lease }], now + 9 * minute);
      await store.record([attempt(two!, [{ index: 0, event: "release" }], { counts: false })]);
      expect(ids((await claimed(store, { now: now + 2 * minute })).expired)).toEqual([id(2)]);
      expect(await next(store, { now: now + 2 * minute })).toBe(now + 9 * minute);
      expect(ids((await claimed(store, { now: now + 9 * minute })).expired)).toEqual([id(1)]);
    });

    test("comes to every message of a backlog, each told once, in calls that say there is more", async () => {
      const { store } = await begin(open);
      const numbers = Array.from({ length: 1_700 }, (_, n) => n + 1);
      await store.accept(numbers.map((n) => message(n, { expiresAt: now + minute, createdAt: now + n })));
      const told: string[] = [];
      for (let call = 0; call < numbers.length; call++) {
        const answer = await claimed(store, { now: now + minute });
        expect(answer.claims).toEqual([]);
        told.push(...ids(answer.expired));
        if (answer.next === null) break;
        expect(answer.next).toBeLessThanOrEqual(now + minute);
      }
      expect(told.sort()).toEqual(numbers.map(id));
    });
  });

  describe("the time of the next claim", () => {
    test("is null when nothing waits", async () => {
      const { store } = await begin(open);
      expect(await next(store)).toBeNull();
      await store.accept([message(1)]);
      await end(store, await claimOne(store), "accept");
      expect(await next(store)).toBeNull();
    });

    test("is the instant before which a claim finds nothing and at which it does", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([
        message(1, { lane: "bulk", notBefore: now + 7 * minute }),
        message(2, { lane: "urgent", notBefore: now + 9 * minute }),
      ]);
      const due = (await next(store))!;
      expect(due).toBe(now + 7 * minute);
      expect(await next(await reopen())).toBe(due);
    });

    test("finds nothing before and something then", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { notBefore: now + 7 * minute })]);
      const due = (await next(store))!;
      expect(await claimed(store, { now: due - 1 })).toMatchObject({ claims: [], next: due });
      expect(ids(await claimAll(store, { now: due }))).toEqual([id(1)]);
    });

    test("counts the end of a lease", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      expect((await claimed(store, { leaseMs: 3 * minute })).next).toBe(now + 3 * minute);
    });

    test("is past while more is due than was taken", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { createdAt: now - minute }), message(2, { createdAt: now - 5 })]);
      expect((await claimed(store, { limit: 1 })).next).toBe(now - 5);
    });

    test("counts only what passes the filter, but every expiry", async () => {
      const { store } = await begin(open);
      await store.accept([
        message(1, { lane: "bulk", notBefore: now + 2 * minute }),
        message(2, { route: "main", notBefore: now + 3 * minute }),
        message(3, { notBefore: now + 4 * minute, expiresAt: now + 8 * minute }),
        message(4, { lane: "urgent", notBefore: now + 5 * minute }),
      ]);
      expect(await next(store)).toBe(now + 2 * minute);
      expect(await next(store, { lanes: ["normal", "urgent"] })).toBe(now + 3 * minute);
      expect(await next(store, { lanes: ["normal", "urgent"], except: ["main"] })).toBe(now + 4 * minute);
      expect(await next(store, { except: [null] })).toBe(now + 3 * minute);
      expect(await next(store, { except: [null, "main"] })).toBe(now + 8 * minute);
      expect(await next(store, { lanes: [] })).toBe(now + 8 * minute);
    });
  });
}
