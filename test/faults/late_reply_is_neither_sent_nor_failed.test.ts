import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { shortTimeouts } from "./cuts.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

test("mail whose last reply comes after the time limit: urgent is sent again with the same Message-ID, bulk is held, both are recorded", async () => {
  const trial = new Trial();
  const late = new Set(["late-urgent@example.net", "late-bulk@example.net"]);
  const peer = await startPeer(trial, {
    rules: {
      // The first copy for each of them.
      content: (_, { envelope: { to } }) =>
        late.delete(to[0]!) ? { do: "late", ms: 6_000, answer: { code: 250, lines: ["2.0.0 Taken"] } } : null,
    },
  });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    connecting: { timeouts: shortTimeouts },
    tell: ["sent", "unknown"],
  });
  const [urgent, bulk, other] = await Promise.all([
    app.send({ name: "urgent", count: 1, lanes: ["urgent"], to: ["late-urgent@example.net"] }),
    app.send({ name: "bulk", count: 1, lanes: ["bulk"], to: ["late-bulk@example.net"] }),
    app.send({ name: "other", count: 50, lanes: ["urgent"] }),
  ]);
  await trial.untilComplete();
  await trial.until("each has an outcome", () => app.events.length >= 52);

  expect(trial.ledger.copiesTo("late-urgent@example.net")).toBe(2);
  expect(
    new Set(peer.taken.filter(({ to }) => to[0]!.startsWith("late-urgent")).map(({ messageId }) => messageId))
      .size,
  ).toBe(1);
  expect(trial.ledger.copiesTo("late-bulk@example.net")).toBe(1);
  expect(trial.ledger.doubles).toBe(1);
  expect(other.accepted).toBe(50);
  expect(await app.attempts(urgent.ids[0]!)).toEqual([
    { account: "main", events: ["defer"] },
    { account: "main", events: ["accept"] },
  ]);
  expect(await app.attempts(bulk.ids[0]!)).toEqual([{ account: "main", events: ["lose"] }]);
  expect(await app.depth()).toMatchObject([{ lane: "bulk", state: "unknown", recipients: 1 }]);
});
