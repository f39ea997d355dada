import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { MessageError } from "./error.ts";
import { type Envelope, fromRaw } from "./raw.ts";

const now = 1_800_000_000_000;
const envelope: Envelope = { from: "app@example.com", recipients: ["ada@example.net"] };
const take = async (source: string | Uint8Array, given: Partial<Envelope> = {}) =>
  fromRaw(typeof source === "string" ? Buffer.from(source) : source, { ...envelope, ...given }, {}, { now });
const textOf = async (source: string) => Buffer.from((await take(source)).content).toString();

const complete =
  "Received: from x\r\n by y\r\nMessage-Id: <abc@client.example>\r\nDATE: Fri, 1 Jan 2027 00:00:00 +0000\r\n" +
  "From: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <other@example.org>\r\nTo: everyone@example.org\r\nSubject: =?utf-8?b?8J+agA==?=\r\n\r\n";

describe("a ready-made message", () => {
  test("leaves byte for byte as it came when nothing is missing", async () => {
    const bytes = Buffer.concat([
      Buffer.from(complete),
      Buffer.from(
        randomBytes(100_000)
          .toString("latin1")
          .replaceAll(/[\r\n]/g, ""),
        "latin1",
      ),
      Buffer.from("\r\n.\r\n\r\n"),
    ]);
    const message = await take(bytes);
    expect(Buffer.from(message.content).equals(bytes)).toBe(true);
    expect(message.messageId).toBe("<abc@client.example>");
  });

  test("goes to its envelope and not to its headers", async () => {
    const message = await take(complete, { recipients: ["a@example.net", "A@example.net", "a@EXAMPLE.net"] });
    expect(message.recipients).toEqual(["a@example.net", "A@example.net"]);
    expect(message.envelopeFrom).toBe("app@example.com");
    expect(message.view).toMatchObject({
      from: '"Grüße" <other@example.org>',
      to: ["everyone@example.org"],
      subject: "🚀",
    });
  });

  test("gets the Message-ID and Date that it lacks, before all else", async () => {
    const message = await take("Subject: x\r\n\r\nbody");
    expect(Buffer.from(message.content).toString()).toBe(
      `Message-ID: <${message.id}@example.com>\r\nDate: Fri, 15 Jan 2027 08:00:00 +0000\r\nSubject: x\r\n\r\nbody`,
    );
    expect(message.messageId).toBe(`<${message.id}@example.com>`);
  });

  test("loses its Bcc, folded lines and all, and nothing that only looks like it", async () => {
    const start = "Message-ID: <a@b>\r\nDate: x\r\n";
    expect(
      await textOf(
        `${start}bCC: a@example.org,\r\n b@example.org\r\nX-Bcc: stays\r\nBcc : c@example.org\r\n\r\nBcc: body`,
      ),
    ).toBe(`${start}X-Bcc: stays\r\n\r\nBcc: body`);
  });

  test.each([
    ["an empty header", "\r\nbody"],
    ["no body", "Subject: x\r\n"],
    ["no end of line", "Subject: x"],
    ["a line that is no field", "nonsense\r\nSubject: x\r\n\r\nbody"],
    ["nothing at all", ""],
  ])("with %s keeps its bytes behind what is added", async (_, source) => {
    expect((await textOf(source)).replace(/^Message-ID: .*\r\nDate: .*\r\n/, "")).toBe(source);
  });

  test("may come from the empty reverse-path", async () => {
    expect((await take("Subject: bounce\r\n\r\n", { from: "" })).envelopeFrom).toBe("");
  });

  test.each<[string, string, Partial<Envelope>, RegExp]>([
    [
      "a lone LF",
      "Subject: x\r\n\r\na\n.\r\nMAIL FROM:<x>",
      {},
      /a line feed \(LF\) without its CR stands at byte 16/,
    ],
    [
      "a lone CR",
      "Subject: x\r\n\r\na\r.\r",
      {},
      /a carriage return \(CR\) without its LF stands at byte 16/,
    ],
    ["a bad sender", complete, { from: "x\r\nRCPT TO:<y>" }, /envelope\.from: .*carriage return/],
    [
      "a bad recipient",
      complete,
      { recipients: ["a@example.net", "Ada <a@example.net>"] },
      /envelope\.recipients\[1\]/,
    ],
    ["no recipient", complete, { recipients: [] }, /at least one recipient/],
    ["an endless header", `X: ${"y".repeat(300_000)}`, {}, /header is longer than 262144 bytes/],
  ])("with %s is refused", async (_, source, given, problem) => {
    const refused = take(source, given);
    await expect(refused).rejects.toBeInstanceOf(MessageError);
    await expect(refused).rejects.toThrow(problem);
  });

  test("over the limit is refused with both sizes", () => {
    const taken = () => fromRaw(new Uint8Array(101), envelope, {}, { now, maxBytes: 100 });
    expect(taken).toThrow(/it is 101 bytes .*; the limit is 100 bytes/);
  });

  test("is shown as its header says, folds, quotes, groups and encoded words read", async () => {
    const source =
      'From: "Ann \\"A\\" B" <ann@example.com>,\r\n =?iso-8859-1?q?B=F6b?= <bob@example.com>\r\n' +
      "To: friends: carl@example.org, dora@example.org;\r\nCc: Jürgen <j@example.org>\r\nReply-To: (office) x@example.org\r\n" +
      "Bcc: hidden@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC?= =?utf-8?q?=C3=9Fe?=\r\n und mehr\r\n\r\n";
    expect((await take(source)).view).toEqual({
      from: '"Ann "A" B" <ann@example.com>, "Böb" <bob@example.com>',
      to: ["carl@example.org", "dora@example.org"],
      cc: ['"Jürgen" <j@example.org>'],
      bcc: [],
      replyTo: ["x@example.org"],
      subject: "Grüße und mehr",
      tags: [],
    });
    expect((await take("X: y\r\n\r\n")).view).toMatchObject({ from: "app@example.com", to: [], subject: "" });
  });
});
