import { expect, test } from "vitest";
import { doubledAfter } from "./doubles.ts";
import { mostInFlight } from "./in-flight.ts";
import { Nodes, startDatabase } from "./nodes.ts";
import { startPeer } from "./peer.ts";
import { figure } from "./soak.ts";
import { Trial } from "./trial.ts";

const messages = 80;
const connections = 3;
/** After so many of its messages the first node has no more answers. */
const answered = 20;

test("what a node had in hand when it died is sent by another, and only what was on its connections comes twice", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const database = await startDatabase();
  const first = "node0-life1.example.com";
  let unanswered = 0;
  const peer = await startPeer(trial, {
    rules: {
      content: ({ hello }) => {
        if (hello !== first || peer.taken.length < answered) return null;
        unanswered += 1;
        return { do: "silence" };
      },
    },
  });
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const group = new Nodes(trial, database.url, { accounts: [{ ...account, limits: { connections } }] });
  const { client, starting } = group.begin(0);
  expect(client).toBe(first);
  const app = await starting.ready;
  await app.send({ name: "mail", count: messages, lanes: ["normal", "bulk"] });
  await trial.until("the first node waits for answers", () => unanswered >= connections - 1);
  const other = await group.start(1);
  const before = peer.taken.length;
  await starting.kill();
  await trial.untilComplete();
  await other.idle();

  const doubled = doubledAfter(peer.taken).get(first) ?? 0;
  figure(
    "a node that dies with mail in hand",
    `${messages} messages, ${before} sent before it died, ${unanswered} of them without an answer: another sent the rest, ${ledger.missing.length} lost, ${ledger.doubles} sent again`,
  );
  expect(ledger.missing).toEqual([]);
  expect(doubled).toBe(ledger.doubles);
  expect(doubled).toBeGreaterThanOrEqual(unanswered);
  expect(doubled).toBeLessThanOrEqual(Math.min(before, mostInFlight(connections)));
});
