import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("a message to 50 with 3 refused goes to 47, in one transaction", async () => {
  const peer = await startPeer({
    rcpt: (_, __, address) => (address.startsWith("gone") ? answer(550, "5.1.1 No such user here") : null),
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const to = Array.from(
    { length: 50 },
    (_, n) => `${[7, 20, 49].includes(n) ? "gone" : "ann"}${n}@example.net`,
  );
  const [id] = await world.send({ to });
  await world.until("sent", 47);
  const bounced = await world.until("bounced", 3);
  expect(bounced.map(({ address }) => address)).toEqual([
    "gone7@example.net",
    "gone20@example.net",
    "gone49@example.net",
  ]);
  expect(bounced[0]!.verdict).toMatchObject({ scope: "recipient", retry: "permanent", reply: { code: 550 } });
  expect(peer.received).toHaveLength(1);
  expect(peer.received[0]!.to).toEqual(to.filter((address) => address.startsWith("ann")));
  const states = await world.states(id!);
  expect(states.map((state) => state === "bounced")).toEqual(to.map((address) => address.startsWith("gone")));
});

test("a recipient that is to come later comes later, alone", async () => {
  let first = true;
  const peer = await startPeer({
    rcpt: (_, __, address) => {
      if (address !== "grey@example.net" || !first) return null;
      first = false;
      return answer(450, "4.7.1 Greylisted, please try again in 10 minutes");
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [id] = await world.send({ lane: "urgent", to: ["ann@example.net", "grey@example.net"] });
  const [deferred] = await world.until("deferred");
  expect(deferred!.dueAt - world.clock.now()).toBeGreaterThanOrEqual(600_000);
  expect(await world.states(id!)).toEqual(["sent", "deferred"]);
  await world.passTo(deferred!.dueAt);
  await world.until("sent", 2);
  expect(peer.received.map(({ to }) => to)).toEqual([["ann@example.net"], ["grey@example.net"]]);
});

test("more recipients than the provider takes in one message go in several", async () => {
  const peer = await startPeer();
  const world = await startWorld();
  const secret = { kind: "password", password: "abcdefghijklmnop" } as const;
  await world.account("main", peer.port, { provider: "gmail", username: "ann@gmail.com" }, secret);
  const to = Array.from({ length: 250 }, (_, n) => `ann${n}@example.net`);
  await world.send({ to });
  await world.until("sent", 250);
  expect(peer.received.map((message) => message.to.length).sort()).toEqual([100, 100, 50]);
  expect(peer.received.flatMap((message) => message.to).sort()).toEqual([...to].sort());
});
