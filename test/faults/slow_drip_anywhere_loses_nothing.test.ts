// A byte a second keeps every limit on silence at bay: only a limit on the whole ends it.
import { expect, test } from "vitest";
import { breakEverywhere, pipelined, stepwise } from "./cuts.ts";

test.each([
  ["step by step", stepwise],
  ["in a pipeline", pipelined],
] as const)("a connection that carries a byte a second is given up in time, loses nothing, and doubles only what the server had whole (%s)", async (_, dialogue) => {
  expect(await breakEverywhere("drip", "urgent", dialogue)).toEqual(
    dialogue.cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
