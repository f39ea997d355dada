// What the client writes for a given server, byte for byte: one row for each extension and its absence.
import { expect, it } from "vitest";
import type { Envelope } from "../../src/smtp/options.ts";
import { sendOne, serve, settings, withConnection } from "./server.ts";

const to = (...addresses: readonly string[]) => addresses.map((address) => ({ address }));
const plain = "Subject: hi\r\n\r\nhello\r\n";
const simple: Envelope = { from: "a@example.com", to: to("b@example.com") };
const dsn: Envelope = {
  from: "a@example.com",
  to: [{ address: "b@example.com", notify: ["FAILURE", "DELAY"], orcpt: "b+1@example.com" }],
  dsn: { ret: "HDRS", envid: "id=1" },
};

const rows: readonly {
  readonly name: string;
  readonly offers: readonly string[];
  readonly envelope?: Envelope;
  readonly content?: string | Uint8Array;
  readonly mail: string;
  readonly rcpt?: string;
  readonly wire?: string;
}[] = [
  { name: "none at all", offers: [], mail: "MAIL FROM:<a@example.com>" },
  { name: "SIZE (RFC 1870)", offers: ["SIZE 1000"], mail: "MAIL FROM:<a@example.com> SIZE=22" },
  { name: "SIZE without a limit", offers: ["SIZE"], mail: "MAIL FROM:<a@example.com> SIZE=22" },
  {
    name: "SIZE with the line end that is added",
    offers: ["SIZE"],
    content: "Subject: hi\r\n\r\nhello",
    mail: "MAIL FROM:<a@example.com> SIZE=22",
    wire: `${plain}.\r\n`,
  },
  {
    name: "8BITMIME (RFC 6152)",
    offers: ["8BITMIME"],
    content: "Subject: hi\r\n\r\nhellö\r\n",
    mail: "MAIL FROM:<a@example.com> BODY=8BITMIME",
    wire: "Subject: hi\r\n\r\nhell\u00c3\u00b6\r\n.\r\n",
  },
  { name: "8BITMIME, not needed", offers: ["8BITMIME"], mail: "MAIL FROM:<a@example.com>" },
  {
    name: "no 8BITMIME, eight bits: as they are",
    offers: [],
    content: Buffer.from([0xff, 0x0d, 0x0a]),
    mail: "MAIL FROM:<a@example.com>",
    wire: "\u00ff\r\n.\r\n",
  },
  {
    name: "SMTPUTF8 (RFC 6531)",
    offers: ["SMTPUTF8"],
    envelope: { from: "a@example.com", to: to("用@example.com") },
    mail: "MAIL FROM:<a@example.com> SMTPUTF8",
    rcpt: "RCPT TO:<用@example.com>",
  },
  {
    name: "SMTPUTF8, not needed for a domain alone",
    offers: ["SMTPUTF8"],
    envelope: { from: "a@bücher.example", to: to("b@bücher.example") },
    mail: "MAIL FROM:<a@xn--bcher-kva.example>",
    rcpt: "RCPT TO:<b@xn--bcher-kva.example>",
  },
  {
    name: "DSN (RFC 3461)",
    offers: ["DSN"],
    envelope: dsn,
    mail: "MAIL FROM:<a@example.com> RET=HDRS ENVID=id+3D1",
    rcpt: "RCPT TO:<b@example.com> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2B1@example.com",
  },
  { name: "DSN asked for and not offered", offers: [], envelope: dsn, mail: "MAIL FROM:<a@example.com>" },
  {
    name: "the null reverse-path",
    offers: [],
    envelope: { ...simple, from: "" },
    mail: "MAIL FROM:<>",
  },
  {
    name: "dots stuffed and bare line ends mended",
    offers: [],
    content: ".\n..a\r.b\r\n",
    mail: "MAIL FROM:<a@example.com>",
    wire: "..\r\n...a\r\n..b\r\n.\r\n",
  },
  { name: "an empty content", offers: [], content: "", mail: "MAIL FROM:<a@example.com>", wire: "\r\n.\r\n" },
];

