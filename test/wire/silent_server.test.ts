// A server that stops answering, in each place where we wait. The limit of that place ends it; after the
// final dot nobody knows what became of the message.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, type Peer, sendOne, serve, settings } from "./server.ts";

const short = 150;
const credentials = { username: "me", password: "geheim" };

it("no greeting", async () => {
  await using server = await serve(() => undefined);
  const failing = failureOf(connect(settings(server.port, { timeouts: { greeting: short } })));
  expect(await failing).toMatchObject({ stage: "greeting", kind: "timeout", code: "TIMEOUT" });
});

it("no answer to EHLO", async () => {
  await using server = await serve((peer) => peer.say("220 mail.test\r\n"));
  const failing = failureOf(connect(settings(server.port, { timeouts: { command: short } })));
  expect(await failing).toMatchObject({ stage: "ehlo", kind: "timeout" });
});

it("no answer to AUTH", async () => {
  await using server = await serve((peer) => peer.ready("AUTH PLAIN"));
  const failing = failureOf(connect(settings(server.port, { credentials, timeouts: { command: short } })));
  expect(await failing).toMatchObject({ stage: "auth", kind: "timeout", mechanism: "PLAIN" });
});

const during: readonly [string, string, "not-accepted" | "unknown", (peer: Peer) => Promise<unknown>][] = [
  ["MAIL", "mail", "not-accepted", async () => undefined],
  [
    "RCPT",
    "rcpt",
    "not-accepted",
    async (peer) => {
      await peer.line();
      peer.say("250 ok\r\n");
    },
  ],
  [
    "DATA",
    "data",
    "not-accepted",
    async (peer) => {
      for (let i = 0; i < 2; i++) {
        await peer.line();
        peer.say("250 ok\r\n");
      }
    },
  ],
  ["the final dot", "content", "unknown", (peer) => peer.envelope()],
];

it.each(during)("no answer to %s", async (_, stage, certainty, play) => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await play(peer);
  });
  const timeouts = { command: short, data: short, final: short };
  expect(await failureOf(sendOne(settings(server.port, { timeouts })))).toMatchObject({
    stage,
    kind: "timeout",
    code: "TIMEOUT",
    certainty,
  });
});

it("a server that no longer takes the content", async () => {
  const large = Buffer.alloc(32 * 1024 * 1024, "x");
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    peer.socket.pause();
  });
  const timeouts = { block: short };
  expect(await failureOf(sendOne(settings(server.port, { timeouts }), large))).toMatchObject({
    stage: "content",
    kind: "timeout",
    certainty: "not-accepted",
  });
});
