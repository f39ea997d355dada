import { expect, test } from "vitest";
import { type QueueStore, StoreError } from "../../src/queue/store.ts";
import { type Node, startPeer, startWorld, type World } from "./world.ts";

const sentBy = ({ events }: Pick<Node, "events">) => events.filter(({ type }) => type === "sent").length;
const messages = (count: number) => Array.from({ length: count }, () => ({}));

/** A server that notes how many connections were open, and what time it was, at each message. */
async function watchedPeer(time: () => number) {
  const seen: { readonly open: number; readonly at: number }[] = [];
  const peer = await startPeer({
    content: () => {
      seen.push({ open: peer.counts.open, at: time() });
      return null;
    },
  });
  return {
    peer,
    mostOpen: () => Math.max(...seen.map(({ open }) => open)),
    mostInASecond: () =>
      Math.max(
        ...seen.map(({ at: start }) => seen.filter(({ at }) => at >= start && at < start + 1_000).length),
      ),
  };
}

async function twoNodes(limits: { readonly connections: number; readonly perSecond?: number }) {
  const world: World = await startWorld({ together: true });
  const watched = await watchedPeer(() => world.clock.now());
  await world.account("main", watched.peer.port, { limits });
  return { world, ...watched, other: world.join("other") };
}

test("two nodes together open no more connections than the account may have, and both send", async () => {
  const { world, peer, other, mostOpen } = await twoNodes({ connections: 4 });
  await world.send(...messages(10));
  await world.passUntil(() => peer.received.length === 10);
  // While there is work for both, each comes to its part.
  for (let sent = 10; sentBy(other) === 0 || sentBy(world) === 0; sent += 100) {
    await world.send(...messages(100));
    await world.passUntil(() => peer.received.length === sent + 100, 250);
  }
  expect(mostOpen()).toBeGreaterThan(1);
  expect(mostOpen()).toBeLessThanOrEqual(4);
  const ids = peer.received.map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("two nodes together keep the account's rate by the second", async () => {
  const { world, peer, other, mostInASecond } = await twoNodes({ connections: 10, perSecond: 8 });
  await world.send(...messages(80));
  await world.passUntil(() => peer.received.length === 80);
  expect(mostInASecond()).toBeLessThanOrEqual(8);
  expect(mostInASecond()).toBeGreaterThan(4);
  expect(sentBy(world)).toBeGreaterThan(0);
  expect(sentBy(other)).toBeGreaterThan(0);
});

test("an account with one connection is one node's, and another's when that one stops", async () => {
  const { world, peer, other, mostOpen } = await twoNodes({ connections: 1 });
  // More than one of them takes at a time.
  await world.send(...messages(150));
  await world.passUntil(() => peer.received.length === 150);
  await world.passUntil(() => sentBy(world) + sentBy(other) === 150);
  const [holder, idle] = sentBy(other) > 0 ? [other, world] : [world, other];
  expect(sentBy(idle)).toBe(0);
  const stopped = holder.delivery.stop();
  await world.send(...messages(5));
  await world.passUntil(() => peer.received.length === 155);
  await stopped;
  expect(mostOpen()).toBe(1);
});

test("what a node held that died is used by the others after some seconds", async () => {
  const { world, peer, other } = await twoNodes({ connections: 1 });
  await world.store.shares.hold({
    account: "main",
    owner: "dead",
    now: world.clock.now(),
    connections: 1,
    perSecond: null,
    open: 0,
    rate: 0,
    holdMs: 10_000,
  });
  const began = world.clock.now();
  await world.send({});
  await world.passUntil(() => peer.received.length === 1, 500);
  expect(world.clock.now() - began).toBeGreaterThanOrEqual(10_000);
  expect(world.clock.now() - began).toBeLessThan(20_000);
  expect(sentBy(world) + sentBy(other)).toBeLessThanOrEqual(1);
});

test("a part ends when it cannot be asked for again, and the mail stays where it is until it can", async () => {
  let broken = false;
  const unreachable = () => Promise.reject(new StoreError("unreachable", "nobody answers"));
  const wrap = (store: QueueStore): QueueStore => ({
    ...store,
    shares: {
      hold: (request) => (broken ? unreachable() : store.shares.hold(request)),
      release: (given) => (broken ? unreachable() : store.shares.release(given)),
    },
  });
  const world = await startWorld({ together: true, wrap });
  const peer = await startPeer();
  await world.account("main", peer.port);
  await world.send({});
  await world.passUntil(() => peer.received.length === 1);
  broken = true;
  const until = world.clock.now() + 10_000;
  await world.passUntil(() => world.clock.now() > until);
  const [id] = await world.send({});
  const wait = world.clock.now() + 3_000;
  await world.passUntil(() => world.clock.now() > wait);
  await world.resting();
  expect(peer.received).toHaveLength(1);
  expect(await world.states(id!)).toEqual(["queued"]);
  broken = false;
  await world.passUntil(() => peer.received.length === 2);
  await world.until("sent", 2);
});

test("a change of the account's limits holds for what is divided as well", async () => {
  const { world, peer, other, mostOpen } = await twoNodes({ connections: 8 });
  await world.send(...messages(40));
  await world.passUntil(() => peer.received.length === 40);
  await world.accounts.update("main", { limits: { connections: 2 } });
  await world.passUntil(() => peer.counts.open <= 2);
  const before = peer.received.length;
  await world.send(...messages(40));
  await world.passUntil(() => peer.received.length === before + 40);
  expect(mostOpen()).toBeLessThanOrEqual(8);
  expect(peer.counts.open).toBeLessThanOrEqual(2);
  expect(sentBy(world) + sentBy(other)).toBeGreaterThanOrEqual(40);
});