it.each(rows)("$name", async ({ offers, envelope = simple, content = plain, mail, rcpt, wire }) => {
  const said: string[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready(...offers);
    for (const answer of ["250 2.1.0 ok", "250 2.1.5 ok", "354 go"]) {
      said.push(Buffer.from(await peer.line(), "latin1").toString("utf8"));
      peer.say(`${answer}\r\n`);
    }
    said.push(await peer.content());
    peer.say("250 2.0.0 queued as 1\r\n");
  });
  const result = await withConnection(settings(server.port), (connection) =>
    connection.send(envelope, Buffer.from(content)),
  );
  expect(said).toEqual([mail, rcpt ?? "RCPT TO:<b@example.com>", "DATA", wire ?? `${plain}.\r\n`]);
  expect(result.recipients).toMatchObject([{ ok: true, reply: { code: 250 } }]);
  expect(result.reply?.lines).toEqual(["2.0.0 queued as 1"]);
});

it("CHUNKING (RFC 3030): a small message goes out whole in one write behind EHLO", async () => {
  let group = "";
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING", "CHUNKING");
    group = await peer.until(".hello\r\n");
    peer.say("250 ok\r\n250 ok\r\n250 queued\r\n");
  });
  const result = await sendOne(settings(server.port), Buffer.from("Subject: hi\n\n.hello"));
  expect(group).toBe(
    "MAIL FROM:<from@wire.test>\r\nRCPT TO:<to@wire.test>\r\nBDAT 23 LAST\r\nSubject: hi\r\n\r\n.hello\r\n",
  );
  expect(result.recipients).toMatchObject([{ ok: true }]);
});

it("CHUNKING: a large message goes in chunks, each behind the reply to the one before", async () => {
  const content = Buffer.from(`${"x".repeat(1022)}\r\n`.repeat(2500));
  const taken: string[] = [];
  const heads: string[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING", "CHUNKING");
    await peer.until("RCPT TO:<to@wire.test>\r\n");
    peer.say("250 ok\r\n250 ok\r\n");
    for (let last = false; !last; ) {
      const head = await peer.line();
      heads.push(head);
      last = head.endsWith("LAST");
      taken.push(await peer.take(Number(head.split(" ")[1])));
      peer.say("250 ok\r\n");
    }
  });
  const result = await sendOne(settings(server.port), content);
  expect(heads).toEqual(["BDAT 1048576", "BDAT 1048576", "BDAT 462848 LAST"]);
  expect(taken.join("")).toBe(content.toString("latin1"));
  expect(result.recipients).toMatchObject([{ ok: true }]);
});

it("CHUNKING: a refused chunk ends the message, and RSET clears the way for the next", async () => {
  const content = Buffer.from(`${"x".repeat(1022)}\r\n`.repeat(2500));
  let next = "";
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING", "CHUNKING");
    await peer.until("RCPT TO:<to@wire.test>\r\n");
    peer.say("250 ok\r\n250 ok\r\n");
    await peer.take(Number((await peer.line()).split(" ")[1]));
    peer.say("552 5.3.4 too large\r\n");
    next = await peer.line();
    peer.say("250 reset\r\n");
    await peer.line();
    peer.say("250 noop\r\n");
  });
  await withConnection(settings(server.port), async (connection) => {
    const envelope = { from: "from@wire.test", to: to("to@wire.test") };
    const { recipients } = await connection.send(envelope, content);
    expect(recipients).toMatchObject([
      { ok: false, failure: { facts: { stage: "content", reply: { code: 552 } } } },
    ]);
    expect(await connection.noop()).toMatchObject({ code: 250 });
  });
  expect(next).toBe("RSET");
});

