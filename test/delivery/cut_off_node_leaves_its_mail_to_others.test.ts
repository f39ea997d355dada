import { expect, test } from "vitest";
import { type QueueStore, StoreError } from "../../src/queue/store.ts";
import { startPeer, startWorld } from "./world.ts";

test("what a node had in hand when it was cut off from storage, and others have sent since, it does not begin to send", async () => {
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
  away = true;
  const other = world.join("other");
  const sent = () => other.events.filter(({ type }) => type === "sent").length;
  await world.passUntil(() => sent() >= 30, 250);
  await world.passUntil(() => other.delivery.inFlight === 0, 250);
  away = false;
  await world.passUntil(() => world.delivery.inFlight === 0, 250);
  const ids = peer.received.map(({ messageId }) => messageId);
  // Two messages one behind the other on each connection but the one kept for urgent mail; nothing else comes twice.
  expect(new Set(ids).size).toBe(40);
  expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(6);
});
