import { expect, test } from "vitest";
import { breakEverywhere, pipelined, stepwise } from "./cuts.ts";

test.each([
  ["step by step", stepwise],
  ["in a pipeline", pipelined],
] as const)("a connection closed before, in or after any command or reply loses nothing, and doubles only what the server had whole (%s)", async (_, dialogue) => {
  expect(await breakEverywhere("close", "urgent", dialogue)).toEqual(
    dialogue.cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
