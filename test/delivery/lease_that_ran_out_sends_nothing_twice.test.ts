import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

/** A world whose leases last a second and cannot be renewed, as when the process was stopped for a while. */
async function withoutRenewal(beforeRecord: () => Promise<void> = () => Promise.resolve()) {
  let claims = 0;
  const world = await startWorld({
    leaseMs: 1_000,
    wrap: (store) => ({
      ...store,
      extend: () => Promise.resolve(),
      claim: async (request) => {
        const claimed = await store.claim(request);
        claims += claimed.claims.length;
        return claimed;
      },
      record: async (records) => {
        await beforeRecord();
        return store.record(records);
      },
    }),
  });
  return { world, claims: () => claims };
}

test("a message whose lease runs out while it is being handed over is taken up again, not sent again, and recorded", async () => {
  let open: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (open = resolve));
  const peer = await startPeer({
    content: () => {
      open();
      return { do: "late", ms: 200, answer: { code: 250, lines: ["2.0.0 Taken"] } };
    },
  });
  const { world, claims } = await withoutRenewal();
  await world.account("main", peer.port);
  const [id] = await world.send({});
  await begun;
  world.clock.advance(5_000);
  world.delivery.wake();
  while (claims() < 2) await new Promise(setImmediate);
  await world.until("sent");
  expect(await world.states(id!)).toEqual(["sent"]);
  while (world.delivery.inFlight > 0) await new Promise(setImmediate);
  expect(peer.received).toHaveLength(1);
});

test("an outcome that is on its way to the queue while its lease is replaced is written under the new one", async () => {
  const peer = await startPeer();
  let overtake: (() => Promise<void>) | null = null;
  const { world, claims } = await withoutRenewal(async () => overtake?.());
  overtake = async () => {
    overtake = null;
    // As after a suspended machine wakes up: the clock has gone on, and a claim comes first.
    world.clock.advance(5_000);
    world.delivery.wake();
    while (claims() < 2) await new Promise(setImmediate);
  };
  await world.account("main", peer.port);
  const [id] = await world.send({});
  await world.until("sent");
  expect(await world.states(id!)).toEqual(["sent"]);
  expect(peer.received).toHaveLength(1);
});
