import { expect, test } from "vitest";
import type { App, Run } from "./app.ts";
import { mostInFlight } from "./in-flight.ts";
import { Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const nodes = size(2, 4);
const kills = 2;
const messages = size(600, 10_000);
const connections = 4;
const inFlight = mostInFlight(connections, nodes);

/** Asks again and again: each answer waits for the database. */
async function untilReady(app: App, ready: boolean): Promise<readonly string[]> {
  for (;;) {
    const reasons = await app.unready();
    if ((reasons.length === 0) === ready) return reasons;
  }
}

test("when the database is killed and comes back, what was accepted is delivered and what was refused is one message when it is sent again", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const database = await startDatabase();
  const peer = await startPeer(trial);
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const group = new Nodes(trial, database.url, { accounts: [{ ...account, limits: { connections } }] });
  const apps = await Promise.all(Array.from({ length: nodes }, (_, nth) => group.start(nth)));

  // All of them ask for the same messages.
  const run: Run = {
    name: "mail",
    count: messages,
    lanes: ["normal", "urgent", "bulk"],
    keyed: true,
    untilAccepted: true,
    width: 4,
  };
  const runs = apps.map((app) => app.send(run));
  for (let kill = 0; kill < kills; kill += 1) {
    const mark = ((kill + 1) * messages) / (kills + 1);
    await trial.until("mail flows", () => peer.taken.length >= mark);
    await database.kill();
    for (const app of apps)
      for (const reason of await untilReady(app, false)) expect(reason).toMatch(/^(storage|delivery): /);
    await database.restart();
    for (const app of apps) await untilReady(app, true);
  }
  const results = await Promise.all(runs);
  await trial.untilComplete();
  await Promise.all(apps.map((app) => app.idle()));

  const distinct = new Set(peer.taken.map(({ messageId }) => messageId)).size;
  const refused = apps.reduce((sum, app) => sum + app.refused.length, 0);
  figure(
    "the database killed and restarted",
    `${kills} kills, ${nodes} nodes: ${messages} messages asked for by each of them with the same idempotency keys, ${refused} refusals in between: ${distinct} messages delivered, ${ledger.missing.length} lost, ${ledger.doubles} sent again (${inFlight} may be in flight at a kill)`,
  );
  expect(results.map(({ accepted }) => accepted)).toEqual(apps.map(() => messages));
  expect(ledger.missing).toEqual([]);
  expect(distinct).toBe(messages);
  expect(ledger.doubles).toBeLessThanOrEqual(kills * inFlight);
  expect(peer.mostOpen).toBeLessThanOrEqual(connections);
});
