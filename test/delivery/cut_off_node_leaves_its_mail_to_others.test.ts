import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type QueueStore, StoreError } from "../../src/queue/store.ts";
import { startPeer, startWorld } from "./world.ts";

/** Cuts a node off from what the store it sees would answer. */
function severable() {
  let away = false;
  const reached = <T>(call: () => Promise<T>): Promise<T> =>
    away ? Promise.reject(new StoreError("unreachable", "nobody answers")) : call();
  const wrap = (store: QueueStore): QueueStore => ({
    ...store,
    claim: (request) => reached(() => store.claim(request)),
    extend: (claims, until) => reached(() => store.extend(claims, until)),
    record: (records) => reached(() => store.record(records)),
    shares: {
      hold: (request) => reached(() => store.shares.hold(request)),
      release: (given) => reached(() => store.shares.release(given)),
    },
  });
  const cut = () => {
    away = true;
  };
  const join = () => {
    away = false;
  };
  return { wrap, cut, join };
}

/** Passes everything on, but for what the server says to the first to come, which waits until it is opened. */
async function gateBefore(port: number) {
  let connections = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const gate = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => undefined);
    client.pipe(server);
    connections += 1;
    if (connections > 1) server.pipe(client);
    else void opened.then(() => server.pipe(client));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void gate.close());
  await once(gate, "listening");
  return { port: (gate.address() as AddressInfo).port, connections: () => connections, open };
}

test("a connection that stands only when the lease has run out begins no dialogue for it", async () => {
  const { wrap, cut, join } = severable();
  // Its part of the account's connections is kept: what holds it back is the lease alone.
  const world = await startWorld({
    together: true,
    wrap: (store) => ({ ...wrap(store), shares: store.shares }),
  });
  const peer = await startPeer();
  const gate = await gateBefore(peer.port);
  await world.account("main", gate.port);
  const [id] = await world.send({});
  await world.passUntil(() => gate.connections() === 1);
  cut();
  const other = world.join("other");
  await world.passUntil(() => other.events.some(({ type }) => type === "sent"), 250);
  gate.open();
  join();
  await world.passUntil(() => world.delivery.inFlight === 0, 250);
  expect(peer.received).toHaveLength(1);
  expect(await world.states(id!)).toEqual(["sent"]);
});

test("what a node had in hand when it was cut off from storage, and others have sent since, it does not begin to send", async () => {
  const { wrap, cut, join } = severable();
  const world = await startWorld({ together: true, wrap });
  let begun = 0;
  const peer = await startPeer({
    content: () => {
      begun += 1;
      return begun > 4 ? null : { do: "late", ms: 2_000, answer: { code: 250, lines: ["2.0.0 Taken"] } };
    },
  });
  await world.account("main", peer.port, { limits: { connections: 4 } });
  await world.send(...Array.from({ length: 40 }, () => ({})));
  await world.passUntil(() => begun === 4);
  cut();
  const other = world.join("other");
  const sent = () => other.events.filter(({ type }) => type === "sent").length;
  await world.passUntil(() => sent() >= 30, 250);
  await world.passUntil(() => other.delivery.inFlight === 0, 250);
  join();
  await world.passUntil(() => world.delivery.inFlight === 0, 250);
  const ids = peer.received.map(({ messageId }) => messageId);
  // Two messages one behind the other on each connection but the one kept for urgent mail; nothing else comes twice.
  expect(new Set(ids).size).toBe(40);
  expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(6);
});
