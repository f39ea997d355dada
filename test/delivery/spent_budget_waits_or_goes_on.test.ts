import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

const hour = 3_600_000;
const bulk = (count: number, route: string) =>
  Array.from({ length: count }, () => ({ lane: "bulk" as const, route, lifetime: 100 * hour }));

test("what cannot go today goes tomorrow, and urgent mail goes today", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  await world.account("main", peer.port, { limits: { perDay: 20 } });
  await world.send(...bulk(30, "main"));
  const [spent] = await world.until("budget-spent");
  await world.until("sent", 18);
  await world.resting();
  expect(peer.received).toHaveLength(18);
  await world.send({ lane: "urgent", route: "main" });
  await world.until("sent", 19);
  expect(spent!.until - world.clock.now()).toBeGreaterThan(23 * hour);
  expect((await world.store.budgets.spent("main", world.clock.now())).day).toEqual({ all: 19, urgent: 1 });
  // Nothing was tried, put off or counted for those who wait.
  expect((await world.store.depth()).map(({ state, recipients }) => [state, recipients])).toEqual([
    ["queued", 12],
  ]);
  expect(world.events.some(({ type }) => type === "deferred")).toBe(false);
  while (peer.received.length < 31) {
    world.clock.advance(await world.resting());
    await new Promise(setImmediate);
  }
  await world.until("sent", 31);
});

test("a route says whether a spent budget is waited for or the next account sends", async () => {
  const [one, two] = [await startPeer(), await startPeer()];
  const world = await startWorld();
  await world.account("first", one.port, { limits: { perDay: 10, urgentPercent: 0 } });
  await world.account("second", two.port);
  const accounts = ["first", "second"];
  await world.routes.put({ name: "goes-on", accounts });
  await world.routes.put({ name: "waits", accounts, onBudget: "wait" });
  await world.send(...bulk(10, "goes-on"));
  await world.until("sent", 10);
  await world.send(...bulk(5, "waits"), ...bulk(5, "goes-on"));
  await world.until("sent", 15);
  const failovers = await world.until("failover", 5);
  expect(failovers.every(({ from, to }) => from === "first" && to === "second")).toBe(true);
  await world.resting();
  expect([one.received.length, two.received.length]).toEqual([10, 5]);
  expect((await world.store.depth()).map(({ recipients }) => recipients)).toEqual([5]);
});

test("a limit that is raised lets go at once what waited for tomorrow", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  await world.account("main", peer.port, { limits: { perDay: 10, urgentPercent: 0 } });
  await world.send(...bulk(15, "main"));
  await world.until("sent", 10);
  await world.until("budget-spent");
  await world.accounts.update("main", { limits: { perDay: 1000 } });
  await world.until("sent", 15);
});

test("what is refused costs no budget", async () => {
  const peer = await startPeer({
    rcpt: (_, __, address) =>
      address.startsWith("gone")
        ? { do: "answer", answer: { code: 550, lines: ["5.1.1 No such user"] } }
        : null,
  });
  const world = await startWorld();
  await world.account("main", peer.port, { limits: { perDay: 5, urgentPercent: 0 } });
  await world.send(...Array.from({ length: 20 }, (_, i) => ({ to: [`gone${i}@example.net`] })));
  await world.until("bounced", 20);
  await world.send(...Array.from({ length: 5 }, () => ({})));
  await world.until("sent", 5);
});

test("where recipients are counted, those who are refused cost nothing", async () => {
  const peer = await startPeer({
    rcpt: (_, __, address) =>
      address.startsWith("gone")
        ? { do: "answer", answer: { code: 550, lines: ["5.1.1 No such user"] } }
        : null,
  });
  const world = await startWorld();
  const limits = { perDay: 5, unit: "recipients", urgentPercent: 0 } as const;
  await world.account("main", peer.port, { limits });
  await world.send({
    to: ["ann@example.net", "gone1@example.net", "gone2@example.net", "gone3@example.net"],
  });
  await world.until("bounced", 3);
  await world.send(...Array.from({ length: 4 }, () => ({})));
  await world.until("sent", 5);
});
