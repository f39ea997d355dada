// Connections kept for reuse: how many, for how long, and what happens to a message when one turns out to be dead.
import { expect, it } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import { envelope, message, type Peer, type ScriptedServer, serve, settings } from "./server.ts";

/** A server that takes every message it gets, with what `before` does on each connection first. */
function taking(
  before: (peer: Peer, count: number) => Promise<void> = () => Promise.resolve(),
): Promise<ScriptedServer> {
  let count = 0;
  return serve(async (peer) => {
    count += 1;
    await peer.ready("PIPELINING");
    await before(peer, count);
    await takeAll(peer);
  });
}

async function takeAll(peer: Peer): Promise<void> {
  for (let line = await peer.line(); line !== ""; line = await peer.line()) {
    if (line === "DATA") {
      peer.say("354 go\r\n");
      await peer.content();
      peer.say("250 queued\r\n");
    } else if (line === "QUIT") {
      peer.say("221 bye\r\n");
      peer.socket.end();
    } else {
      peer.say("250 ok\r\n");
    }
  }
}

async function sendAll(pool: SmtpPool, count: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: count }, () => pool.send(envelope, message)));
  return results.filter(({ recipients }) => recipients.every(({ ok }) => ok)).length;
}

it("many messages go over no more connections than allowed", async () => {
  await using server = await taking();
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 3 });
  expect(await sendAll(pool, 60)).toBe(60);
  expect(pool.connections).toBeLessThanOrEqual(3);
  await pool.close();
  expect(server.peers.length).toBeLessThanOrEqual(3);
  expect(pool.connections).toBe(0);
});

it("one message after the other needs one connection", async () => {
  await using server = await taking();
  const pool = new SmtpPool({ connect: settings(server.port) });
  for (let count = 0; count < 5; count += 1) expect(await sendAll(pool, 1)).toBe(1);
  await pool.close();
  expect(server.peers).toHaveLength(1);
});

it("a connection is replaced after its share of messages, with QUIT", async () => {
  await using server = await taking();
  const pool = new SmtpPool({
    connect: settings(server.port),
    maxConnections: 1,
    maxMessagesPerConnection: 2,
  });
  expect(await sendAll(pool, 5)).toBe(5);
  await pool.close();
  expect(server.peers.map(({ heard }) => heard.split("MAIL FROM").length - 1)).toEqual([2, 2, 1]);
  for (const { heard } of server.peers) expect(heard).toMatch(/QUIT\r\n$/);
});

it("an idle connection is closed", async () => {
  await using server = await taking();
  const pool = new SmtpPool({ connect: settings(server.port), idleMs: 20 });
  expect(await sendAll(pool, 1)).toBe(1);
  await server.peers[0]!.closed();
  expect(server.peers[0]!.heard).toMatch(/QUIT\r\n$/);
  await pool.close();
});

it.each([
  "closes it without a word",
  "says 421 in place of taking MAIL",
])("a message on a connection kept too long goes out on a new one, when the server %s", async (how) => {
  await using server = await taking(async (peer, count) => {
    if (count > 1) return;
    await peer.envelope();
    await peer.content();
    peer.say("250 queued\r\n");
    await peer.line();
    if (how.includes("421")) peer.say("421 4.4.2 too long\r\n");
    peer.socket.end();
  });
  const pool = new SmtpPool({ connect: settings(server.port) });
  expect(await sendAll(pool, 1)).toBe(1);
  expect(await sendAll(pool, 1)).toBe(1);
  await pool.close();
  expect(server.peers).toHaveLength(2);
});

it("a message that may have been taken is never sent again", async () => {
  await using server = await taking(async (peer, count) => {
    if (count > 1) return;
    await peer.envelope();
    await peer.content();
    peer.say("250 queued\r\n");
    await peer.envelope();
    await peer.content();
    peer.socket.resetAndDestroy();
  });
  const pool = new SmtpPool({ connect: settings(server.port) });
  expect(await sendAll(pool, 1)).toBe(1);
  const { recipients } = await pool.send(envelope, message);
  expect(recipients).toMatchObject([{ ok: false, failure: { facts: { certainty: "unknown" } } }]);
  await pool.close();
  expect(server.peers).toHaveLength(1);
});

