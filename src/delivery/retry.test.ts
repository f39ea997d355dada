import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lanes } from "../messages/lanes.ts";
import { delays, nextTry, type RetryFacts } from "./retry.ts";

const facts = (more: Partial<RetryFacts>): RetryFacts => ({
  lane: "normal",
  attempts: 0,
  waitMs: null,
  now: 0,
  restUntil: null,
  expiresAt: Number.MAX_SAFE_INTEGER,
  random: () => 0.5,
  ...more,
});
const minutes = 60_000;

describe("the next try", () => {
  test("of an urgent message comes within seconds, and then within minutes", () => {
    const due = [0, 1, 2, 3, 4, 5, 6, 50].map((attempts) => nextTry(facts({ lane: "urgent", attempts })));
    expect(due).toEqual([2_000, 5_000, 15_000, 60_000, 120_000, 180_000, 300_000, 300_000]);
  });

  test("comes later the more often it failed, in every lane, and sooner in the more urgent", () => {
    for (const lane of lanes)
      expect(delays[lane]).toEqual([...delays[lane]].sort((one, other) => one - other));
    for (let attempts = 0; attempts < 10; attempts += 1) {
      const [urgent, normal, bulk] = lanes.map((lane) => nextTry(facts({ lane, attempts }))!);
      expect(urgent! < normal! && normal! < bulk!).toBe(true);
    }
  });

  test("is not before what the server asked for, nor before the account's rest is over", () => {
    expect(nextTry(facts({ lane: "urgent", waitMs: 5 * minutes }))).toBeGreaterThanOrEqual(5 * minutes);
    expect(nextTry(facts({ lane: "urgent", restUntil: 3 * minutes }))).toBeGreaterThanOrEqual(3 * minutes);
    expect(nextTry(facts({ attempts: 3, waitMs: 1_000 }))).toBe(30 * minutes);
  });

  test("is none at or after the expiry", () => {
    expect(nextTry(facts({ expiresAt: minutes + 1 }))).toBe(minutes);
    expect(nextTry(facts({ expiresAt: minutes }))).toBeNull();
    expect(nextTry(facts({ expiresAt: 10 * minutes, waitMs: 11 * minutes }))).toBeNull();
  });

  test("always lies after now and before the expiry, and those that failed together spread", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...lanes),
        fc.nat(30),
        fc.option(fc.integer({ min: 1, max: 200_000_000 })),
        fc.option(fc.integer({ min: -1_000_000, max: 100_000_000 })),
        fc.integer({ min: 1, max: 500_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (lane, attempts, waitMs, rest, life, random) => {
          const now = 1_700_000_000_000;
          const restUntil = rest === null ? null : now + rest;
          const due = nextTry({
            lane,
            attempts,
            waitMs,
            now,
            restUntil,
            expiresAt: now + life,
            random: () => random,
          });
          if (due === null) return;
          expect(Number.isInteger(due)).toBe(true);
          expect(due).toBeGreaterThan(now);
          expect(due).toBeLessThan(now + life);
        },
      ),
    );
    for (const more of [{}, { restUntil: 10 * minutes }, { waitMs: 10 * minutes }]) {
      const spread = [0, 0.3, 0.6, 0.9].map((random) => nextTry(facts({ ...more, random: () => random })));
      expect(new Set(spread).size).toBe(4);
    }
  });
});
