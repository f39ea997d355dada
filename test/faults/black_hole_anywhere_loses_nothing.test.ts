// A machine without power, a firewall that forgot the connection: nothing comes through, and nothing says so.
import { expect, test } from "vitest";
import { breakEverywhere, pipelined, stepwise } from "./cuts.ts";

test.each([
  ["step by step", stepwise],
  ["in a pipeline", pipelined],
] as const)("a connection that carries nothing any more is given up in time, loses nothing, and doubles only what the server had whole (%s)", async (_, dialogue) => {
  expect(await breakEverywhere("freeze", "urgent", dialogue)).toEqual(
    dialogue.cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
