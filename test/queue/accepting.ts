// A process that accepts and delivers without end, and says on standard output what it was promised.
import { writeSync } from "node:fs";
import { attempt, claimAll, id, message } from "../../src/queue/conformance/harness.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";

const [directory, first] = process.argv.slice(2);
const store = await openSqliteStore({ directory: directory! });
let n = Number(first);

/** Written at once, so that a kill right after the promise does not lose the line. */
const say = (word: string, ids: readonly string[]) =>
  writeSync(1, ids.map((one) => `${word} ${one}\n`).join(""));

say("open", ["-"]);

async function accept(size: number): Promise<never> {
  for (;;) {
    const batch = Array.from({ length: size }, () => message(n++));
    await store.accept(batch);
    say(
      "accepted",
      batch.map((one) => one.id),
    );
  }
}

async function deliver(): Promise<never> {
  for (;;) {
    const claims = await claimAll(store, { limit: 10 });
    await store.record(claims.map((claim) => attempt(claim, [{ index: 0, event: "accept" }])));
    say(
      "sent",
      claims.map((claim) => claim.id),
    );
    if (claims.length === 0) await store.get(id(0));
  }
}

await Promise.all([accept(1), accept(1), accept(3), accept(7), deliver()]);
