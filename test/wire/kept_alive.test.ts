// A connection that stands ready saves an urgent message the time of a sign-in. NOOP keeps it where servers allow
// that; a server that does not answer, or does not want it, costs the connection and nothing else.
import { afterEach, expect, it, vi } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import { envelope, message, type Peer, type ScriptedServer, serve, settings } from "./server.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Takes one message on each connection and leaves the rest to `then`. */
function taking(then: (peer: Peer, count: number) => Promise<void>): Promise<ScriptedServer> {
  let count = 0;
  return serve(async (peer) => {
    count += 1;
    const number = count;
    await peer.ready("PIPELINING");
    await take(peer);
    await then(peer, number);
  });
}

async function take(peer: Peer): Promise<void> {
  await peer.envelope();
  await peer.content();
  peer.say("250 queued\r\n");
}

async function isSent(sending: ReturnType<SmtpPool["send"]>): Promise<boolean> {
  return (await sending).recipients.every(({ ok }) => ok);
}

const quit = async (peer: Peer) => {
  await peer.until("QUIT\r\n");
  peer.socket.end();
};

it("NOOP keeps a connection without work, one after the other, and the next message finds it", async () => {
  const { promise: keptTwice, resolve: onKeptTwice } = Promise.withResolvers<void>();
  await using server = await taking(async (peer) => {
    for (let count = 0; count < 2; count += 1) {
      expect(await peer.line()).toBe("NOOP");
      peer.say("250 still here\r\n");
    }
    onKeptTwice();
    // More of them may come before the message does.
    for (let line = await peer.line(); line !== ""; line = await peer.line()) {
      if (line === "DATA") {
        peer.say("354 go\r\n");
        await peer.content();
      } else if (line === "QUIT") peer.socket.end();
      peer.say("250 ok\r\n");
    }
  });
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs: 20, idleMs: 1 });
  expect(await isSent(pool.send(envelope, message))).toBe(true);
  await keptTwice;
  expect(await isSent(pool.send(envelope, message))).toBe(true);
  await pool.close();
  expect(server.peers).toHaveLength(1);
});

it("a message that comes while NOOP is out goes as soon as it is answered, behind no second one", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await using server = await taking(async (peer) => {
    await peer.line();
    onAsked();
    await answered;
    peer.say("250 still here\r\n");
    await take(peer);
    await quit(peer);
  });
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs: 20 });
  await pool.send(envelope, message);
  await asked;
  const second = pool.send(envelope, message);
  answer();
  expect(await isSent(second)).toBe(true);
  await pool.close();
  expect(server.peers).toHaveLength(1);
  expect(server.peers[0]!.heard).toMatch(/NOOP\r\nMAIL/);
});

it("an urgent message does not wait for the answer to NOOP when it may open a connection", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  await using server = await taking(async (peer, count) => {
    if (count > 1) return quit(peer);
    await peer.line();
    onAsked();
    await quit(peer);
  });
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs: 20, maxConnections: 2 });
  await pool.send(envelope, message);
  await asked;
  expect(await isSent(pool.send(envelope, message, { urgent: true }))).toBe(true);
  expect(server.peers).toHaveLength(2);
  await pool.close({ graceMs: 1 });
});

it.each([
  ["refuses NOOP", (peer: Peer) => peer.say("502 5.5.1 what is NOOP\r\n")],
  ["says goodbye to NOOP", (peer: Peer) => peer.say("421 4.4.2 idle too long\r\n")],
  ["closes on NOOP", (peer: Peer) => peer.socket.end()],
  ["resets on NOOP", (peer: Peer) => peer.socket.resetAndDestroy()],
])("a server that %s loses that connection, and nobody is told of a failure", async (_, reply) => {
  await using server = await taking(async (peer, count) => {
    if (count === 1) {
      await peer.line();
      reply(peer);
    } else await quit(peer);
  });
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs: 20 });
  expect(await isSent(pool.send(envelope, message))).toBe(true);
  await server.peers[0]!.closed();
  expect(await isSent(pool.send(envelope, message))).toBe(true);
  await pool.close();
  expect(server.peers).toHaveLength(2);
});

it("a server that leaves NOOP unanswered for ten seconds is given up, and what waited goes elsewhere", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  await using server = await taking(async (peer, count) => {
    if (count === 1) {
      await peer.line();
      onAsked();
    } else await quit(peer);
  });
  const keepAliveMs = 60_000;
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs, maxConnections: 1 });
  expect(await isSent(pool.send(envelope, message))).toBe(true);
  vi.advanceTimersByTime(keepAliveMs);
  await asked;
  const second = pool.send(envelope, message);
  vi.advanceTimersByTime(9_999);
  expect(pool.connections).toBe(1);
  expect(server.peers[0]!.socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  await server.peers[0]!.closed();
  expect(await isSent(second)).toBe(true);
  await pool.close();
  expect(server.peers).toHaveLength(2);
});

it("a pool that is closed while NOOP is out does not wait for its answer", async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  await using server = await taking(async (peer) => {
    await peer.line();
    onAsked();
  });
  const pool = new SmtpPool({ connect: settings(server.port), keepAliveMs: 20 });
  await pool.send(envelope, message);
  await asked;
  await pool.close();
  await server.peers[0]!.closed();
  expect(pool.connections).toBe(0);
});
