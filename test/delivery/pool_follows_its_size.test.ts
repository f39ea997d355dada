import { expect, onTestFinished, test } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import { startPeer } from "./world.ts";

const turn = () => new Promise(setImmediate);

async function startPool() {
  let mostOpen = 0;
  const peer = await startPeer({
    content: () => {
      mostOpen = Math.max(mostOpen, peer.counts.open);
      return null;
    },
  });
  const pool = new SmtpPool({
    connect: { endpoint: { host: "127.0.0.1", port: peer.port, security: "none" } },
    maxConnections: 4,
  });
  onTestFinished(() => pool.close({ graceMs: 0 }));
  const content = Buffer.from("Subject: Hello\r\n\r\nHello\r\n");
  const envelope = { from: "app@example.com", to: [{ address: "ann@example.net" }] };
  const send = async (count: number) => {
    const results = await Promise.all(Array.from({ length: count }, () => pool.send(envelope, content)));
    expect(results.flatMap(({ recipients }) => recipients).every(({ ok }) => ok)).toBe(true);
  };
  /** Sends so much at a time that it opens all that it may. */
  const fill = async (connections: number) => {
    while (pool.connections < connections) await send(20);
  };
  const mostWhile = async (work: () => Promise<unknown>) => {
    mostOpen = 0;
    await work();
    return mostOpen;
  };
  return { pool, peer, send, fill, mostWhile };
}

test("connections beyond a new maximum end when they have nothing to do, and the rest serves on", async () => {
  const { pool, peer, send, fill, mostWhile } = await startPool();
  await fill(4);
  pool.resize({ maxConnections: 1, reserved: 0 });
  while (peer.counts.open > 1) await turn();
  expect(pool.taken).toBe(1);
  expect(await mostWhile(() => send(20))).toBe(1);
  pool.resize({ maxConnections: 3, reserved: 1 });
  expect(await mostWhile(() => fill(2))).toBeLessThanOrEqual(3);
});

test("what is under way on a connection beyond it is not cut, and what waits is sent", async () => {
  const { pool, peer, send, fill } = await startPool();
  await fill(4);
  const before = peer.received.length;
  const sending = send(40);
  pool.resize({ maxConnections: 1, reserved: 0 });
  await sending;
  expect(peer.received).toHaveLength(before + 40);
  while (peer.counts.open > 1) await turn();
  expect(pool.taken).toBe(1);
});
