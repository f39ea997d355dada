import { expect, test } from "vitest";
import { breakEverywhere, stepwise } from "./cuts.ts";
import type { Fate } from "./proxy.ts";

const afterTheDot = stepwise.cases.filter(({ unknown }) => unknown);

test.each<Fate>([
  "close",
  "reset",
  "freeze",
  "drip",
])("bulk mail whose connection meets its end (%s) after the final dot is held for a person, not sent again", async (fate) => {
  expect(await breakEverywhere(fate, "bulk", { ...stepwise, cases: afterTheDot })).toEqual(
    afterTheDot.map(({ name }) => ({ name, copies: 1, state: "unknown" })),
  );
});
