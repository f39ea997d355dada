// Replies at the edge of the grammar. What can be understood is; what cannot ends the connection; and no
// control character of a stranger reaches a log or a terminal.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, sendOne, serve, settings, withConnection } from "./server.ts";

const hasControls = (text: string) => [...text].some((char) => char < " " && char !== "\t");

it("bare LF line ends are understood", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 mail.test\n");
    await peer.line();
    peer.say("250-mail.test\n250 SIZE 1000\n");
    for (const answer of ["250 a", "250 b", "354 c"]) {
      await peer.line();
      peer.say(`${answer}\n`);
    }
    await peer.content();
    peer.say("250 queued\n");
  });
  expect((await sendOne(settings(server.port))).recipients[0]!.ok).toBe(true);
});

it("a bare CR ends no line: it cannot smuggle a second reply into the text of the first", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.line();
    peer.say("250 ok\r250 injected\r354 injected\r\n");
    await peer.closed();
  });
  const failing = failureOf(sendOne(settings(server.port, { timeouts: { command: 150 } })));
  expect(await failing).toMatchObject({ stage: "rcpt", kind: "timeout" });
});

it("zero bytes, escapes and other controls are not passed on", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 mail.test \x1b[2J\0\x07\r\n");
    await peer.line();
    peer.say("250-mail.test\r\n250 AUTH\0PLAIN \x1b]0;x\x07\r\n");
    await peer.line();
    peer.say("550 5.7.1 \x1b[31mred\0\r\n");
    await peer.closed();
  });
  const shown: string[] = [];
  const options = settings(server.port, {
    onLine: ({ text }) => shown.push(text),
    onStep: ({ detail, reply }) => shown.push(detail, ...(reply?.lines ?? [])),
  });
  const facts = await failureOf(sendOne(options));
  expect(facts).toMatchObject({ stage: "mail", kind: "reply", reply: { code: 550 } });
  for (const text of [...shown, facts.message, ...facts.reply!.lines]) expect(hasControls(text)).toBe(false);
});

it("a code alone is a reply", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220\r\n");
    await peer.line();
    peer.say("250\r\n");
    await peer.closed();
  });
  await withConnection(settings(server.port), async ({ capabilities }) => {
    expect(capabilities.pipelining).toBe(false);
  });
});

it.each([
  "199 too low",
  "600 too high",
  "000 zero",
  "-250 signed",
  "25 short",
])("%j is no reply", async (line) => {
  await using server = await serve(async (peer) => {
    peer.say(`${line}\r\n`);
    await peer.closed();
  });
  expect(await failureOf(connect(settings(server.port)))).toMatchObject({
    kind: "protocol",
    code: "NOT_SMTP",
  });
});

it("capabilities with nonsense in them are read as far as they make sense", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready(
      "SIZE 99999999999999999999999999",
      "SIZE -1",
      "size",
      "AUTH=LOGIN PLAIN",
      "AUTH",
      "",
      " ",
      "PIPELINING and more",
      "__proto__ x",
      "constructor",
      "X".repeat(1000),
    );
    await peer.closed();
  });
  await withConnection(settings(server.port), async ({ capabilities }) => {
    expect(Object.getPrototypeOf(capabilities)).toBe(Object.prototype);
    expect(capabilities.starttls).toBe(false);
  });
});

it("a greeting of refusal is a reply and not a broken protocol", async () => {
  await using server = await serve(async (peer) => {
    peer.say("554-5.7.1 go away\r\n554 see https://mail.test/\r\n");
    await peer.closed();
  });
  expect(await failureOf(connect(settings(server.port)))).toMatchObject({
    stage: "greeting",
    kind: "reply",
    reply: { code: 554, lines: ["5.7.1 go away", "see https://mail.test/"] },
  });
});
