import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { figure, percentile, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const backlog = size(10_000, 100_000);
const urgents = size(25, 500);
const perSecond = size(20, 50);

test("an urgent message leaves before the backlog, also while its account is at its rate limit", async () => {
  const trial = new Trial();
  const promisedAt = new Map<string, number>();
  const waits: number[] = [];
  const overtaking: number[] = [];
  let bulkTaken = 0;
  let bulkBefore = 0;
  const peer = await startPeer(trial, {
    onTaken: ({ messageId, to, at }) => {
      if (!to[0]!.startsWith("urgent")) bulkTaken += 1;
      else {
        overtaking.push(bulkTaken - bulkBefore);
        // Its promise may still be on its way to us.
        waits.push(at - (promisedAt.get(messageId) ?? at));
      }
    },
  });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none", limits: { perSecond } }],
    onPromise: (messageId) => {
      promisedAt.set(messageId, performance.now());
      bulkBefore = bulkTaken;
    },
  });
  await app.send({ name: "bulk", count: backlog, lanes: ["bulk"], width: 128 });
  promisedAt.clear();
  for (let nth = 0; nth < urgents; nth += 1) {
    const mark = bulkTaken + perSecond / 5;
    await trial.until("the backlog leaves at its limit", () => bulkTaken >= mark);
    bulkBefore = bulkTaken;
    await app.send({ name: `urgent${nth}`, count: 1, lanes: ["urgent"] });
    await trial.until("the urgent message is there", () => waits.length > nth);
  }
  const left = backlog - bulkTaken;
  figure(
    "an urgent message behind a backlog, at the rate limit",
    `${backlog} bulk messages waiting (${left} still at the end), ${perSecond} messages/s allowed, ${urgents} urgent messages: accepted to delivered p50 ${percentile(waits, 50).toFixed(1)} ms, p99 ${percentile(waits, 99).toFixed(1)} ms; at most ${Math.max(...overtaking)} bulk messages came before one`,
  );
  expect(left).toBeGreaterThan(0);
  // The limit lets through a whole second's worth at once, while the urgent one is being claimed.
  expect(Math.max(...overtaking)).toBeLessThanOrEqual(perSecond);
});
