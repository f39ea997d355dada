// A process that wants one duty and keeps it for as long as it lives; says when it has it.
import { setTimeout } from "node:timers/promises";
import { Duties } from "../../src/queue/duties.ts";
import { openPostgresStore } from "../../src/queue/postgres/open.ts";

export interface DutySetting {
  readonly url: string;
  readonly name: string;
  readonly forMs: number;
}

/** Between two questions whether it is free. Milliseconds. */
const pause = 50;

const { url, name, forMs } = JSON.parse(process.argv[2]!) as DutySetting;
const store = await openPostgresStore({ url, owner: `${process.pid}` });
const duties = new Duties({ documents: store.documents, owner: `${process.pid}`, now: () => Date.now() });
const untilLost = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

console.log("ready");
for (;;) {
  const done = await duties.do(
    name,
    async (signal) => {
      console.log("has it");
      await untilLost(signal);
      console.log("lost it");
      return true;
    },
    { forMs },
  );
  if (done === null) await setTimeout(pause);
}
