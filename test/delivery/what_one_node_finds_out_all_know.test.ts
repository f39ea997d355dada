import { expect, test } from "vitest";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import { StoreError } from "../../src/queue/store.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const bulk = (count: number) => Array.from({ length: count }, () => ({ lane: "bulk" as const }));
const turn = () => new Promise(setImmediate);

async function busyServer() {
  const state = { busy: true };
  const peer = await startPeer({ greet: () => (state.busy ? answer(421, "4.3.2 Too busy") : null) });
  return { peer, state };
}

test("an endpoint that is down is asked by one message of all nodes, and when that passes all follow", async () => {
  const { peer, state } = await busyServer();
  const world = await startWorld({ together: true });
  await world.account("main", peer.port);
  await world.send(...bulk(60));
  const [first] = await world.until("endpoint-down");
  const other = world.join("other");
  const third = world.join("third");
  let before = peer.counts.connections;
  expect(before).toBe(2);
  await world.passUntil(() => world.clock.now() >= first!.until - 1, 100);
  expect(peer.counts.connections).toBe(before);
  // Each time that it may be asked again, one of them asks, and all wait longer.
  for (let round = 0; round < 3; round += 1) {
    await world.passUntil(() => peer.counts.connections > before, 100);
    const asked = world.clock.now();
    await world.passUntil(() => world.clock.now() > asked + 1_500, 100);
    expect(peer.counts.connections).toBe(before + 1);
    before = peer.counts.connections;
  }
  state.busy = false;
  await world.passUntil(() => peer.received.length === 60, 100);
  const told = [...world.events, ...other.events, ...third.events].map(({ type }) => type);
  expect(told.filter((type) => type === "endpoint-down")).toHaveLength(1);
  expect(told.filter((type) => type === "endpoint-up")).toHaveLength(1);
  while ((await world.store.documents.list("condition")).length > 0) await turn();
});

test("a rest that one node was told to make is made by all, and ends for all", async () => {
  let full = true;
  const peer = await startPeer({
    content: () => (full ? answer(450, "4.7.0 Too many messages, rate limit exceeded") : null),
  });
  const world = await startWorld({ together: true });
  await world.account("main", peer.port, { limits: { connections: 4 } });
  const other = world.join("other");
  await world.send({ lane: "bulk" });
  await world.passUntil(() =>
    [...world.events, ...other.events].some(({ type }) => type === "account-rests"),
  );
  const messages = peer.counts.messages;
  full = false;
  await world.send(...bulk(20));
  const rests = [...world.events, ...other.events].find((event) => event.type === "account-rests")!;
  await world.passUntil(() => world.clock.now() >= rests.until - 1_000, 500);
  expect(peer.counts.messages).toBe(messages);
  await world.passUntil(() => peer.received.length >= 20, 500);
  expect(world.clock.now()).toBeGreaterThanOrEqual(rests.until);
});

test("what is down, and what rests, is not forgotten by a restart, but by a person who says so", async () => {
  const { peer, state } = await busyServer();
  const world = await startWorld();
  const { accounts, routes, store, clock } = world;
  await world.account("main", peer.port);
  await world.send(...bulk(3));
  const [down] = await world.until("endpoint-down");
  await world.resting();
  await world.delivery.stop();
  state.busy = false;
  const credentials = new CredentialSource({ accounts, now: () => clock.now() });
  const delivery = new Delivery({ accounts, routes, credentials, store, clock, owner: "next" });
  delivery.start();
  const before = peer.counts.connections;
  while (clock.next === null || delivery.inFlight > 0) await turn();
  clock.advance(down!.until - 1 - clock.now());
  while (clock.next === null || delivery.inFlight > 0) await turn();
  expect(peer.counts.connections).toBe(before);
  await delivery.resumeAccount("main");
  while (peer.received.length === 0) {
    clock.advance(1_000);
    await turn();
  }
  await delivery.stop();
  expect(await store.documents.list("condition")).toEqual([]);
});

test("mail goes on when what is found out can be neither read nor written", async () => {
  const { peer, state } = await busyServer();
  const unreachable = () => Promise.reject(new StoreError("unreachable", "nobody answers"));
  const world = await startWorld({
    together: true,
    wrap: (store) => ({
      ...store,
      documents: {
        ...store.documents,
        get: (kind, name) => (kind === "condition" ? unreachable() : store.documents.get(kind, name)),
        insert: (kind, ...given) =>
          kind === "condition" ? unreachable() : store.documents.insert(kind, ...given),
      },
    }),
  });
  await world.account("main", peer.port);
  await world.send(...bulk(5));
  await world.until("endpoint-down");
  state.busy = false;
  await world.passUntil(() => peer.received.length === 5, 500);
});