it("a server that says goodbye in one breath with its welcome is asked once, and what waits is told", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 mail.test ESMTP\r\n");
    await peer.line();
    peer.say("250 mail.test\r\n421 4.7.0 too many connections\r\n");
    peer.socket.end();
  });
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1 });
  const { recipients } = await pool.send(envelope, message);
  expect(recipients).toMatchObject([
    { ok: false, failure: { facts: { certainty: "not-accepted", reply: { code: 421 } } } },
  ]);
  await pool.close();
  expect(server.peers).toHaveLength(1);
});

it("a message waits no longer for a slow one than until another connection is let in", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await using server = await serve(async (peer) => {
    const count = server.peers.length;
    if (count === 2) {
      peer.say("421 4.7.0 too many connections\r\n");
      peer.socket.end();
      return;
    }
    await peer.ready("PIPELINING");
    if (count === 1) {
      await peer.envelope();
      await peer.content();
      await answered;
      peer.say("250 queued\r\n");
    }
    await takeAll(peer);
  });
  const pool = new SmtpPool({ connect: settings(server.port), pipeline: 1, refusalPauseMs: 20 });
  const slow = pool.send(envelope, message);
  const { recipients } = await pool.send(envelope, message);
  expect(recipients).toMatchObject([{ ok: true }]);
  answer();
  expect((await slow).recipients).toMatchObject([{ ok: true }]);
  await pool.close();
  expect(server.peers).toHaveLength(3);
});

it.each([
  ["refuses to reset", 1, Buffer.from("Subject: one\r\n\r\none\r\n")],
  ["breaks off a large content", 2, Buffer.alloc(20_000_000, `${"x".repeat(98)}\r\n`)],
] as const)("a server that %s speaks of that message, and the next goes out on a new connection", async (how, pipeline, first) => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    if (server.peers.length > 1) return takeAll(peer);
    await peer.line();
    peer.say("250 sender\r\n");
    await peer.line();
    peer.say(how.includes("reset") ? "550 5.1.1 nobody\r\n" : "250 recipient\r\n");
    await peer.line();
    if (how.includes("reset")) {
      peer.say("554 no valid recipients\r\n");
      await peer.line();
      peer.say("502 5.5.1 what is RSET\r\n");
    } else {
      peer.say("354 go\r\n");
      await peer.take(100_000);
      peer.say("552 5.3.4 too large\r\n");
    }
  });
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1, pipeline });
  const [refused, next] = await Promise.all([pool.send(envelope, first), pool.send(envelope, message)]);
  expect(refused.recipients).toMatchObject([
    { ok: false, failure: { facts: { kind: "reply", reply: { code: how.includes("reset") ? 550 : 552 } } } },
  ]);
  expect(next.recipients).toMatchObject([{ ok: true }]);
  await pool.close();
  expect(server.peers).toHaveLength(2);
});

it("when no connection can be made, everything that waits is told why", async () => {
  await using server = await serve((peer) => {
    peer.say("554 5.7.1 not you\r\n");
  });
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 2 });
  const results = await Promise.all([1, 2, 3].map(() => pool.send(envelope, message)));
  for (const { recipients } of results) {
    expect(recipients).toMatchObject([
      { ok: false, failure: { facts: { stage: "greeting", reply: { code: 554 } } } },
    ]);
  }
  await pool.close();
});

it("what the caller's own settings function throws reaches the caller", async () => {
  const pool = new SmtpPool({ connect: () => Promise.reject(new Error("no token")) });
  await expect(pool.send(envelope, message)).rejects.toThrow("no token");
  await pool.close();
});

it("closing lets what was handed in go out, and refuses what comes later", async () => {
  await using server = await taking();
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1 });
  const sent = sendAll(pool, 10);
  await pool.close();
  expect(await sent).toBe(10);
  const { recipients } = await pool.send(envelope, message);
  expect(recipients).toMatchObject([{ ok: false, failure: { facts: { kind: "aborted" } } }]);
});

it("closing without grace ends what hangs", async () => {
  await using server = await serve((peer) => peer.ready("PIPELINING"));
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1 });
  const sent = sendAll(pool, 5);
  await pool.close({ graceMs: 50 });
  expect(await sent).toBe(0);
});

it("more messages than may wait are the caller's to hold back", async () => {
  await using server = await serve((peer) => peer.ready("PIPELINING"));
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1, maxWaiting: 1 });
  const first = pool.send(envelope, message);
  await expect(pool.send(envelope, message)).rejects.toThrow(RangeError);
  await pool.close({ graceMs: 1 });
  expect((await first).recipients).toMatchObject([{ ok: false }]);
  expect(() => new SmtpPool({ connect: settings(1), maxConnections: 0 })).toThrow(RangeError);
});
