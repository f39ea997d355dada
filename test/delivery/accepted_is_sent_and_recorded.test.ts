import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

test("what is accepted leaves at once, byte for byte, and the attempt is kept with its dialogue", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  await world.account("main", peer.port);
  const ids = await world.send(
    {},
    { lane: "urgent" },
    { lane: "bulk", to: ["a@example.net", "b@example.net"] },
  );
  await world.until("sent", 4);
  for (const id of ids) {
    const message = await world.message(id);
    expect(message.recipients.every(({ state, attempts }) => state === "sent" && attempts === 1)).toBe(true);
    const [attempt, ...others] = await world.store.attempts(id);
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ account: "main", peer: `127.0.0.1:${peer.port} (127.0.0.1)` });
    expect(attempt!.transcript.map(({ text }) => text).join("\n")).toContain("MAIL FROM:<app@example.com>");
  }
  expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(3);
});

test("with nothing waiting, no timer runs once the last lease would have ended", async () => {
  const peer = await startPeer();
  const world = await startWorld({ leaseMs: 9_000 });
  await world.account("main", peer.port);
  await world.send({});
  await world.until("sent");
  while (world.delivery.inFlight > 0) await new Promise(setImmediate);
  world.clock.advance(9_000);
  for (let turns = 0; turns < 3; turns += 1) await world.store.depth();
  expect(world.clock.next).toBeNull();
});

test("a message without any account waits, and leaves as soon as there is one", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  const [id] = await world.send({});
  const [parked] = await world.until("parked");
  expect(parked!.verdict).toMatchObject({ scope: "account", cause: "config.no-account" });
  await world.account("main", peer.port);
  await world.until("sent");
  expect(await world.states(id!)).toEqual(["sent"]);
});
