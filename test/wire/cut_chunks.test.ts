// BDAT (RFC 3030) has no final dot: what ends a message is the last chunk alone. A connection that dies
// before it leaves nothing accepted; a yes to an earlier chunk is no yes to the message; a refused one ends it.
import { expect, it } from "vitest";
import { chunkBytes } from "../../src/smtp/layout.ts";
import {
  envelope,
  failureOf,
  message,
  type Peer,
  sendOne,
  serve,
  settings,
  withConnection,
} from "./server.ts";

const twoChunks = Buffer.alloc(chunkBytes + 1000, "x");

async function toFirstChunk(peer: Peer): Promise<void> {
  await peer.ready("CHUNKING");
  for (let i = 0; i < 2; i++) {
    await peer.line();
    peer.say("250 ok\r\n");
  }
  expect(await peer.line()).toBe(`BDAT ${chunkBytes}`);
}

it("a connection reset in the midst of a chunk leaves the message not accepted", async () => {
  await using server = await serve(async (peer) => {
    await toFirstChunk(peer);
    await peer.until("xxx");
    peer.socket.resetAndDestroy();
  });
  expect(await failureOf(sendOne(settings(server.port), twoChunks))).toMatchObject({
    stage: "content",
    kind: "socket",
    certainty: "not-accepted",
  });
});

it("a yes to an earlier chunk is none to the message: dying behind the last one leaves it unknown", async () => {
  await using server = await serve(async (peer) => {
    await toFirstChunk(peer);
    await peer.until("x".repeat(chunkBytes));
    peer.say("250 chunk taken\r\n");
    expect(await peer.line()).toMatch(/^BDAT \d+ LAST$/);
    peer.socket.destroy();
  });
  const facts = await failureOf(sendOne(settings(server.port), twoChunks));
  expect(facts).toMatchObject({ stage: "content", kind: "socket" });
  // The last chunk was on its way with its command: what became of it, nobody knows.
  expect(facts.certainty).toBe("unknown");
});

it("a refused chunk ends the message, the rest stays here, and the connection is good for the next", async () => {
  await using server = await serve(async (peer) => {
    await toFirstChunk(peer);
    await peer.until("x".repeat(chunkBytes));
    peer.say("552 5.3.4 too much\r\n");
    expect(await peer.line()).toBe("RSET");
    peer.say("250 ok\r\n");
    for (let i = 0; i < 2; i++) {
      expect(await peer.line()).toMatch(/^(MAIL|RCPT)/);
      peer.say("250 ok\r\n");
    }
    expect(await peer.line()).toBe(`BDAT ${message.length} LAST`);
    await peer.until(message.toString("latin1"));
    peer.say("250 queued\r\n");
  });
  await withConnection(settings(server.port), async (connection) => {
    expect(await failureOf(connection.send(envelope, twoChunks))).toMatchObject({
      stage: "content",
      kind: "reply",
      reply: { code: 552 },
    });
    expect((await connection.send(envelope, message)).recipients[0]!.ok).toBe(true);
  });
});
