import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { type AppOptions, beginApp, type Run, startApp } from "./app.ts";
import { mostInFlight } from "./in-flight.ts";
import type { Taken } from "./ledger.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const rounds = size(12, 200);
const messages = size(1_500, 20_000);
const connections = 5;
const inFlight = mostInFlight(connections);

const each: Omit<Run, "name"> = {
  count: Math.ceil(messages / rounds),
  lanes: ["bulk", "urgent", "bulk", "normal"],
  recipients: [1, 3, 1, 1, 2],
  raw: true,
  width: 24,
};

/** How many of the messages that each process handed over came again, from a later one. */
function doubledByProcess(taken: readonly Taken[], firstConnections: readonly number[]): readonly number[] {
  const doubled = firstConnections.map(() => 0);
  const before = new Map<string, number>();
  for (const { messageId, connection } of taken) {
    const process = firstConnections.findLastIndex((first) => first <= connection);
    const earlier = before.get(messageId);
    if (earlier !== undefined) doubled[earlier]! += 1;
    before.set(messageId, process);
  }
  return doubled;
}

test("an application killed at random moments loses nothing, and doubles no more than was in flight", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const peer = await startPeer(trial);
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const options: AppOptions = { accounts: [{ ...account, limits: { connections } }] };

  const firstConnections: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    firstConnections.push(peer.counts.connections + 1);
    const starting = beginApp(trial, options);
    if (round % 6 === 5) {
      // At any time, also while it opens what the one before left behind.
      await new Promise((passed) => setTimeout(passed, randomInt(600)));
    } else {
      const app = await starting.ready;
      let accepting = true;
      const ended = () => {
        accepting = false;
      };
      app.send({ ...each, name: `round${round}` }).then(ended, ended);
      const [accepted, taken] = [ledger.messages, peer.taken.length];
      // Counted, so that it comes while mail is being accepted and is leaving.
      const [share, mark] = [randomInt(each.count), randomInt(each.count)];
      await trial.until("mail flows", () => {
        if (!accepting && peer.taken.length >= taken + each.count) return true;
        return ledger.messages > accepted + share && peer.taken.length > taken + mark;
      });
    }
    await starting.kill();
  }
  firstConnections.push(peer.counts.connections + 1);
  const last = await startApp(trial, options);
  // What the rounds that were killed early did not accept.
  const rest = messages - ledger.messages;
  if (rest > 0) await last.send({ ...each, name: "last", count: rest });
  await trial.untilComplete();
  await last.idle();
  await last.close();

  const most = Math.max(...doubledByProcess(peer.taken, firstConnections));
  figure(
    "kill -9 at random moments",
    `${rounds} kills over ${ledger.messages} messages to ${ledger.promised} recipients: ${ledger.missing.length} lost, ${ledger.doubles} sent again, ${most} at most for one kill (${inFlight} may be in flight)`,
  );
  expect(ledger.missing).toEqual([]);
  expect(ledger.messages).toBeGreaterThanOrEqual(messages);
  expect(most).toBeLessThanOrEqual(inFlight);
});
