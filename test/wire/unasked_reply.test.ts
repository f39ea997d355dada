// A reply that no command asked for would be taken for the answer to the next one, and every later answer
// for the one before: a refused message would count as sent.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { envelope, failureOf, message, sendOne, serve, settings, withConnection } from "./server.ts";

it("two greetings end the connection", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 one\r\n220 two\r\n");
    await peer.closed();
  });
  expect((await failureOf(connect(settings(server.port)))).kind).toBe("protocol");
});

it("a reply too many before MAIL ends the connection, and the message is not accepted", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    peer.say("250 for what?\r\n");
    await peer.envelope();
    await peer.content();
    peer.say("550 no\r\n");
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port)))).toMatchObject({ certainty: "not-accepted" });
});

it("a reply while the content is being written does not count as its acceptance", async () => {
  const large = Buffer.alloc(8 * 1024 * 1024, "x");
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    peer.say("250 2.0.0 queued\r\n");
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port), large))).toMatchObject({
    stage: "content",
    kind: "protocol",
    certainty: "not-accepted",
  });
});

it("a reply too many after a message ends the connection before the next one is sent", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    peer.say("250 2.0.0 queued\r\n250 2.0.0 queued\r\n");
    await peer.closed();
  });
  await withConnection(settings(server.port), async (connection) => {
    const first = await connection.send(envelope, message);
    expect(first.recipients[0]!.ok).toBe(true);
    expect(await failureOf(connection.send(envelope, message))).toMatchObject({ certainty: "not-accepted" });
    expect(connection.alive).toBe(false);
  });
});
