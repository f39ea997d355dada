import { expect, test } from "vitest";
import { delays } from "../../src/delivery/retry.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("a message refused for the moment is tried again, later each time, until it is taken", async () => {
  let refusals = 4;
  const peer = await startPeer({ content: () => (refusals-- > 0 ? answer(451, "4.3.0 Not now") : null) });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [id] = await world.send({ lane: "urgent" });
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const deferred = await world.until("deferred", attempt);
    waits.push(deferred.at(-1)!.dueAt - world.clock.now());
    expect(peer.received).toHaveLength(0);
    await world.passTo(deferred.at(-1)!.dueAt);
  }
  await world.until("sent");
  expect(waits).toEqual(delays.urgent.slice(0, 4));
  const attempts = await world.store.attempts(id!);
  expect(attempts.map(({ outcomes }) => outcomes[0]!.event)).toEqual([
    "defer",
    "defer",
    "defer",
    "defer",
    "accept",
  ]);
  expect((await world.message(id!)).recipients[0]!.attempts).toBe(5);
});

test("a server that is down for a while costs no mail, and is asked by one message at a time", async () => {
  const peer = await startPeer();
  await peer.close();
  const world = await startWorld();
  await world.account("main", peer.port);
  const ids = await world.send(...Array.from({ length: 20 }, () => ({ lane: "urgent" as const })));
  const [down] = await world.until("endpoint-down");
  expect(down!.verdict.scope).toBe("endpoint");
  await world.resting();
  // After two connections were refused, the others wait in the queue and do not ask for themselves.
  const attempts = await Promise.all(ids.map((id) => world.store.attempts(id)));
  expect(attempts.filter(([attempt]) => attempt !== undefined)).toHaveLength(2);
  expect(world.events.filter(({ type }) => type === "deferred")).toHaveLength(2);
  for (let minute = 0; minute < 5; minute += 1) await world.passTo(world.clock.now() + 60_000);
  const asked = world.events.filter(({ type }) => type === "deferred").length;
  expect(asked).toBeLessThan(15);

  const again = await startPeer();
  await world.accounts.update("main", { port: again.port });
  while (again.received.length < 20) {
    world.clock.advance(await world.resting());
    await new Promise(setImmediate);
  }
  await world.until("sent", 20);
});

test("a rate limit makes the account rest and not the message fail", async () => {
  let limited = true;
  const peer = await startPeer({
    mail: () => (limited ? answer(450, "4.7.0 Rate limit exceeded, try again in 5 minutes") : null),
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const ids = await world.send(...Array.from({ length: 10 }, () => ({ lane: "urgent" as const })));
  const [rests] = await world.until("account-rests");
  expect(rests!.until - world.clock.now()).toBeGreaterThanOrEqual(300_000);
  const [deferred] = await world.until("deferred");
  expect(deferred!.dueAt - world.clock.now()).toBeGreaterThanOrEqual(300_000);
  await world.resting();
  const states = await Promise.all(ids.map((id) => world.states(id)));
  expect(states.filter(([state]) => state === "queued")).toHaveLength(9);
  expect(world.accounts.get("main").parked).toBeNull();
  limited = false;
  await world.passTo(rests!.until);
  await world.until("sent", 9);
  await world.passTo(deferred!.dueAt);
  await world.until("sent", 10);
  expect(world.events.filter(({ type }) => type === "deferred")).toHaveLength(1);
});
