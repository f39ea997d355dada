// 354 where it does not belong, and something else where it does. Content must only ever follow a 354 that
// answers DATA with at least one recipient taken, or the server reads a letter as commands.
import { expect, it } from "vitest";
import { failureOf, sendOne, serve, settings } from "./server.ts";

const body = Buffer.from("Subject: x\r\n\r\nMAIL FROM:<evil@wire.test>\r\nSECRET\r\n");

it.each([
  ["EHLO", "ehlo", ["354 go on"]],
  ["MAIL", "mail", ["250 mail.test", "354 go on"]],
  ["RCPT", "rcpt", ["250 mail.test", "250 ok", "354 go on"]],
])("354 to %s is no invitation", async (_, stage, answers) => {
  await using server = await serve(async (peer) => {
    peer.say("220 mail.test\r\n");
    for (const answer of answers) {
      await peer.line();
      peer.say(`${answer}\r\n`);
    }
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port), body))).toMatchObject({
    stage,
    certainty: "not-accepted",
  });
  expect(server.peers[0]!.heard).not.toContain("SECRET");
});

it.each([
  "250 ok",
  "220 hello",
  "334 more",
  "450 later",
  "554 no",
])("%s to DATA lets no content out", async (answer) => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    for (const reply of ["250 ok", "250 ok", answer]) {
      await peer.line();
      peer.say(`${reply}\r\n`);
    }
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port), body))).toMatchObject({
    stage: "data",
    certainty: "not-accepted",
  });
  expect(server.peers[0]!.heard).not.toContain("SECRET");
});

it("354 in a pipeline after every recipient was refused gets a lone dot, and no content (RFC 2920 §3.1)", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n550 5.1.1 no such user\r\n354 go on\r\n");
    expect(await peer.line()).toBe(".");
    peer.say("554 5.5.1 no valid recipients\r\n");
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port), body))).toMatchObject({
    stage: "rcpt",
    reply: { code: 550 },
  });
  expect(server.peers[0]!.heard).not.toContain("SECRET");
});

it("a lone dot that the server takes for a message makes nobody a recipient", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n550 5.1.1 no such user\r\n354 go on\r\n");
    await peer.line();
    peer.say("250 2.0.0 queued\r\n");
    await peer.closed();
  });
  const { recipients } = await sendOne(settings(server.port), body);
  expect(recipients.map(({ ok }) => ok)).toEqual([false]);
});

it("354 to the final dot is no acceptance", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    peer.say("354 go on\r\n");
    await peer.closed();
  });
  expect(await failureOf(sendOne(settings(server.port), body))).toMatchObject({
    stage: "content",
    kind: "protocol",
    certainty: "unknown",
  });
});
