import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lane, lanes } from "../messages/lanes.ts";
import type { Documents } from "../queue/store.ts";
import type { Secret } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { AccountError } from "./error.ts";
import { type RouteInput, type RouteRule, Routes } from "./routes.ts";
import { memoryDocuments, testBook, testVault } from "./testing.ts";
import { weightedOrder } from "./weighted.ts";

const secret: Secret = { kind: "password", password: "first password" };
const login = { host: "smtp.example.com", port: 465, username: "ann@example.com" };

interface World {
  readonly documents: Documents;
  readonly book: AccountBook;
  readonly routes: Routes;
  again(): Promise<Routes>;
}

async function world(...names: readonly string[]): Promise<World> {
  const documents = memoryDocuments();
  const book = await testBook(documents, testVault());
  for (const name of names) await book.add({ ...login, name }, secret);
  return {
    documents,
    book,
    routes: await Routes.open(documents, book),
    again: () => Routes.open(documents, book),
  };
}

async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof AccountError) return `${error.problem}: ${error.message}`;
    throw error;
  }
  return "none";
}

const names = (routes: Routes, route: string | null, id?: string) =>
  routes.resolve(route, id).accounts.map(({ name }) => name);

describe("a route", () => {
  test("is its accounts in order, and an account is a route of one that waits for its budget", async () => {
    const { book, routes, again } = await world("one", "two", "three");
    await routes.put({ name: "mail", accounts: ["two", "one"] });
    const kept = await again();
    expect(names(kept, "mail")).toEqual(["two", "one"]);
    expect(kept.resolve("mail").onBudget).toBe("next");
    expect(names(kept, "three")).toEqual(["three"]);
    expect(kept.resolve("three").onBudget).toBe("wait");
    expect(names(kept, null)).toEqual([book.default()?.name]);
    expect(kept.resolve(null).onBudget).toBe("wait");
    await book.remove("two");
    expect(names(kept, "mail")).toEqual(["one"]);
    await book.remove("one");
    expect(() => kept.resolve("mail")).toThrow("No account of route");
    expect(() => kept.resolve("post")).toThrow("no account or route");
    expect(await kept.remove("mail")).toBe(true);
    expect(await kept.remove("mail")).toBe(false);
  });

  test("keeps its weights, its rule and what a spent budget means", async () => {
    const { routes, again } = await world("one", "two");
    const when: RouteRule = {
      senders: ["@Shop.Example", "Ann@example.com"],
      origins: ["http:k1"],
      lanes: ["bulk"],
    };
    const put = await routes.put({
      name: "mail",
      accounts: ["two", "one"],
      weights: [3, 1],
      onBudget: "wait",
      when,
    });
    expect(put).toEqual({
      name: "mail",
      accounts: ["two", "one"],
      weights: [3, 1],
      onBudget: "wait",
      when: { ...when, senders: ["@shop.example", "ann@example.com"] },
    });
    expect((await again()).list()).toEqual([put]);
    expect((await again()).resolve("mail").onBudget).toBe("wait");
  });

  test("of the first version is in order, and goes on when a budget is spent", async () => {
    const { documents, again } = await world("one");
    await documents.put("route", "old", JSON.stringify({ name: "old", accounts: ["one"] }));
    expect((await again()).list()).toEqual([
      { name: "old", accounts: ["one"], weights: null, onBudget: "next", when: null },
    ]);
  });

  test("takes its own name, never an account's, and only accounts that are there", async () => {
    const { routes } = await world();
    expect(() => routes.resolve(null)).toThrow("no account yet");
    const { routes: taken } = await world("main");
    expect(await refusal(taken.put({ name: "main", accounts: ["main"] }))).toMatch(/^name-taken/);
    expect(await refusal(taken.put({ name: "r", accounts: ["mian"] }))).toMatch(/^unknown-account.*"main"/);
    expect(await refusal(taken.put({ name: "R", accounts: ["main"] }))).toMatch(/^bad-name/);
    expect(taken.list()).toEqual([]);
  });

  test.each<[Partial<RouteInput>, RegExp]>([
    [{ accounts: [] }, /Route "r": it names no account\. Name at least one\./],
    [{ accounts: ["a", "b", "a"] }, /names account "a" twice/],
    [{ accounts: Array.from({ length: 101 }, (_, i) => `a${i}`) }, /101 accounts; 100 are allowed/],
    [{ weights: [1] }, /it has 2 accounts and 1 weight\. Give one weight for each/],
    [{ weights: [] }, /2 accounts and 0 weights/],
    [{ weights: [1, 0] }, /the weight of account "b" is 0; .* from 1 to 1000000/],
    [{ weights: [1.5, 1] }, /the weight of account "a" is 1\.5/],
    [{ weights: ["2", 1] as never }, /the weight of account "a" is "2"/],
    [{ onBudget: "stop" as never }, /onBudget is wait or next, not "stop"/],
    [{ when: {} }, /names no condition, so every message would fit/],
    [{ when: { recipients: ["x"] } as never }, /not "recipients"/],
    [{ when: { lanes: [] } }, /when\.lanes is empty/],
    [
      { when: { lanes: ["fast"] as never } },
      /when\.lanes: "fast" is no lane\. There are urgent, normal, bulk/,
    ],
    [
      { when: { senders: ["ann"] } },
      /when\.senders: "ann" is no sender\. Write ann@example\.com, or @example\.com/,
    ],
    [{ when: { senders: ["Ann <ann@example.com>"] } }, /is no sender/],
    [{ when: { senders: ["@two words"] } }, /when\.senders: "@two words" is no domain/],
    [
      { when: { senders: ["A@b.example", "a@B.example"] } },
      /when\.senders: "a@b\.example" stands there twice/,
    ],
    [{ when: { origins: ["a b"] } }, /when\.origins: "a b" is no origin/],
    [
      { when: { origins: Array.from({ length: 1001 }, (_, i) => `k${i}`) } },
      /1001 entries; 1000 are allowed/,
    ],
  ])("%o is refused", async (input, expected) => {
    const { routes } = await world("a", "b");
    const said = await refusal(routes.put({ name: "r", accounts: ["a", "b"], ...input }));
    expect(said).toMatch(/^bad-route: /);
    expect(said).toMatch(expected);
    expect(routes.list()).toEqual([]);
  });
});

