// Two messages on one connection, the second written behind the content of the first. Whatever ends the
// connection, each has one outcome, and it is the true one: what the server may have taken is never called
// refused, and what it cannot have is never called unknown.
import { expect, it } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import type { SendResult } from "../../src/smtp/result.ts";
import { envelope, message, type Peer, serve, settings, withConnection } from "./server.ts";

function outcome({ recipients }: SendResult): string {
  const [first] = recipients;
  if (first?.ok) return "ok";
  const { stage, code, reply, certainty } = first!.failure.facts;
  return `${stage} ${code ?? reply?.code} ${certainty}`;
}

/** The server has the first message whole, and the second one's envelope. */
async function both(peer: Peer): Promise<void> {
  await peer.ready("PIPELINING");
  await peer.until("DATA\r\n");
  peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
  await peer.until("\r\n.\r\n");
  await peer.until("DATA\r\n");
}

const goodbye = "421 4.3.2 shutting down";
const cases: readonly [string, readonly string[], string, string][] = [
  ["to the first message's content", [goodbye], "content 421 not-accepted", "mail 421 not-accepted"],
  ["to the second one's MAIL", ["250 first", goodbye], "ok", "mail 421 not-accepted"],
  ["to the second one's RCPT", ["250 first", "250 sender", goodbye], "ok", "rcpt 421 not-accepted"],
  [
    "to the second one's DATA",
    ["250 first", "250 sender", "250 recipient", goodbye],
    "ok",
    "data 421 not-accepted",
  ],
  [
    "after the first was refused",
    ["554 5.7.1 spam", goodbye],
    "content 554 not-accepted",
    "mail 421 not-accepted",
  ],
];

it.each(cases)("421 %s", async (_, replies, first, second) => {
  await using server = await serve(async (peer) => {
    await both(peer);
    peer.say(`${replies.join("\r\n")}\r\n`);
    peer.socket.end();
  });
  await withConnection(settings(server.port), async (connection) => {
    const results = await Promise.all([
      connection.send(envelope, message),
      connection.send(envelope, message),
    ]);
    expect(results.map(outcome)).toEqual([first, second]);
    expect(connection.alive).toBe(false);
  });
});

it("421 to the second message's content leaves the first one taken", async () => {
  await using server = await serve(async (peer) => {
    await both(peer);
    peer.say("250 first\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.content();
    peer.say(`${goodbye}\r\n`);
    peer.socket.end();
  });
  await withConnection(settings(server.port), async (connection) => {
    const results = await Promise.all([
      connection.send(envelope, message),
      connection.send(envelope, message),
    ]);
    expect(results.map(outcome)).toEqual(["ok", "content 421 not-accepted"]);
  });
});

it.each([
  ["a close", (peer: Peer) => peer.socket.end(), "content CLOSED unknown"],
  ["a reset", (peer: Peer) => peer.socket.resetAndDestroy(), "content ECONNRESET unknown"],
  ["silence", () => undefined, "content TIMEOUT unknown"],
  ["garbage", (peer: Peer) => peer.say("what?\r\n"), "content NOT_SMTP unknown"],
])("%s after the first one's dot leaves it unknown, and the second one not accepted", async (_, end, first) => {
  await using server = await serve(async (peer) => {
    await both(peer);
    end(peer);
  });
  await withConnection(settings(server.port, { timeouts: { final: 150 } }), async (connection) => {
    const results = await Promise.all([
      connection.send(envelope, message),
      connection.send(envelope, message),
    ]);
    expect(outcome(results[0]!)).toBe(first);
    expect(outcome(results[1]!)).toMatch(/^mail \S+ not-accepted$/);
  });
});

it("in a pool the second one goes out again, once, and the first one does not", async () => {
  const contents: string[] = [];
  await using server = await serve(async (peer) => {
    if (server.peers.length === 1) {
      await both(peer);
      peer.say("250 first\r\n421 4.3.2 shutting down\r\n");
      peer.socket.end();
      return;
    }
    await peer.ready("PIPELINING");
    await peer.envelope();
    contents.push(await peer.content());
    peer.say("250 second\r\n");
    await peer.line();
    peer.socket.end();
  });
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1 });
  const results = await Promise.all(
    ["one", "two"].map((name) => pool.send(envelope, Buffer.from(`Subject: ${name}\r\n\r\n`))),
  );
  await pool.close();
  expect(results.map(outcome)).toEqual(["ok", "ok"]);
  expect(contents).toEqual(["Subject: two\r\n\r\n.\r\n"]);
});

it("a message that waits behind another is asked for again before its first word", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    wanted = false;
    peer.say("250 queued\r\n");
    await peer.envelope();
    await peer.content();
    peer.say("250 queued\r\n");
    await peer.line();
    peer.socket.end();
  });
  let wanted = true;
  const pool = new SmtpPool({ connect: settings(server.port), maxConnections: 1, pipeline: 2 });
  const to = (name: string) => ({ from: `${name}@wire.test`, to: envelope.to });
  const results = await Promise.all([
    pool.send(to("first"), message),
    pool.send(to("stale"), message, { stillWanted: () => wanted }),
    pool.send(to("third"), message, { stillWanted: () => true }),
  ]);
  await pool.close();
  expect(results.map(outcome)).toEqual(["ok", "settings ABORTED not-accepted", "ok"]);
  expect(server.peers).toHaveLength(1);
  expect(server.peers[0]!.heard).not.toContain("stale");
});
