// Any course of taking, spending and giving back, and the one thing that must hold of it.
import fc from "fast-check";
import { expect } from "vitest";
import type { Budgets, BudgetWindow } from "../store.ts";
import { minute, now } from "./harness.ts";

const windowMs: Readonly<Record<BudgetWindow, number>> = {
  minute,
  hour: 60 * minute,
  day: 24 * 60 * minute,
};

const step = fc.oneof(
  {
    arbitrary: fc.record({
      step: fc.constant("take" as const),
      wanted: fc.integer({ min: 1, max: 6 }),
      urgent: fc.boolean(),
    }),
    weight: 10,
  },
  {
    arbitrary: fc.record({ step: fc.constant("spend" as const), count: fc.integer({ min: 1, max: 6 }) }),
    weight: 10,
  },
  {
    arbitrary: fc.record({ step: fc.constant("give back" as const), count: fc.integer({ min: 1, max: 3 }) }),
    weight: 4,
  },
  { arbitrary: fc.record({ step: fc.constant("crash" as const) }), weight: 1 },
  {
    arbitrary: fc.record({
      step: fc.constant("pass" as const),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 5_000, max: 90_000 }),
        fc.integer({ min: minute, max: 70 * minute }),
      ),
    }),
    weight: 10,
  },
);

export const budgetRuns = fc.record({
  limits: fc.oneof(
    fc.record({ minute: fc.integer({ min: 1, max: 9 }), hour: fc.integer({ min: 5, max: 40 }) }),
    fc.record({ minute: fc.integer({ min: 1, max: 9 }), day: fc.integer({ min: 5, max: 60 }) }),
    fc.record({ hour: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ day: fc.integer({ min: 1, max: 9 }) }),
  ),
  urgentShare: fc.constantFrom(0, 0.2, 0.5),
  steps: fc.array(step, { minLength: 40, maxLength: 80, size: "max" }),
});

type BudgetRun = typeof budgetRuns extends fc.Arbitrary<infer Run> ? Run : never;

/** Spends each token within the time it holds for; what a crash takes is never spent. */
export async function expectWithinLimits(
  { limits, urgentShare, steps }: BudgetRun,
  budgets: Pick<Budgets, "take" | "giveBack"> & { crash(): Promise<void> },
): Promise<void> {
  let at = now;
  let held: { readonly takenAt: number; readonly validUntil: number; readonly urgent: boolean }[] = [];
  const spends: number[] = [];
  for (const one of steps) {
    if (one.step === "take") {
      const { urgent, wanted } = one;
      const request = { account: "main", now: at, limits, urgentShare, urgent, wanted };
      const { granted, validUntil, next } = await budgets.take(request);
      expect(granted).toBeLessThanOrEqual(wanted);
      expect(next === null).toBe(granted > 0);
      for (let n = 0; n < granted; n++) held.push({ takenAt: at, validUntil, urgent });
    } else if (one.step === "spend") {
      for (const _ of held.splice(0, one.count)) spends.push(at);
    } else if (one.step === "give back") {
      for (const { takenAt, urgent } of held.splice(0, one.count)) {
        await budgets.giveBack({ account: "main", takenAt, count: 1, urgent });
      }
    } else if (one.step === "crash") {
      held = [];
      await budgets.crash();
    } else {
      at += one.ms;
      held = held.filter(({ validUntil }) => at < validUntil);
    }
  }
  for (const [window, limit] of Object.entries(limits) as [BudgetWindow, number][]) {
    for (const [n, start] of spends.entries()) {
      const inWindow = spends.slice(n).filter((spend) => spend < start + windowMs[window]);
      expect(inWindow.length, `spent in one ${window}`).toBeLessThanOrEqual(limit);
    }
  }
}
