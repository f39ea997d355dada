import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

test("a message to 50 recipients of whom 3 are refused goes to 47, and each of the 3 is told of", async () => {
  const trial = new Trial();
  const unknown = ["mail-0-7@example.net", "mail-0-8@example.net", "mail-0-49@example.net"];
  const peer = await startPeer(trial, {
    rules: {
      rcpt: (_, __, recipient) => (unknown.includes(recipient) ? answer(550, "5.1.1 User unknown") : null),
    },
  });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    tell: ["sent", "bounced"],
  });
  const { ids } = await app.send({ name: "mail", count: 1, lanes: ["normal"], recipients: [50] });
  await app.idle();
  const states = await app.states(ids[0]!);
  const refused = states.filter(([, state]) => state === "bounced").map(([address]) => address);
  expect(refused).toEqual(unknown);
  expect(states.filter(([, state]) => state === "sent")).toHaveLength(47);
  expect(peer.taken.flatMap(({ to }) => to)).toEqual(
    states.map(([address]) => address).filter((address) => !unknown.includes(address)),
  );
  expect(trial.ledger.doubles).toBe(0);
  expect(app.events.filter(({ type }) => type === "bounced")).toHaveLength(3);
});
