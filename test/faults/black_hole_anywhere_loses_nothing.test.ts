// A machine without power, a firewall that forgot the connection: nothing comes through, and nothing says so.
import { expect, test } from "vitest";
import { breakEverywhere, cases } from "./cuts.ts";

test("a connection that carries nothing any more is given up in time, loses nothing, and doubles only what the server had whole", async () => {
  expect(await breakEverywhere("freeze", { lane: "urgent" })).toEqual(
    cases.map(({ name, unknown }) => ({ name, copies: unknown ? 2 : 1, state: "sent" })),
  );
});
