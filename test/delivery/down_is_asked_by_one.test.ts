import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("an endpoint that was down is asked by one message, and when that passes the others follow", async () => {
  let busy = true;
  const peer = await startPeer({ greet: () => (busy ? answer(421, "4.3.2 Too busy") : null) });
  const world = await startWorld();
  await world.account("main", peer.port);
  await world.send(...Array.from({ length: 100 }, () => ({ lane: "bulk" as const })));
  const [down] = await world.until("endpoint-down");
  await world.resting();
  const before = peer.counts.connections;
  expect(before).toBe(2);
  await world.passTo(down!.until - 1);
  await world.resting();
  expect(peer.counts.connections).toBe(before);
  // Still busy: one asks, and all wait longer.
  await world.passTo(down!.until);
  while (peer.counts.connections === before) await new Promise(setImmediate);
  await world.resting();
  expect(peer.counts.connections).toBe(before + 1);
  busy = false;
  while (peer.received.length < 98) {
    world.clock.advance(Math.min(await world.resting(), 60_000));
    await new Promise(setImmediate);
  }
  const up = await world.until("endpoint-up");
  expect(up).toHaveLength(1);
  while (peer.received.length < 100) {
    world.clock.advance(await world.resting());
    await new Promise(setImmediate);
  }
  await world.until("sent", 100);
});
