import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const run = size(4_000, 50_000);
const few = 20;
/** Of the run, what is in hand when the few come, and a turn for each of them. */
const most = 64 + 2 * few;

test("a bulk run of thousands through one key leaves room for a few messages through another", async () => {
  const trial = new Trial();
  let runTaken = 0;
  let fewTaken = 0;
  let between = 0;
  const peer = await startPeer(trial, {
    onTaken: ({ to }) => {
      if (to[0]!.startsWith("few")) fewTaken += 1;
      else {
        runTaken += 1;
        if (fewTaken < few) between = runTaken;
      }
    },
  });
  const app = await startApp(trial, {
    accounts: [
      { name: "main", host: "127.0.0.1", port: peer.port, security: "none", limits: { perSecond: 200 } },
    ],
  });
  await app.send({ name: "run", count: run, lanes: ["bulk"], origin: "key-newsletter", width: 128 });
  const before = runTaken;
  await app.send({ name: "few", count: few, lanes: ["bulk"], origin: "key-shop", width: few });
  await trial.until("the few are there", () => fewTaken === few);
  const waiting = run - before;
  figure(
    "a few messages beside another key's bulk run",
    `${waiting} bulk messages of one key waiting: ${few} of another key came after ${between - before} of them`,
  );
  expect(waiting).toBeGreaterThan(4 * most);
  expect(between - before).toBeLessThanOrEqual(most);
});
