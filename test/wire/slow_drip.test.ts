// A server that says one byte now and then is never silent, and never ends a reply either. The time allowed
// is that of the reply, not of its bytes: otherwise 4,096 bytes at one in four minutes hold us for eleven days.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, type Peer, sendOne, serve, settings } from "./server.ts";

function drip(peer: Peer, bytes: string, ms: number): void {
  let at = 0;
  const timer = setInterval(() => peer.say(bytes[at++ % bytes.length]!), ms);
  peer.socket.once("close", () => clearInterval(timer));
}

it.each([
  ["letters", "220 welcome, welcome, welcome "],
  ["carriage returns", "220 \r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r"],
])("a greeting that drips %s ends with the time for a greeting", async (_, bytes) => {
  await using server = await serve((peer) => drip(peer, bytes, 10));
  const options = settings(server.port, { timeouts: { greeting: 200 } });
  expect(await failureOf(connect(options))).toMatchObject({ stage: "greeting", kind: "timeout" });
});

it("a reply whose lines drip ends with the time for a command", async () => {
  await using server = await serve((peer) => {
    peer.say("220 mail.test\r\n");
    const timer = setInterval(() => peer.say("250-AND-MORE\r\n"), 10);
    peer.socket.once("close", () => clearInterval(timer));
  });
  const options = settings(server.port, { timeouts: { command: 200 } });
  expect(await failureOf(connect(options))).toMatchObject({ stage: "ehlo", kind: "timeout" });
});

it("a final reply that drips leaves it unknown what became of the message", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    drip(peer, "250 2.0.0 queued as ", 10);
  });
  const options = settings(server.port, { timeouts: { final: 200 } });
  expect(await failureOf(sendOne(options))).toMatchObject({ stage: "content", certainty: "unknown" });
});

it("a whole dialogue in single bytes is understood all the same", async () => {
  const letterwise = (peer: Peer, text: string) => {
    for (const byte of text) peer.say(byte);
  };
  await using server = await serve(async (peer) => {
    letterwise(peer, "220-mail.test\r\n220 ESMTP\r\n");
    await peer.line();
    letterwise(peer, "250-mail.test\r\n250 PIPELINING\r\n");
    for (const answer of ["250 a", "250 b", "354 c"]) {
      await peer.line();
      letterwise(peer, `${answer}\r\n`);
    }
    await peer.content();
    letterwise(peer, "250-2.0.0 queued\r\n250 2.0.0 as 1\r\n");
  });
  const { recipients, reply } = await sendOne(settings(server.port));
  expect(recipients[0]!.ok).toBe(true);
  expect(reply?.lines).toEqual(["2.0.0 queued", "2.0.0 as 1"]);
});
