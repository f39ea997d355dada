// 421 may answer any command (RFC 5321 §3.8), also one in the midst of a group that was written at once.
// What stands behind it gets no answer; nothing of it may count as accepted, nor as refused for good.
import { expect, it } from "vitest";
import { envelope, failureOf, message, serve, settings, withConnection } from "./server.ts";

it.each([
  ["mail", ["421 4.3.2 shutting down"]],
  ["rcpt", ["250 ok", "421 4.3.2 shutting down"]],
  ["data", ["250 ok", "250 ok", "421 4.3.2 shutting down"]],
])("421 to %s in a pipeline ends the transaction and the connection", async (stage, answers) => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say(`${answers.join("\r\n")}\r\n`);
    peer.socket.end();
  });
  await withConnection(settings(server.port), async (connection) => {
    const facts = await failureOf(connection.send(envelope, message));
    expect(facts).toMatchObject({ stage, kind: "reply", reply: { code: 421 }, certainty: "not-accepted" });
    expect(connection.alive).toBe(false);
  });
});

it("421 to the final dot says that the message was not taken", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.content();
    peer.say("421 4.3.2 shutting down\r\n");
    peer.socket.end();
  });
  await withConnection(settings(server.port), async (connection) => {
    const facts = await failureOf(connection.send(envelope, message));
    expect(facts).toMatchObject({ stage: "content", kind: "reply", certainty: "not-accepted" });
  });
});

it("421 to an idle connection ends it without harm", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.line();
    peer.say("250 noop\r\n421 4.4.2 idle too long\r\n");
    peer.socket.end();
  });
  await withConnection(settings(server.port), async (connection) => {
    await connection.noop();
    await server.peers[0]!.closed();
    const facts = await failureOf(connection.send(envelope, message));
    expect(facts.certainty).toBe("not-accepted");
  });
});

it("a second message on its way behind one that dies after its dot is not accepted, the first unknown", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.content();
    peer.socket.resetAndDestroy();
  });
  await withConnection(settings(server.port), async (connection) => {
    const both = [connection.send(envelope, message), connection.send(envelope, message)];
    const facts = await Promise.all(both.map(failureOf));
    expect(facts.map(({ certainty }) => certainty)).toEqual(["unknown", "not-accepted"]);
  });
});
