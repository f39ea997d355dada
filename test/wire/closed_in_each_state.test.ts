// A server, or a firewall between, that closes or resets the connection, in each place of the dialogue.
// Up to the final dot nothing was accepted; behind it nobody knows, unless an answer came.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, type Peer, sendOne, serve, settings } from "./server.ts";

const credentials = { username: "me", password: "geheim" };
const ways: readonly [string, (peer: Peer) => void][] = [
  ["closes", (peer) => peer.socket.end()],
  ["resets", (peer) => peer.socket.resetAndDestroy()],
];

const opening: readonly [string, string, (peer: Peer) => Promise<unknown> | undefined][] = [
  ["the greeting", "greeting", () => undefined],
  [
    "half a greeting",
    "greeting",
    async (peer) => {
      peer.say("220 mail");
      // The bytes have left before the connection is reset.
      await new Promise(setImmediate);
    },
  ],
  [
    "the answer to EHLO",
    "ehlo",
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await peer.line();
    },
  ],
  [
    "the answer to AUTH",
    "auth",
    async (peer) => {
      await peer.ready("AUTH PLAIN");
      await peer.line();
    },
  ],
];

const sending: readonly [string, string, "not-accepted" | "unknown", (peer: Peer) => Promise<unknown>][] = [
  ["the answer to MAIL", "mail", "not-accepted", (peer) => peer.line()],
  [
    "the answer to RCPT",
    "rcpt",
    "not-accepted",
    async (peer) => {
      await peer.line();
      peer.say("250 ok\r\n");
      await peer.line();
    },
  ],
  [
    "the answer to DATA",
    "data",
    "not-accepted",
    async (peer) => {
      for (let i = 0; i < 2; i++) {
        await peer.line();
        peer.say("250 ok\r\n");
      }
      await peer.line();
    },
  ],
  [
    "the answer to the final dot",
    "content",
    "unknown",
    async (peer) => {
      await peer.envelope();
      await peer.content();
    },
  ],
  [
    "the end of its answer to the final dot",
    "content",
    "unknown",
    async (peer) => {
      await peer.envelope();
      await peer.content();
      peer.say("250-2.0.0 queued\r\n250 2.0");
    },
  ],
];

for (const [how, close] of ways) {
  it.each(opening)(`${how} before %s`, async (_, stage, play) => {
    await using server = await serve(async (peer) => {
      await play(peer);
      close(peer);
    });
    const facts = await failureOf(connect(settings(server.port, { credentials })));
    expect(facts).toMatchObject({ kind: "socket", certainty: "not-accepted" });
    // A reset can overtake the news that the connection stands.
    expect(stage === "greeting" ? ["greeting", "connect"] : [stage]).toContain(facts.stage);
    expect(["CLOSED", "ECONNRESET", "EPIPE"]).toContain(facts.code);
  });

  it.each(sending)(`${how} before %s`, async (_, stage, certainty, play) => {
    await using server = await serve(async (peer) => {
      await peer.ready();
      await play(peer);
      close(peer);
    });
    expect(await failureOf(sendOne(settings(server.port)))).toMatchObject({
      stage,
      kind: "socket",
      certainty,
    });
  });

  it(`${how} in the midst of the content`, async () => {
    const large = Buffer.alloc(8 * 1024 * 1024, "x");
    await using server = await serve(async (peer) => {
      await peer.ready();
      await peer.envelope();
      await peer.until("xxxx");
      close(peer);
    });
    expect(await failureOf(sendOne(settings(server.port), large))).toMatchObject({
      stage: "content",
      kind: "socket",
      certainty: "not-accepted",
    });
  });
}

it("an answer to the final dot counts though the server closes right behind it", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    peer.say("250 2.0.0 queued\r\n");
    peer.socket.end();
  });
  expect((await sendOne(settings(server.port))).recipients[0]!.ok).toBe(true);
});