describe("weights", () => {
  const entries = fc.uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/),
      weight: fc.integer({ min: 1, max: 1_000_000 }),
    }),
    { minLength: 1, maxLength: 6, selector: ({ name }) => name },
  );

  test("each account comes once, and a message finds the same order again, however the route is written", () => {
    fc.assert(
      fc.property(entries, fc.string(), (all, id) => {
        const order = weightedOrder(all, id);
        expect(order.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
        expect(weightedOrder(all.toReversed(), id)).toEqual(order);
      }),
    );
  });

  test("an account that goes leaves the others in their order", () => {
    fc.assert(
      fc.property(entries, fc.string(), fc.nat(), (all, id, which) => {
        const { name: gone } = all[which % all.length]!;
        const left = weightedOrder(
          all.filter(({ name }) => name !== gone),
          id,
        );
        expect(left).toEqual(weightedOrder(all, id).filter((name) => name !== gone));
      }),
    );
  });

  test("shares follow the weights: first places, and second ones among those that are left", () => {
    const weight = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(weight, weight, weight, fc.uuid(), (a, b, c, seed) => {
        const all = [
          { name: "a", weight: a },
          { name: "b", weight: b },
          { name: "c", weight: c },
        ];
        const rounds = 4_000;
        const first = { a: 0, b: 0, c: 0 } as Record<string, number>;
        let secondB = 0;
        for (let round = 0; round < rounds; round++) {
          const order = weightedOrder(all, `${seed}-${round}`);
          first[order[0]!]! += 1;
          if (order[0] === "a" && order[1] === "b") secondB++;
        }
        // Five standard deviations of a share of 4,000 draws are 0.04 at most.
        for (const { name, weight: of } of all)
          expect(Math.abs(first[name]! / rounds - of / (a + b + c))).toBeLessThan(0.04);
        const among = first.a!;
        if (among > 0) expect(Math.abs(secondB / among - b / (b + c))).toBeLessThan(2.5 / Math.sqrt(among));
      }),
      { numRuns: 20 },
    );
  });

  test("order a route's accounts for a message's id, and not without one", async () => {
    const { book, routes } = await world("one", "two", "three");
    await routes.put({ name: "mail", accounts: ["one", "two", "three"], weights: [1, 1, 8] });
    expect(names(routes, "mail")).toEqual(["one", "two", "three"]);
    const drawn = Array.from({ length: 300 }, (_, index) => names(routes, "mail", `id-${index}`));
    for (const order of drawn) expect(order.toSorted()).toEqual(["one", "three", "two"]);
    const firsts = drawn.filter(([first]) => first === "three").length;
    expect(firsts).toBeGreaterThan(200);
    expect(firsts).toBeLessThan(290);
    expect(names(routes, "mail", "id-7")).toEqual(drawn[7]);
    await book.remove("three");
    expect(names(routes, "mail", "id-7")).toEqual(drawn[7]!.filter((name) => name !== "three"));
  });
});

