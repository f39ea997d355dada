import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { type App, startApp } from "./app.ts";
import { densest } from "./density.ts";
import { startPeer } from "./peer.ts";
import { Simulation } from "./simulation.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const minute = 60_000;
const perDay = 100;
/** Only urgent mail may have the last tenth. */
const kept = 10;
const kills = size(4, 40);

test("what an account may send in a day is never exceeded, however often its process is killed, and urgent mail has its part of it", async () => {
  const trial = new Trial();
  const budgeted = await startPeer(trial);
  const free = await startPeer(trial);
  const loopback = { host: "127.0.0.1", security: "none" } as const;
  const setting = {
    accounts: [
      { ...loopback, name: "main", port: budgeted.port, limits: { perDay } },
      { ...loopback, name: "free", port: free.port },
    ],
    tell: ["budget-spent"],
  } as const;
  const spent = (app: App) => app.events.length > 0;

  for (let kill = 0; kill < kills; kill += 1) {
    const app = await startApp(trial, setting);
    // In vain when it is killed meanwhile.
    app.send({ name: `run${kill}`, count: 60, lanes: ["bulk", "normal"] }).catch(() => undefined);
    const mark = budgeted.taken.length + randomInt(1, Math.ceil((2 * perDay) / kills));
    await trial.until("it sends, or has spent all", () => budgeted.taken.length >= mark || spent(app));
    await app.kill();
  }
  const app = await startApp(trial, setting);
  await app.send({ name: "last", count: perDay, lanes: ["bulk"] });
  await trial.until("the budget is spent", () => spent(app));
  const others = budgeted.taken.length;
  expect(others).toBeLessThanOrEqual(perDay - kept);

  await app.send({ name: "urgent", count: 3 * kept, lanes: ["urgent"] });
  const urgent = () => budgeted.taken.filter(({ to }) => to[0]!.startsWith("urgent")).length;
  await trial.until("urgent mail has what is kept for it", () => urgent() >= kept);
  // Whatever else would leave has as much time as these take.
  for (let nth = 0; nth < 20; nth += 1) {
    await app.send({ name: `beacon${nth}`, count: 1, lanes: ["urgent"], route: "free" });
    await trial.until("another account's mail is there", () => free.taken.length > nth);
  }
  figure(
    "a budget of messages a day",
    `${perDay} allowed, ${kept} of them for urgent mail; ${kills} kills: ${others} others and ${urgent()} urgent ones sent in all`,
  );
  expect(budgeted.taken.length).toBeLessThanOrEqual(perDay);
});

test("what an account may send in a minute is never exceeded in any minute, also across restarts", async () => {
  const trial = new Trial();
  const simulation = await Simulation.start(trial);
  const { clock } = simulation;
  const arrivals: number[] = [];
  const peer = await startPeer(trial, { onTaken: () => arrivals.push(clock.now()) });
  const account = { name: "main", host: "127.0.0.1", port: peer.port, security: "none" } as const;
  await simulation.accounts.add({ ...account, limits: { perMinute: 60 } }, { kind: "none" });
  await simulation.accounts.setDefault("main");
  await simulation.send(Array.from({ length: 600 }, () => ({ lane: "bulk" as const })));
  for (let restart = 0; restart < 8; restart += 1) {
    await simulation.pass(randomInt(1_000, 2 * minute));
    await simulation.stop();
    simulation.deliver();
  }
  // A restart may leave a parcel of tokens unused, never more than a minute's.
  await simulation.pass(20 * minute);
  expect(trial.ledger.missing).toEqual([]);
  expect(trial.ledger.doubles).toBe(0);
  expect(densest(arrivals, minute)).toBeLessThanOrEqual(60);
});