it.each([
  ["between chunks", 1, "not-accepted"],
  ["behind the last chunk", 3, "unknown"],
] as const)("CHUNKING: a connection that dies %s leaves the message so", async (_when, chunks, certainty) => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING", "CHUNKING");
    await peer.until("RCPT TO:<to@wire.test>\r\n");
    peer.say("250 ok\r\n250 ok\r\n");
    for (let count = 1; count <= chunks; count += 1) {
      await peer.take(Number((await peer.line()).split(" ")[1]));
      if (count < 3) peer.say("250 ok\r\n");
    }
    peer.socket.end();
  });
  const { recipients } = await sendOne(settings(server.port), Buffer.alloc(2_500_000, "x\r\n"));
  expect(recipients).toMatchObject([{ ok: false, failure: { facts: { stage: "content", certainty } } }]);
});

it("what the server cannot take is refused before a word is said", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("SIZE 10", "DSN");
  });
  await withConnection(settings(server.port), async (connection) => {
    const codes = async (envelope: Envelope, content = "x\r\n") =>
      (await connection.send(envelope, Buffer.from(content))).recipients.map((recipient) =>
        recipient.ok ? "ok" : recipient.failure.facts.code,
      );
    expect(await codes(simple, "more than ten bytes")).toEqual(["TOO_LARGE"]);
    expect(await codes({ ...simple, to: to("用@example.com") })).toEqual(["SMTPUTF8_NOT_OFFERED"]);
    expect(await codes({ from: "用@example.com", to: to("b@c.d", "e@f.g") })).toEqual([
      "SMTPUTF8_NOT_OFFERED",
      "SMTPUTF8_NOT_OFFERED",
    ]);
    expect(await codes({ ...simple, from: "a@b.c>\r\nDATA" })).toEqual(["BAD_INPUT"]);
    expect(await codes({ ...simple, to: to("b@c.d\r\nRCPT TO:<x@y.z>") })).toEqual(["BAD_INPUT"]);
    expect(await codes({ ...simple, dsn: { envid: "a\r\nb" } })).toEqual(["BAD_INPUT"]);
    expect(connection.transcript.filter(({ text }) => /MAIL|RCPT/.test(text))).toEqual([]);
    expect(connection.alive).toBe(true);
  });
});

it("a malformed recipient does not keep the others from their mail", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    peer.say("250 ok\r\n");
  });
  const result = await withConnection(settings(server.port), (connection) =>
    connection.send({ from: "a@b.c", to: to("no address", "d@e.f") }, Buffer.from("x\r\n")),
  );
  expect(result.recipients).toMatchObject([
    { address: "no address", ok: false, failure: { facts: { stage: "rcpt", code: "BAD_INPUT" } } },
    { address: "d@e.f", ok: true },
  ]);
});

it.each([500, 502, 504])("HELO follows EHLO answered with %i", async (code) => {
  await using server = await serve(async (peer) => {
    peer.say("220 old\r\n");
    expect(await peer.line()).toBe("EHLO client.test");
    peer.say(`${code} what?\r\n`);
    expect(await peer.line()).toBe("HELO client.test");
    peer.say("250 old\r\n");
    await peer.envelope();
    await peer.content();
    peer.say("250 ok\r\n");
  });
  expect((await sendOne(settings(server.port))).recipients).toMatchObject([{ ok: true }]);
});

it("a tried envelope asks for each recipient, resets and sends nothing", async () => {
  const said: string[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready("SIZE 10");
    for (const answer of ["250 ok", "250 ok", "550 5.1.1 unknown", "250 reset"]) {
      said.push(await peer.line());
      peer.say(`${answer}\r\n`);
    }
    await peer.line();
    peer.say("221 bye\r\n");
  });
  await withConnection(settings(server.port), async (connection) => {
    const { recipients, reply } = await connection.tryEnvelope({ from: "a@b.c", to: to("d@e.f", "g@h.i") });
    await connection.quit();
    expect(recipients).toMatchObject([
      { ok: true, reply: { code: 250 } },
      { ok: false, failure: { facts: { stage: "rcpt", kind: "reply", reply: { code: 550 } } } },
    ]);
    expect(reply).toBeNull();
  });
  expect(said).toEqual(["MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "RCPT TO:<g@h.i>", "RSET"]);
});
