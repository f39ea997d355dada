import { expect, test } from "vitest";
import { breakEverywhere, cases } from "./cuts.ts";

test("a connection reset before, in or after any command or reply loses nothing, and doubles only what the server had whole", async () => {
  const outcomes = await breakEverywhere("reset", { lane: "urgent" });
  expect(outcomes.map(({ state }) => state)).toEqual(cases.map(() => "sent"));
  for (const [at, { name, copies }] of outcomes.entries()) {
    // A reset may overtake the last reply.
    const most = cases[at]!.unknown || name === "after the last reply" ? 2 : 1;
    expect([1, most], name).toContain(copies);
  }
});
