import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const day = 86_400_000;

test("what was put off while the clock was a day ahead goes on in its own time when it is set right", async () => {
  let busy = true;
  const peer = await startPeer({ content: () => (busy ? answer(451, "4.3.0 Not now") : null) });
  const world = await startWorld();
  await world.account("main", peer.port);
  world.clock.jump(day);
  await world.send({ lane: "urgent", lifetime: 3 * day }, { lane: "normal", lifetime: 3 * day });
  await world.until("deferred", 2);
  await world.resting();
  busy = false;
  world.clock.jump(-day);
  await world.passTo(world.clock.now() + 10_000);
  await world.until("sent");
  await world.passTo(world.clock.now() + 120_000);
  await world.until("sent", 2);
  expect(peer.received).toHaveLength(2);
});

test("a dialogue under way while the clock goes ahead is not held again by another", async () => {
  let arrived: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (arrived = resolve));
  const peer = await startPeer({
    content: () => {
      arrived();
      return { do: "late", ms: 100, answer: { code: 250, lines: ["2.0.0 Taken"] } };
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [id] = await world.send({ lifetime: 3 * day });
  await begun;
  world.clock.jump(day);
  await world.until("sent");
  await world.resting();
  world.clock.jump(-day);
  expect(peer.received).toHaveLength(1);
  expect(await world.states(id!)).toEqual(["sent"]);
});

test("a budget that is asked for while the clock is set back holds nothing back until the day it was", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  await world.account("main", peer.port, { limits: { perMinute: 10, urgentPercent: 0 } });
  const bulk = { lane: "bulk" as const, lifetime: 9 * day };
  await world.send(...Array.from({ length: 10 }, () => bulk));
  await world.until("sent", 10);
  // So near the end of a wait that they sit it out in hand.
  const bucket = world.clock.now() - (world.clock.now() % 5_000);
  world.clock.advance(bucket + 63_000 - world.clock.now());
  await world.send(...Array.from({ length: 5 }, () => bulk));
  while (world.delivery.inFlight < 5) await new Promise(setImmediate);
  world.clock.jump(-day);
  for (let passed = 0; peer.received.length < 15 && passed < 600_000; passed += 5_000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.clock.advance(5_000);
  }
  await world.until("sent", 15);
});
