import { expect, test } from "vitest";
import type { App } from "./app.ts";
import { densest } from "./density.ts";
import { mostUnanswered } from "./in-flight.ts";
import { Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

/** That each of them has sent before the first goes. */
const share = size(60, 1_000);
/** Accepted ahead of what is sent. */
const ahead = 200;
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
  const sentBy = (node: string) => peer.taken.filter(({ client }) => client.startsWith(node)).length;
  let fed = 0;
  const feed = async (app: App, until: () => boolean) => {
    for (; !until(); fed += 1) {
      await app.send({ name: `mail${fed}`, count: ahead, lanes: ["bulk", "normal", "urgent"] });
      await trial.until("mail flows", () => until() || peer.taken.length >= ledger.messages - ahead);
    }
  };
  const first = await group.start(0);
  await feed(first, () => sentBy("node0") >= share);
  const second = await group.start(1);
  await feed(first, () => sentBy("node1") >= share);
  await first.close();
  await trial.untilComplete();
  await second.idle();

  const at = peer.taken.map((one) => one.at);
  const inSecond = densest(at, 1_000);
  figure(
    "an account's connections and rate, of nodes that come and go",
    `${ledger.messages} messages by two nodes, ${sentBy("node0")} by the first: at most ${peer.mostOpen} connections (allowed ${connections}), ${inSecond} messages in a second (allowed ${perSecond}, and ${mostUnanswered(connections)} may have been on the way); ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(ledger.missing).toEqual([]);
  expect(ledger.doubles).toBe(0);
  expect(peer.mostOpen).toBeLessThanOrEqual(connections);
  // What was let go before may arrive within the second: no more of it than there are places.
  expect(inSecond).toBeLessThanOrEqual(perSecond + mostUnanswered(connections));
  expect(densest(at, 3_000)).toBeLessThanOrEqual(3 * perSecond + mostUnanswered(connections));
});
