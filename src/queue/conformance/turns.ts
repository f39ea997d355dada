// Turns: within a lane no origin and no route waits behind another's backlog.
import { describe, expect, test } from "vitest";
import type { Claim, NewMessage } from "../store.ts";
import { attempt, begin, claimAll, claimOne, end, id, message, minute, now, type Open } from "./harness.ts";

export function turns(open: Open): void {
  const ids = (claims: readonly { readonly id: string }[]) => claims.map((c) => c.id);
  const origins = (claims: readonly Claim[]) => claims.map((c) => c.origin);
  const run = (origin: string, first: number, count: number, given: Partial<NewMessage> = {}) =>
    Array.from({ length: count }, (_, n) => message(first + n, { origin, ...given }));

  describe("turns", () => {
    test("give each origin one message after the other's, however long its backlog", async () => {
      const { store } = await begin(open);
      await store.accept([...run("newsletter", 1, 50), ...run("shop", 101, 2), ...run("forum", 201, 1)]);
      const taken = origins(await claimAll(store, { limit: 7 }));
      expect(taken.slice(0, 3).sort()).toEqual(["forum", "newsletter", "shop"]);
      expect(taken.slice(3, 5).sort()).toEqual(["newsletter", "shop"]);
      expect(taken.slice(5)).toEqual(["newsletter", "newsletter"]);
    });

    test("are of routes too, those that name none among them", async () => {
      const { store } = await begin(open);
      await store.accept([
        ...run("shop", 1, 9, { route: "slow" }),
        ...run("shop", 101, 1, { route: "main" }),
        ...run("shop", 201, 1),
      ]);
      const taken = (await claimAll(store, { limit: 3 })).map(({ route }) => route);
      expect(new Set(taken)).toEqual(new Set(["slow", "main", null]));
    });

    test("go on from one claim to the next", async () => {
      const { store } = await begin(open);
      await store.accept([...run("a", 1, 9), ...run("b", 101, 9), ...run("c", 201, 9)]);
      const taken: string[] = [];
      for (let n = 0; n < 9; n++) taken.push((await claimOne(store)).origin);
      expect(new Set(taken.slice(0, 3)).size).toBe(3);
      expect(taken).toEqual([...taken.slice(0, 3), ...taken.slice(0, 3), ...taken.slice(0, 3)]);
    });

    test("bring who was not served for long before who has just been", async () => {
      const { store } = await begin(open);
      await store.accept([...run("early", 1, 1), ...run("newsletter", 11, 50)]);
      await claimAll(store, { limit: 12 });
      await store.accept([...run("early", 301, 2), ...run("new", 401, 1)]);
      const taken = origins(await claimAll(store, { limit: 4 }));
      expect(taken.slice(0, 2).sort()).toEqual(["early", "new"]);
      expect(taken.slice(2)).toEqual(["newsletter", "early"]);
    });

    test("count within a lane: urgent mail of one goes before normal mail of all", async () => {
      const { store } = await begin(open);
      await store.accept([
        ...run("a", 1, 3),
        ...run("b", 101, 3),
        ...run("b", 201, 3, { lane: "urgent" }),
        ...run("c", 301, 3, { lane: "bulk" }),
      ]);
      const claims = await claimAll(store);
      expect(ids(claims.slice(0, 3))).toEqual([201, 202, 203].map(id));
      expect(ids(claims.slice(9))).toEqual([301, 302, 303].map(id));
    });

    test("hand out each one's mail by due time, then in the order of acceptance", async () => {
      const { store } = await begin(open);
      const due = (n: number, origin: string, ago: number) =>
        message(n, { origin, createdAt: now - ago * minute });
      await store.accept([due(1, "a", 1), due(2, "b", 9), due(3, "a", 5), due(4, "b", 9), due(5, "a", 5)]);
      const claims = await claimAll(store);
      expect(ids(claims.filter((c) => c.origin === "a"))).toEqual([3, 5, 1].map(id));
      expect(ids(claims.filter((c) => c.origin === "b"))).toEqual([2, 4].map(id));
    });

    test("pass over who has nothing due", async () => {
      const { store } = await begin(open);
      await store.accept([
        ...run("later", 1, 3, { notBefore: now + minute }),
        ...run("a", 101, 3),
        ...run("parked", 201, 1),
      ]);
      for (const claim of await claimAll(store)) {
        if (claim.origin === "parked") await end(store, claim, "park");
        else await store.record([attempt(claim, [{ index: 0, event: "release" }], { counts: false })]);
      }
      expect(origins(await claimAll(store))).toEqual(["a", "a", "a"]);
      expect(origins(await claimAll(store, { now: now + minute })).sort()).toEqual([
        "a",
        "a",
        "a",
        "later",
        "later",
        "later",
      ]);
    });

    test("leave out the routes that a claim excepts, and stay theirs", async () => {
      const { store } = await begin(open);
      await store.accept([
        ...run("shop", 1, 4, { route: "main" }),
        ...run("shop", 101, 4, { route: "other" }),
        ...run("shop", 201, 4),
      ]);
      const routes = async (except: readonly (string | null)[], limit: number) =>
        (await claimAll(store, { except, limit })).map(({ route }) => route);
      expect(await routes(["main", null], 2)).toEqual(["other", "other"]);
      const some = await routes(["other", "unheard of"], 4);
      expect([some.filter((r) => r === "main"), some.filter((r) => r === null)]).toEqual([
        ["main", "main"],
        [null, null],
      ]);
      expect(await routes(["main", "other", null], 9)).toEqual([]);
      expect(await routes([], 1)).toEqual(["other"]);
    });

    test("reach a thousand of them", async () => {
      const { store } = await begin(open);
      await store.accept(Array.from({ length: 1000 }, (_, n) => message(n + 1, { origin: `key ${n}` })));
      await store.accept(run("newsletter", 2001, 500));
      const claims = await claimAll(store, { limit: 1001 });
      expect(new Set(origins(claims)).size).toBe(1001);
      expect(new Set(origins(await claimAll(store)))).toEqual(new Set(["newsletter"]));
    });

    test("know nothing of a request that was refused", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { origin: "a" })]);
      await expect(store.accept([message(2, { origin: "b" }), message(1)])).rejects.toThrow();
      await store.accept([message(3, { origin: "c" })]);
      await store.accept([message(4, { origin: "b" })]);
      const claims = await claimAll(store);
      expect(claims.map((c) => [c.id, c.origin]).sort()).toEqual([
        [id(1), "a"],
        [id(3), "c"],
        [id(4), "b"],
      ]);
    });
  });
}
