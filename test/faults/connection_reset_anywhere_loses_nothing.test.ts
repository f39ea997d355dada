import { expect, test } from "vitest";
import { breakEverywhere, pipelined, stepwise } from "./cuts.ts";

test.each([
  ["step by step", stepwise],
  ["in a pipeline", pipelined],
] as const)("a connection reset before, in or after any command or reply loses nothing, and doubles only what the server had whole (%s)", async (_, dialogue) => {
  const outcomes = await breakEverywhere("reset", "urgent", dialogue);
  expect(outcomes.map(({ state }) => state)).toEqual(dialogue.cases.map(() => "sent"));
  for (const [at, { name, copies }] of outcomes.entries()) {
    // A reset may overtake the last reply.
    const most = dialogue.cases[at]!.unknown || name === "after the last reply" ? 2 : 1;
    expect([1, most], name).toContain(copies);
  }
});
