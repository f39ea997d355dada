import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("a message whose time is over while it waits for a connection is never handed over", async () => {
  let release: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (release = resolve));
  // The first message holds the only connection until the server has answered, which it does late.
  const peer = await startPeer({
    content: (facts) => {
      if (facts.messages > 0) return null;
      release();
      return { do: "late", ms: 100, answer: { code: 250, lines: ["2.0.0 Taken"] } };
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [first] = await world.send({});
  await reached;
  const [stale] = await world.send({ lane: "urgent", lifetime: 60_000 });
  while (world.delivery.inFlight < 2) await new Promise(setImmediate);
  world.clock.advance(60_000);
  const [expired] = await world.until("expired");
  await world.until("sent");
  expect(expired).toMatchObject({ id: stale, verdict: { cause: "message.expired" } });
  expect(await world.states(stale!)).toEqual(["expired"]);
  expect(peer.received.map(({ messageId }) => messageId)).toEqual([(await world.message(first!)).messageId]);
});

test("a message whose time is over while its connection is being made is never handed over", async () => {
  let lateBy: () => void = () => undefined;
  const peer = await startPeer({
    signIn: () => {
      lateBy();
      return null;
    },
  });
  const world = await startWorld();
  const login = { username: "ann@example.com", provider: null };
  await world.account("main", peer.port, login, { kind: "password", password: "password" });
  lateBy = () => world.clock.advance(60_000);
  const [id] = await world.send({ lane: "urgent", lifetime: 60_000 });
  const [expired] = await world.until("expired");
  expect(expired).toMatchObject({ id, verdict: { cause: "message.expired" } });
  expect(await world.states(id!)).toEqual(["expired"]);
  expect(peer.received).toEqual([]);
});

test("no try is planned at or after the expiry: the message ends, with what kept it from leaving", async () => {
  const peer = await startPeer({ content: () => answer(451, "4.3.0 Not now") });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [id] = await world.send({ lane: "normal", lifetime: 60_000 });
  const [expired] = await world.until("expired");
  expect(expired!.verdict).toMatchObject({ reply: { code: 451 } });
  expect(await world.states(id!)).toEqual(["expired"]);
});

test("what expires in the queue is not claimed", async () => {
  const peer = await startPeer({ content: () => answer(451, "4.3.0 Not now") });
  const world = await startWorld();
  await world.account("main", peer.port);
  const [id] = await world.send({ lane: "urgent", lifetime: 3_000 });
  await world.until("deferred");
  await world.resting();
  const before = peer.counts.connections;
  world.clock.advance(3_000);
  expect(await world.until("expired")).toMatchObject([{ id }]);
  expect(await world.states(id!)).toEqual(["expired"]);
  expect(peer.counts.connections).toBe(before);
});

test("what waits for its account to be mended expires on time, and is told", async () => {
  const peer = await startPeer({ signIn: () => answer(535, "5.7.8 Authentication failed") });
  const world = await startWorld();
  const login = { username: "ann@example.com", provider: null };
  await world.account("main", peer.port, login, { kind: "password", password: "wrong" });
  const [id] = await world.send({ lane: "urgent", lifetime: 10_000 });
  await world.until("parked");
  await world.resting();
  world.clock.advance(10_000);
  expect(await world.until("expired")).toMatchObject([{ id, account: null }]);
  expect(await world.states(id!)).toEqual(["expired"]);
});
