import { createServer } from "node:net";
import { expect, test } from "vitest";
import type { QueueStore } from "../../src/queue/store.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const wrong = { kind: "password", password: "wrong-password" } as const;
const right = { kind: "password", password: "right-password" } as const;
const login = { username: "ann@example.com", provider: null };

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("with one account down for a moment and the other in need of a person, mail is tried again and not parked", async () => {
  const peer = await startPeer({ signIn: () => answer(535, "5.7.8 Authentication failed") });
  const world = await startWorld();
  await world.account("down", await closedPort());
  await world.account("locked", peer.port, login, wrong);
  await world.routes.put({ name: "both", accounts: ["down", "locked"] });
  const [id] = await world.send({ route: "both" });
  await world.until("account-parked");
  await world.resting();
  expect(await world.states(id!)).toEqual(["deferred"]);
});

test("a sign-in that began before the right password came does not park the account again", async () => {
  let update: () => Promise<unknown> = () => Promise.resolve();
  const peer = await startPeer({
    signIn: (_, { proof }) => {
      if (proof.kind === "password" && proof.password === right.password) return null;
      void update();
      return { do: "late", ms: 300, answer: { code: 535, lines: ["5.7.8 Authentication failed"] } };
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port, login, wrong);
  update = () => world.accounts.update("main", {}, right);
  const [id] = await world.send({ lane: "urgent" });
  await world.until("deferred");
  expect(world.accounts.get("main").parked).toBeNull();
  await world.passTo((await world.message(id!)).recipients[0]!.dueAt!);
  await world.until("sent");
});

test("mail whose parking is written after its account was resumed goes again at once", async () => {
  const peer = await startPeer({
    signIn: (_, { proof }) =>
      proof.kind === "password" && proof.password === right.password
        ? null
        : answer(535, "5.7.8 Authentication failed"),
  });
  let held: () => void = () => undefined;
  let release: () => void = () => undefined;
  const holding = new Promise<void>((resolve) => (held = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  const slow = (store: QueueStore): QueueStore => ({
    ...store,
    record: async (records) => {
      held();
      await released;
      return store.record(records);
    },
  });
  const world = await startWorld({ wrap: slow });
  await world.account("main", peer.port, login, wrong);
  await world.send({});
  await holding;
  await world.accounts.update("main", {}, right);
  await world.until("account-resumed");
  release();
  await world.until("sent");
  expect(peer.received).toHaveLength(1);
});
