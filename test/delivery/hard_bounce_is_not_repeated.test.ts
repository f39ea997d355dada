import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("an address that does not exist is written to once; one whose mailbox is full, again", async () => {
  const peer = await startPeer({
    rcpt: (_, __, address) => {
      if (address.startsWith("gone")) return answer(550, "5.1.1 No such user");
      return address.startsWith("full") ? answer(552, "5.2.2 Mailbox full") : null;
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const to = ["gone@example.net", "full@example.net", "ann@example.net"];
  await world.send({ to });
  await world.until("sent");
  const entry = await world.store.suppressions.get("gone@example.net");
  expect(entry).toMatchObject({ reason: "hard-bounce" });
  expect(await world.store.suppressions.get("full@example.net")).toBeNull();
  const [second] = await world.send({ to: ["Gone@Example.net", "ann@example.net"] });
  await world.until("sent", 2);
  expect(await world.states(second!)).toEqual(["suppressed", "sent"]);
  expect(peer.received.map((received) => received.to)).toEqual([["ann@example.net"], ["ann@example.net"]]);
});

test("what waits for an address that comes onto the list is not sent, and it is told", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  const [id] = await world.send({ to: ["bob@example.net", "ann@example.net"] });
  await world.until("parked", 2);
  const at = world.clock.now();
  await world.store.suppressions.put({
    address: "bob@example.net",
    reason: "manual",
    detail: "asked for it",
    messageId: null,
    at,
  });
  await world.account("main", peer.port);
  const [told] = await world.until("suppressed");
  expect(told).toMatchObject({ id, address: "bob@example.net" });
  await world.until("sent");
  expect(await world.states(id!)).toEqual(["suppressed", "sent"]);
});
