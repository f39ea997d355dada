// Who was killed, or cut off, before the answer came asks again with the same idempotency key.
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { type Run, startApp } from "./app.ts";
import { mostInFlight } from "./in-flight.ts";
import { startPeer } from "./peer.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const kills = size(4, 40);
const messages = size(400, 4_000);
const connections = 5;

test("a run that is begun anew with the same idempotency keys after each kill is delivered as one run", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const peer = await startPeer(trial);
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  const setting = { accounts: [{ ...account, limits: { connections } }] };
  const run: Run = { name: "mail", count: messages, lanes: ["normal", "urgent", "bulk"], keyed: true };
  for (let kill = 0; kill < kills; kill += 1) {
    const app = await startApp(trial, setting);
    app.send(run).catch(() => undefined);
    const mark = ledger.messages + randomInt(1, messages);
    await trial.until("the run is under way", () => ledger.messages >= mark);
    await app.kill();
  }
  const app = await startApp(trial, setting);
  const whole = await app.send(run);
  await trial.untilComplete();
  await app.idle();
  const distinct = new Set(peer.taken.map(({ messageId }) => messageId)).size;
  figure(
    "a run begun anew with the same idempotency keys",
    `${messages} messages asked for ${kills + 1} times, with a kill -9 in between: ${distinct} messages delivered, ${ledger.missing.length} lost, ${ledger.doubles} sent again`,
  );
  expect(whole).toMatchObject({ accepted: messages, refused: {} });
  expect(distinct).toBe(messages);
  expect(ledger.doubles).toBeLessThanOrEqual(kills * mostInFlight(connections));
});
