// The conformance suite: what every engine of the queue does. Each engine's test calls it.
import { describe } from "vitest";
import { acceptance } from "./conformance/acceptance.ts";
import { claiming } from "./conformance/claiming.ts";
import type { Open } from "./conformance/harness.ts";
import { leases } from "./conformance/leases.ts";
import { modelled } from "./conformance/model.ts";
import { outcomes } from "./conformance/outcomes.ts";
import { reading } from "./conformance/reading.ts";
import { steering } from "./conformance/steering.ts";

/** `open` is called once for each test and gives an empty store. */
export function conformance(name: string, open: Open): void {
  describe(`${name} keeps the contract of the queue`, () => {
    acceptance(open);
    claiming(open);
    leases(open);
    outcomes(open);
    steering(open);
    reading(open);
    modelled(open);
  });
}
