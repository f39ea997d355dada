// The conformance suite: what every engine of the queue does. Each engine's test calls it.
import { describe } from "vitest";
import { acceptance } from "./conformance/acceptance.ts";
import { claiming } from "./conformance/claiming.ts";
import { clock } from "./conformance/clock.ts";
import { expiring } from "./conformance/expiring.ts";
import type { Open } from "./conformance/harness.ts";
import { leases } from "./conformance/leases.ts";
import { modelled } from "./conformance/model.ts";
import { outcomes } from "./conformance/outcomes.ts";
import { reading } from "./conformance/reading.ts";
import { retention } from "./conformance/retention.ts";
import { sharing } from "./conformance/sharing.ts";
import { spending } from "./conformance/spending.ts";
import { steering } from "./conformance/steering.ts";
import { suppressing } from "./conformance/suppressing.ts";
import { turns } from "./conformance/turns.ts";

/** `open` is called once for each test and gives an empty store. */
export function conformance(name: string, open: Open): void {
  describe(`${name} keeps the contract of the queue`, () => {
    acceptance(open);
    claiming(open);
    turns(open);
    expiring(open);
    leases(open);
    outcomes(open);
    suppressing(open);
    steering(open);
    clock(open);
    spending(open);
    sharing(open);
    retention(open);
    reading(open);
    modelled(open);
  });
}
