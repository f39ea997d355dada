import { expect, test } from "vitest";
import { densest } from "./density.ts";
import { mostUnanswered } from "./in-flight.ts";
import { Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const messages = size(400, 4_000);
const connections = 4;
const perSecond = size(80, 100);

test("nodes that come and go share an account's connections and its rate, and never exceed them", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const database = await startDatabase();
  const peer = await startPeer(trial);
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const group = new Nodes(trial, database.url, {
    accounts: [{ ...account, limits: { connections, perSecond } }],
  });
  const first = await group.start(0);
  await first.send({ name: "mail", count: messages, lanes: ["bulk", "normal", "urgent"] });
  await trial.until("the first node sends", () => peer.taken.length >= perSecond / 2);
  const second = await group.start(1);
  const sentBySecond = () => peer.taken.filter(({ client }) => client.startsWith("node1")).length;
  await trial.until("the second has its part", () => sentBySecond() >= perSecond / 2);
  await first.close();
  await trial.untilComplete();
  await second.idle();

  const at = peer.taken.map((one) => one.at);
  const inSecond = densest(at, 1_000);
  figure(
    "an account's connections and rate, of nodes that come and go",
    `${messages} messages by two nodes: at most ${peer.mostOpen} connections (allowed ${connections}), ${inSecond} messages in a second (allowed ${perSecond}, and ${mostUnanswered(connections)} may have been on the way); ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(ledger.missing).toEqual([]);
  expect(ledger.doubles).toBe(0);
  expect(peer.mostOpen).toBeLessThanOrEqual(connections);
  // What was let go before may arrive within the second: no more of it than there are places.
  expect(inSecond).toBeLessThanOrEqual(perSecond + mostUnanswered(connections));
  expect(densest(at, 3_000)).toBeLessThanOrEqual(3 * perSecond + mostUnanswered(connections));
});