describe("a rule", () => {
  const message = { from: "Ann@Shop.Example", origin: "http:k1", lane: "normal" as Lane };
  const withRules = async (rules: Readonly<Record<string, RouteRule | null>>) => {
    const { routes } = await world("main");
    for (const [name, when] of Object.entries(rules)) await routes.put({ name, accounts: ["main"], when });
    return routes;
  };

  test.each<[string, RouteRule, boolean]>([
    ["its sender", { senders: ["ann@shop.example"] }, true],
    ["its sender's domain", { senders: ["@shop.example"] }, true],
    ["one of several senders", { senders: ["bob@shop.example", "ann@shop.example"] }, true],
    ["its key, by whichever door", { origins: ["k1"] }, true],
    ["its origin", { origins: ["http:k1"] }, true],
    ["its lane", { lanes: ["urgent", "normal"] }, true],
    ["all of them", { senders: ["@shop.example"], origins: ["k1"], lanes: ["normal"] }, true],
    ["another sender", { senders: ["bob@shop.example"] }, false],
    ["a domain above", { senders: ["@example"] }, false],
    ["a domain below", { senders: ["@mail.shop.example"] }, false],
    ["another key", { origins: ["k2", "http"] }, false],
    ["the same key by another door", { origins: ["smtp:k1"] }, false],
    ["another lane", { lanes: ["bulk"] }, false],
    ["all but one", { senders: ["@shop.example"], origins: ["k1"], lanes: ["bulk"] }, false],
  ])("with %s fits or does not", async (_, when, fits) => {
    const routes = await withRules({ mail: when, other: null });
    expect(routes.select(message)).toBe(fits ? "mail" : null);
  });

  test("with more kinds of conditions wins, then an exact address, then the name", async () => {
    const routes = await withRules({
      b: { senders: ["@shop.example"] },
      a: { senders: ["@shop.example"] },
      exact: { senders: ["ann@shop.example"] },
      two: { senders: ["@shop.example"], lanes: ["normal"] },
    });
    const without = async (...gone: readonly string[]) => {
      for (const name of gone) await routes.remove(name);
      return routes.select(message);
    };
    expect(routes.select(message)).toBe("two");
    expect(await without("two")).toBe("exact");
    expect(await without("exact")).toBe("a");
    expect(await without("a")).toBe("b");
    expect(await without("b")).toBeNull();
  });

  test("is never met by a message without a sender, unless it asks for none", async () => {
    const routes = await withRules({ mail: { senders: ["@shop.example"] } });
    expect(routes.select({ ...message, from: "" })).toBeNull();
    for (const lane of lanes) expect(routes.select({ ...message, lane })).toBe("mail");
  });

  test("of another script fits the name as it goes over the wire", async () => {
    const routes = await withRules({ mail: { senders: ["@Bücher.example"] } });
    expect(routes.select({ ...message, from: "ann@xn--bcher-kva.example" })).toBe("mail");
  });
});
