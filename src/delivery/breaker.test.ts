import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../causes/verdict.ts";
import { Breaker } from "./breaker.ts";

const down: Verdict = {
  stage: "connect",
  scope: "endpoint",
  certainty: "not-accepted",
  retry: "transient",
  cause: "unknown.failure",
  reply: null,
  code: "ECONNREFUSED",
  message: "refused",
  waitMs: null,
};

describe("a circuit breaker", () => {
  test("opens with the second failure in a row, lets one try when the time is over, and closes when it passes", () => {
    const breaker = new Breaker();
    expect(breaker.failed(down, 0, 10)).toBe(false);
    expect(breaker.allows(10)).toBe(true);
    expect(breaker.failed(down, 20, 30)).toBe(true);
    expect(breaker.allows(1_029)).toBe(false);
    expect(breaker.allows(1_030)).toBe(true);
    const end = breaker.begin();
    expect(breaker.allows(1_030)).toBe(false);
    expect(breaker.passed()).toBe(true);
    end();
    expect(breaker.down).toBeNull();
    expect(breaker.allows(1_030)).toBe(true);
  });

  test("a probe that fails opens it for longer; one that learned nothing lets the next try", () => {
    const breaker = new Breaker();
    breaker.failed(down, 0, 0);
    breaker.failed(down, 1, 1);
    let end = breaker.begin();
    expect(breaker.failed(down, 1_001, 1_002)).toBe(false);
    end();
    expect(breaker.down?.until).toBe(3_002);
    end = breaker.begin();
    end();
    expect(breaker.allows(3_002)).toBe(true);
  });

  test("counts dialogues that ran side by side as one failure", () => {
    const breaker = new Breaker();
    breaker.failed(down, 0, 100);
    breaker.failed(down, 50, 110);
    breaker.failed(down, 90, 120);
    expect(breaker.down).toBeNull();
  });

  test("moves with the clock when that is set", () => {
    const breaker = new Breaker();
    breaker.failed(down, 0, 0);
    breaker.failed(down, 1, 1);
    breaker.shift(-86_400_000);
    expect(breaker.down?.until).toBe(1_001 - 86_400_000);
  });

  test("while open, however many come, at most one tries, and somebody may after a minute at the latest", () => {
    const step = fc.oneof(
      fc.record({ go: fc.integer({ min: 0, max: 90_000 }) }),
      fc.constantFrom("try", "pass", "fail", "end"),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const breaker = new Breaker();
        let now = 0;
        const under: { readonly startedAt: number; readonly end: () => void; readonly probe: boolean }[] = [];
        for (const each of steps) {
          if (typeof each === "object") now += each.go;
          else if (each === "try") {
            if (breaker.allows(now)) {
              const probe = breaker.down !== null;
              under.push({ startedAt: now, end: breaker.begin(), probe });
            }
          } else {
            const one = under.shift();
            if (one === undefined) continue;
            if (each === "pass") breaker.passed();
            if (each === "fail") breaker.failed(down, one.startedAt, now);
            one.end();
          }
          if (breaker.down !== null) {
            expect(breaker.down.until - now).toBeLessThanOrEqual(60_000);
            if (under.length === 0) expect(breaker.allows(breaker.down.until)).toBe(true);
          }
        }
      }),
    );
  });
});
