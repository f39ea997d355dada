import { describe, expect, test } from "vitest";
import { Throttle } from "./throttle.ts";

const minute = 60_000;

/** Sends as fast as it is allowed for so long; how many. */
function run(throttle: Throttle, from: number, ms: number, every: number): number {
  let sent = 0;
  for (let now = from; now < from + ms; now += every) {
    if (throttle.wait(now) > 0) continue;
    throttle.sent(now);
    sent += 1;
  }
  return sent;
}

describe("after a complaint about the rate", () => {
  test("half as many are sent as in the minute before, then more again, then as many as before", () => {
    const throttle = new Throttle();
    expect(throttle.wait(0)).toBe(0);
    expect(run(throttle, 0, minute, 500)).toBe(120);
    throttle.slow(minute - 1);
    expect(throttle.rate(minute - 1)).toBe(60);
    const rates = [1, 2, 3, 4].map((n) => run(throttle, n * minute, minute, 100));
    expect(rates[0]).toBeLessThanOrEqual(61);
    expect(rates[0]).toBeGreaterThanOrEqual(58);
    for (const [at, rate] of rates.entries()) if (at > 0) expect(rate).toBeGreaterThan(rates[at - 1]!);
    expect(throttle.rate(6 * minute)).toBeNull();
  });

  test("complaints of messages that ran side by side count once; a later one halves again", () => {
    const throttle = new Throttle();
    run(throttle, 0, minute, 600);
    for (let i = 0; i < 5; i += 1) throttle.slow(minute - 10 + i);
    expect(throttle.rate(minute - 5)).toBe(50);
    run(throttle, minute, 30_000, 100);
    throttle.slow(minute + 30_000);
    expect(throttle.rate(minute + 30_000)).toBe(25);
  });

  test("one message a minute is the least", () => {
    const throttle = new Throttle();
    throttle.slow(0);
    expect(throttle.rate(0)).toBe(1);
    expect(throttle.wait(0)).toBe(0);
    throttle.sent(10);
    expect(throttle.wait(10)).toBe(minute);
  });
});
