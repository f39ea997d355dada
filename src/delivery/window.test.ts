import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SlidingWindow } from "./window.ts";

describe("a sliding window", () => {
  test("never lets more through in any span of its length, and whoever waits as told gets through", () => {
    const moves = fc.array(fc.record({ pass: fc.nat(700), kept: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), moves, (limit, steps) => {
        const window = new SlidingWindow(limit, 1000);
        const spent: number[] = [];
        let now = 5;
        for (const { pass, kept } of steps) {
          now += pass;
          const keep = kept ? Math.min(2, limit - 1) : 0;
          const wait = window.wait(now, keep);
          const within = spent.filter((time) => time > now - 1000).length;
          expect(window.spent(now)).toBe(within);
          expect(wait === 0).toBe(within + keep < limit);
          if (wait > 0) {
            expect(window.wait(now + wait, keep)).toBe(0);
            continue;
          }
          window.spend(now);
          spent.push(now);
        }
      }),
    );
  });

  test("keeps tokens for those who may use them", () => {
    const window = new SlidingWindow(3, 1000);
    for (let i = 0; i < 2; i += 1) window.spend(0);
    expect(window.wait(10, 1)).toBe(990);
    expect(window.wait(10)).toBe(0);
  });
});
