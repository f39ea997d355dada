import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const messages = size(1_500, 20_000);

/** Bytes of all files of the database. */
function sizeOf(directory: string): number {
  return readdirSync(directory)
    .filter((name) => name.startsWith("postrider.db"))
    .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

test("the database gives space back when mail is no longer kept, while more is taken in, and loses none of that", async () => {
  const trial = new Trial();
  const peer = await startPeer(trial);
  const accounts = [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }] as const;
  const keeping = await startApp(trial, { accounts });
  await keeping.send({ name: "old", count: messages, lanes: ["bulk"], bodies: 32, width: 32 });
  await trial.untilComplete();
  await keeping.idle();
  await keeping.close();
  const full = sizeOf(trial.directory);
  const app = await startApp(trial, {
    accounts,
    retention: { contentDays: 0, transcriptDays: 0, messageDays: 0 },
  });
  const meanwhile = app.send({ name: "new", count: 100, lanes: ["normal", "urgent"] });
  let removed = 0;
  for (let more = true; more; ) {
    const round = await app.prune();
    removed += round.messages;
    more = round.more;
  }
  await meanwhile;
  const shrunk = sizeOf(trial.directory);
  await trial.untilComplete();
  await app.idle();
  figure(
    "a database whose mail is no longer kept",
    `${removed} messages removed: ${(full / 2 ** 20).toFixed(1)} MiB before, ${(shrunk / 2 ** 20).toFixed(1)} MiB after, while running`,
  );
  expect(removed).toBeGreaterThanOrEqual(messages);
  expect(full).toBeGreaterThan(messages * 16 * 1024);
  expect(shrunk).toBeLessThan(full / 3);
  expect(trial.ledger.doubles).toBe(0);
});
