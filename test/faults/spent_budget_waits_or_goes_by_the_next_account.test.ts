import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

test("what a spent budget lets through no more goes by the route's next account, or waits, as the route says", async () => {
  const trial = new Trial();
  const [first, second, next] = [await startPeer(trial), await startPeer(trial), await startPeer(trial)];
  const loopback = { host: "127.0.0.1", security: "none" } as const;
  const app = await startApp(trial, {
    accounts: [
      { ...loopback, name: "first", port: first.port, limits: { perDay: 50 } },
      { ...loopback, name: "second", port: second.port, limits: { perDay: 50 } },
      { ...loopback, name: "next", port: next.port },
    ],
    routes: [
      { name: "goes-on", accounts: ["first", "next"], weights: null, onBudget: "next", when: null },
      { name: "waits", accounts: ["second", "next"], weights: null, onBudget: "wait", when: null },
    ],
    tell: ["sent", "budget-spent", "budget-low", "failover", "failed", "bounced", "expired"],
  });
  const waiting = app.send({ name: "waits", count: 100, lanes: ["bulk"], route: "waits" });
  await app.send({ name: "goes-on", count: 200, lanes: ["bulk"], route: "goes-on" });
  await waiting;
  const count = (wanted: string) => app.events.filter(({ type }) => type === wanted).length;
  await trial.until("all of the one route is there", () => first.taken.length + next.taken.length >= 200);
  await trial.until("both budgets are spent, and what was sent is recorded", () => {
    return count("budget-spent") >= 2 && count("sent") >= 245;
  });

  expect(first.taken).toHaveLength(45);
  expect(next.taken).toHaveLength(155);
  expect(next.taken.filter(({ to }) => to[0]!.startsWith("waits"))).toEqual([]);
  expect(second.taken).toHaveLength(45);
  const depth = await app.depth();
  expect(depth.reduce((sum, { recipients }) => sum + recipients, 0)).toBe(55);
  const types = new Set(app.events.map(({ type }) => type));
  // Told before it is spent, as it has to be noticed in time.
  expect(types).toEqual(new Set(["sent", "budget-low", "budget-spent", "failover"]));
  const accounts = app.events
    .filter(({ type }) => type === "budget-low")
    .map((event) => "account" in event && event.account);
  expect(accounts.toSorted()).toEqual(["first", "second"]);
});
