import { expect, test } from "vitest";
import { doubledAfter } from "./doubles.ts";
import { startHalfOpen } from "./half-open.ts";
import { mostInFlight } from "./in-flight.ts";
import { Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const times = size(1, 20);
const messages = size(400, 6_000);
const connections = 4;
const inFlight = mostInFlight(connections);

test("a node whose connections to the database fall silent finds out, and loses nothing", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const database = await startDatabase();
  const ways = await Promise.all([startHalfOpen(database.url), startHalfOpen(database.url)]);
  const peer = await startPeer(trial);
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const group = new Nodes(trial, database.url, { accounts: [{ ...account, limits: { connections } }] });
  const lives = ways.map(({ url }, nth) => group.begin(nth, { database: url }));
  const apps = await Promise.all(lives.map(({ starting }) => starting.ready));
  const runs = apps.map((app, nth) =>
    app.send({
      name: `mail${nth}`,
      count: messages / apps.length,
      lanes: ["normal", "urgent", "bulk"],
      keyed: true,
      untilAccepted: true,
      width: 4,
    }),
  );
  let silenced = 0;
  for (let time = 0; time < times; time += 1) {
    const mark = ((time + 1) * messages) / (times + 2);
    await trial.until("mail flows", () => peer.taken.length >= mark);
    silenced += ways[time % ways.length]!.forget();
  }
  const results = await Promise.all(runs);
  await trial.untilComplete();
  await Promise.all(apps.map((app) => app.idle()));

  const doubled = doubledAfter(peer.taken);
  const distinct = new Set(peer.taken.map(({ messageId }) => messageId)).size;
  figure(
    "connections to the database that fall silent",
    `${times} times under ${messages} messages by ${apps.length} nodes, ${silenced} connections in all: ${ledger.missing.length} lost, ${ledger.doubles} sent again (${inFlight} may be in flight each time)`,
  );
  expect(silenced).toBeGreaterThanOrEqual(times);
  expect(results.map(({ accepted }) => accepted)).toEqual(apps.map(() => messages / apps.length));
  expect(ledger.missing).toEqual([]);
  expect(distinct).toBe(messages);
  for (const { client } of lives)
    expect(doubled.get(client) ?? 0).toBeLessThanOrEqual(Math.ceil(times / lives.length) * inFlight);
  expect(peer.mostOpen).toBeLessThanOrEqual(connections);
});
