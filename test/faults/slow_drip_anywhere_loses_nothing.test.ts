// A byte a second keeps every limit on silence at bay: only a limit on the whole ends it.
import { expect, test } from "vitest";
import { breakEverywhere, cases } from "./cuts.ts";

test("a connection that carries a byte a second is given up in time, loses nothing, and doubles only what the server had whole", async () => {
  expect(await breakEverywhere("drip", { lane: "urgent" })).toEqual(
    cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
