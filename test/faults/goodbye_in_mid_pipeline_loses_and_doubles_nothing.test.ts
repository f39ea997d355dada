// 421 may come at any time (RFC 5321 §3.8): the replies to what was pipelined behind it never come.
import { expect, test } from "vitest";
import type { Effect } from "../../src/sandbox/answer.ts";
import type { Rules } from "../../src/sandbox/rules.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

const goodbyes = 12;
/** One in so many transactions ends with one. */
const oneIn = 12;
const goodbye: Effect = { do: "answer", answer: { code: 421, lines: ["4.3.2 Closing down"], close: true } };

test.each([
  "MAIL",
  "RCPT",
  "the content",
] as const)("421 in reply to %s, with more in the pipeline, loses nothing and doubles nothing", async (where) => {
  const trial = new Trial();
  let [transactions, given] = [0, 0];
  const now = () => {
    transactions += 1;
    if (transactions % oneIn !== 0 || given === goodbyes) return null;
    given += 1;
    return goodbye;
  };
  const rules: Readonly<Record<typeof where, Partial<Rules>>> = {
    MAIL: { mail: now },
    // To the second of three.
    RCPT: { rcpt: (_, { to }) => (to.length === 1 ? now() : null) },
    "the content": { content: now },
  };
  const peer = await startPeer(trial, { rules: rules[where] });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
  });
  await app.send({ name: "mail", count: 300, lanes: ["urgent"], recipients: [3], bodies: 4 });
  await trial.untilComplete();
  await app.idle();
  expect(given).toBe(goodbyes);
  expect(trial.ledger.doubles).toBe(0);
  expect(trial.ledger.delivered).toBe(900);
});
