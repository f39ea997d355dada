import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bucket, bucketStart, budgetWindows, decide } from "./budget.ts";
import { budgetRuns, expectWithinLimits } from "./conformance/budget-runs.ts";
import { now } from "./conformance/harness.ts";
import type { Instant, TokenGrant, TokenRequest } from "./store.ts";

/** The buckets of one account, as an engine keeps them. */
class Kept {
  readonly buckets: Bucket[] = [];

  take(request: TokenRequest): TokenGrant {
    const grant = decide(request, this.buckets);
    this.#add(request.now, request.urgent, grant.granted);
    return grant;
  }

  giveBack(takenAt: Instant, urgent: boolean, count: number): void {
    this.#add(takenAt, urgent, -count);
  }

  #add(at: Instant, urgent: boolean, count: number): void {
    for (const window of budgetWindows) {
      const part = { urgent: urgent ? count : 0, other: urgent ? 0 : count };
      this.buckets.push({ window, start: bucketStart(window, at), ...part });
    }
  }
}

test("whatever is taken and given back, no window of a limit's length sees more than the limit", async () => {
  await fc.assert(
    fc.asyncProperty(budgetRuns, async (run) => {
      const kept = new Kept();
      await expectWithinLimits(run, {
        take: async (request) => kept.take(request),
        giveBack: async ({ takenAt, urgent, count }) => kept.giveBack(takenAt, urgent, count),
        crash: async () => undefined,
      });
    }),
    { numRuns: 500 },
  );
});

test("a refusal names the very instant at which something is to be had again", () => {
  const takes = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 400_000 }),
      wanted: fc.integer({ min: 1, max: 9 }),
      urgent: fc.boolean(),
    }),
    { minLength: 20, maxLength: 40 },
  );
  const limits = fc.record({ minute: fc.integer({ min: 1, max: 9 }), hour: fc.integer({ min: 1, max: 30 }) });
  fc.assert(
    fc.property(takes, limits, fc.constantFrom(0, 0.3), (steps, some, urgentShare) => {
      const kept = new Kept();
      let at = now;
      for (const { after, wanted, urgent } of steps) {
        at += after;
        const request = { account: "main", now: at, limits: some, urgentShare, urgent, wanted };
        const { granted, next } = kept.take(request);
        if (granted > 0) continue;
        expect(decide({ ...request, now: next! - 1 }, kept.buckets).granted).toBe(0);
        expect(decide({ ...request, now: next! }, kept.buckets).granted).toBeGreaterThan(0);
      }
    }),
  );
});

test("no more is left unspent of a window than what its buckets are coarse by", () => {
  const kept = new Kept();
  const request = { account: "main", limits: { minute: 60 }, urgentShare: 0, urgent: false, wanted: 60 };
  let granted = 0;
  for (let second = 0; second < 3600; second++)
    granted += kept.take({ ...request, now: now + second * 1000 }).granted;
  expect(granted).toBeGreaterThan(60 * 60 * 0.9);
});
