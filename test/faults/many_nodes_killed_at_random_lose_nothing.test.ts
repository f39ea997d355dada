import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import type { Run } from "./app.ts";
import { densest } from "./density.ts";
import { doubledAfter } from "./doubles.ts";
import { mostInFlight, mostUnanswered } from "./in-flight.ts";
import { type Life, Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure, percentile, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const nodes = 4;
const kills = size(10, 200);
const messages = size(1_500, 50_000);
const connections = 8;
const perSecond = 150;
/** Of another account, of which more is asked than it may send. */
const perMinute = size(60, 300);
const meteredConnections = 2;
const inFlight = mostInFlight(connections);

const each: Omit<Run, "name"> = {
  // Some of it is not accepted before the end comes.
  count: Math.ceil((messages * 1.3) / (nodes + kills)),
  lanes: ["bulk", "normal"],
  recipients: [1, 3, 1, 1, 2],
  raw: true,
  width: 8,
};

test("of nodes killed at random moments nothing is lost, and together they never exceed what an account may do", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const database = await startDatabase();
  const promisedAt = new Map<string, number>();
  const waits: number[] = [];
  const urgentTaken = new Set<string>();
  const peer = await startPeer(trial, {
    onTaken: ({ messageId, to, at }) => {
      if (!to[0]!.startsWith("urgent") || urgentTaken.has(messageId)) return;
      urgentTaken.add(messageId);
      // Its promise may still be on its way to us.
      waits.push(at - (promisedAt.get(messageId) ?? at));
    },
  });
  const metered = await startPeer(trial);
  const loopback = { host: "127.0.0.1", security: "none" } as const;
  const group = new Nodes(trial, database.url, {
    accounts: [
      { ...loopback, name: "main", port: peer.port, limits: { connections, perSecond } },
      {
        ...loopback,
        name: "metered",
        port: metered.port,
        limits: { connections: meteredConnections, perMinute },
      },
    ],
  });
  const client = await group.start(nodes, {
    deliver: false,
    onPromise: (messageId) => promisedAt.set(messageId, performance.now()),
  });
  await client.send({
    name: "metered",
    route: "metered",
    count: 6 * perMinute,
    lanes: ["bulk"],
    silent: true,
  });

  let sending = 0;
  const begin = (nth: number): Life => {
    const life = group.begin(nth);
    const run = async () => {
      // From the start on: while nodes are starting, mail is still to come.
      sending += 1;
      try {
        const app = await life.starting.ready;
        await app.send({ ...each, name: life.client.split(".")[0]! });
      } finally {
        sending -= 1;
      }
    };
    // In vain when it is killed meanwhile.
    run().catch(() => undefined);
    return life;
  };
  let ended = false;
  const urgent = async () => {
    for (let nth = 0; !ended; nth += 1) {
      const mark = peer.taken.length + 40;
      await trial.until("mail flows", () => ended || peer.taken.length >= mark);
      if (ended) return;
      promisedAt.clear();
      await client.send({ name: `urgent${nth}`, count: 1, lanes: ["urgent"] });
      await trial.until("the urgent message is there", () => waits.length > nth);
    }
  };

  const lives = Array.from({ length: nodes }, (_, nth) => begin(nth));
  const urgents = urgent();
  const killed: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    // The one that was begun last is still starting.
    const early = kill % 6 === 5;
    const step = messages / (kills + 1);
    const mark = (kill + 1) * step - randomInt(Math.ceil(step));
    if (early) await new Promise((passed) => setTimeout(passed, randomInt(600)));
    else
      await trial.until("mail flows", () => peer.taken.length >= mark || (sending === 0 && ledger.complete));
    const nth = early ? lives.length - 1 : randomInt(lives.length);
    const [life] = lives.splice(nth, 1) as [Life];
    killed.push(life.client);
    await life.starting.kill();
    lives.push(begin(life.nth));
  }
  const rest = messages - ledger.messages;
  if (rest > 0) await client.send({ ...each, name: "last", count: rest });
  await trial.until("nothing more is accepted", () => sending === 0);
  await trial.untilComplete();
  ended = true;
  trial.changed();
  await urgents;

  const doubled = doubledAfter(peer.taken);
  const most = Math.max(...killed.map((name) => doubled.get(name) ?? 0));
  const at = peer.taken.map((one) => one.at);
  const meteredAt = metered.taken.map((one) => one.at);
  const inSecond = densest(at, 1_000);
  const inMinute = densest(meteredAt, 60_000);
  figure(
    `${nodes} nodes, kill -9 at random moments`,
    `${kills} kills over ${ledger.messages} messages to ${ledger.promised} recipients: ${ledger.missing.length} lost, ${ledger.doubles} sent again, ${most} at most for one kill (${inFlight} may be in flight); at most ${peer.mostOpen} connections (allowed ${connections}), ${inSecond} messages in a second (allowed ${perSecond}, and ${mostUnanswered(connections)} may have been on the way), of another account ${inMinute} in a minute (allowed ${perMinute}); ${waits.length} urgent messages by a client that lives: accepted to delivered p50 ${percentile(waits, 50).toFixed(1)} ms, p99 ${percentile(waits, 99).toFixed(1)} ms`,
  );
  expect(ledger.missing).toEqual([]);
  expect(ledger.messages).toBeGreaterThanOrEqual(messages);
  expect(most).toBeLessThanOrEqual(inFlight);
  // Who lives sends nothing twice.
  expect([...doubled.keys()].filter((name) => !killed.includes(name))).toEqual([]);
  expect(peer.mostOpen).toBeLessThanOrEqual(connections);
  expect(metered.mostOpen).toBeLessThanOrEqual(meteredConnections);
  // What was let go before may arrive within the second: no more of it than there are places.
  expect(inSecond).toBeLessThanOrEqual(perSecond + mostUnanswered(connections));
  expect(densest(at, 10_000)).toBeLessThanOrEqual(10 * perSecond + mostUnanswered(connections));
  expect(inMinute).toBeLessThanOrEqual(perMinute + mostUnanswered(meteredConnections));
  expect(meteredAt.length).toBeGreaterThan(perMinute / 2);
});
