import { expect, test } from "vitest";
import { type QueueStore, StoreError } from "../../src/queue/store.ts";
import { startPeer, startWorld } from "./world.ts";

/** A store whose disk is full while `full` says so. */
function onFullDisk(disk: { full: boolean }, calls: readonly ("record" | "claim")[]) {
  return (store: QueueStore): QueueStore => {
    const refuse = () => Promise.reject(new StoreError("disk-full", "no space is left on the disk"));
    const { record, claim } = store;
    return {
      ...store,
      record: (records) => (disk.full && calls.includes("record") ? refuse() : record(records)),
      claim: (request) => (disk.full && calls.includes("claim") ? refuse() : claim(request)),
    };
  };
}

test("while outcomes cannot be stored nothing more is handed over; afterwards everything is, once", async () => {
  const disk = { full: true };
  const peer = await startPeer();
  const world = await startWorld({ wrap: onFullDisk(disk, ["record"]) });
  await world.account("main", peer.port);
  const ids = await world.send(...Array.from({ length: 50 }, () => ({})));
  const [paused] = await world.until("delivery-paused");
  expect(paused!.reason).toContain("no space");
  const handedOver = peer.received.length;
  expect(handedOver).toBeLessThan(10);
  for (let tries = 0; tries < 5; tries += 1) {
    world.clock.advance(20_000);
    await world.store.depth();
  }
  // Dialogues that had begun may have ended since, two on each of four connections; none has begun.
  expect(peer.received.length).toBeLessThanOrEqual(handedOver + 8);
  const before = peer.received.length;
  for (let tries = 0; tries < 5; tries += 1) {
    world.clock.advance(20_000);
    await world.store.depth();
  }
  expect(peer.received.length).toBe(before);

  disk.full = false;
  world.clock.advance(20_000);
  await world.until("delivery-resumed");
  await world.until("sent", 50);
  expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(50);
  expect(peer.received).toHaveLength(50);
  for (const id of ids) expect(await world.states(id)).toEqual(["sent"]);
});

test("when claims fail, it says so and goes on by itself when they work again", async () => {
  const disk = { full: true };
  const peer = await startPeer();
  const world = await startWorld({ wrap: onFullDisk(disk, ["claim"]) });
  await world.account("main", peer.port);
  await world.send({}, {});
  await world.until("delivery-paused");
  expect(peer.counts.connections).toBe(0);
  disk.full = false;
  world.clock.advance(await world.resting());
  await world.until("delivery-resumed");
  await world.until("sent", 2);
});
