// A server that never ends what it says would fill our memory, or keep us for ever.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { maxLineBytes, maxReplyBytes } from "../../src/smtp/reply.ts";
import { failureOf, type Peer, sendOne, serve, settings } from "./server.ts";

/** Writes for as long as the client listens; returns how many bytes it had to. */
async function flood(peer: Peer, bytes: string): Promise<void> {
  while (!peer.socket.destroyed) {
    if (!peer.socket.write(bytes))
      await new Promise<void>((next) => peer.socket.once("drain", next).once("close", next));
    else await new Promise(setImmediate);
  }
}

it("a greeting of endless lines ends at the limit", async () => {
  await using server = await serve((peer) => flood(peer, "220-welcome\r\n"));
  expect(await failureOf(connect(settings(server.port)))).toMatchObject({
    stage: "greeting",
    kind: "protocol",
    code: "REPLY_TOO_LONG",
  });
});

it("a reply of a few very long lines ends at the limit too", async () => {
  const line = `250-${"x".repeat(maxLineBytes - 6)}\r\n`;
  await using server = await serve(async (peer) => {
    peer.say("220 mail.test\r\n");
    await peer.line();
    await flood(peer, line.repeat(Math.ceil(maxReplyBytes / maxLineBytes)));
  });
  expect(await failureOf(connect(settings(server.port)))).toMatchObject({
    stage: "ehlo",
    kind: "protocol",
    code: "REPLY_TOO_LONG",
  });
});

it.each([
  ["with a code", "250 "],
  ["that is only zero bytes", "\0"],
])("a line without an end %s ends at the limit", async (_, start) => {
  await using server = await serve(async (peer) => {
    peer.say(start);
    await flood(peer, (start === "\0" ? "\0" : "x").repeat(1000));
  });
  const facts = await failureOf(connect(settings(server.port)));
  expect(facts).toMatchObject({ stage: "greeting", kind: "protocol" });
  expect(["LINE_TOO_LONG", "NOT_SMTP"]).toContain(facts.code);
  expect(facts.received!.length).toBeLessThanOrEqual(200);
});

it("an endless reply in the midst of a message leaves it not accepted", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.line();
    await flood(peer, "250-sender\r\n");
  });
  expect(await failureOf(sendOne(settings(server.port)))).toMatchObject({
    stage: "mail",
    code: "REPLY_TOO_LONG",
    certainty: "not-accepted",
  });
});
