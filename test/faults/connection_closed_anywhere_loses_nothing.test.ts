import { expect, test } from "vitest";
import { breakEverywhere, cases } from "./cuts.ts";

test("a connection closed before, in or after any command or reply loses nothing, and doubles only what the server had whole", async () => {
  expect(await breakEverywhere("close", { lane: "urgent" })).toEqual(
    cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
