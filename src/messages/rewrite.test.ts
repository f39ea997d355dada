import fc from "fast-check";
import { type AddressObject, simpleParser } from "mailparser";
import { describe, expect, test } from "vitest";
import { compose } from "./compose.ts";
import { MessageError } from "./error.ts";
import { rewriteSender } from "./rewrite.ts";

const own = "me@provider.example";
const rest = "Subject: x\r\n\r\nFrom: body@example.org\r\n";

/** A message whose header begins with these lines, rewritten; as bytes read as latin1. */
function rewritten(header: string): string | null {
  const result = rewriteSender(Buffer.from(`${header}${rest}`, "latin1"), own);
  return result === null ? null : Buffer.from(result.content).toString("latin1");
}

const original = (header: string) => rewriteSender(Buffer.from(`${header}${rest}`), own)?.original;

const mailboxes = (value: AddressObject | AddressObject[] | undefined) =>
  [value ?? []].flat().flatMap((one) => one.value.map(({ name, address }) => ({ name, address })));

describe("the account's own address takes the place of From's", () => {
  test.each<[string, string, string]>([
    [
      "an address alone",
      "From: app@example.com\r\n",
      "From: me@provider.example\r\nReply-To: app@example.com\r\n",
    ],
    [
      "a name and an address",
      "From: The App <app@example.com>\r\n",
      "From: The App <me@provider.example>\r\nReply-To: The App <app@example.com>\r\n",
    ],
    [
      "another letter case of the header's name, and no blank",
      'FROM:"App, The" <app@example.com>\r\n',
      'From: "App, The" <me@provider.example>\r\nReply-To:"App, The" <app@example.com>\r\n',
    ],
    [
      "encoded words, folded",
      "From: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?b?8J+agA==?=\r\n <app@example.com>\r\n",
      "From: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?b?8J+agA==?= <me@provider.example>\r\n" +
        "Reply-To: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?b?8J+agA==?=\r\n <app@example.com>\r\n",
    ],
    [
      "a name in a comment",
      "From: app@example.com (The App (ours))\r\n",
      "From: me@provider.example (The App (ours))\r\nReply-To: app@example.com (The App (ours))\r\n",
    ],
    [
      "a name that is the address over again",
      'From: "app@example.com" <app@example.com>\r\n',
      'From: me@provider.example\r\nReply-To: "app@example.com" <app@example.com>\r\n',
    ],
    [
      "several authors and the one who sent it",
      "From: Ann <ann@example.com>, Bob <bob@example.com>\r\nSender: bob@example.com\r\n",
      "From: Ann <me@provider.example>\r\nReply-To: Ann <ann@example.com>, Bob <bob@example.com>\r\n",
    ],
    [
      "several From headers",
      "From: one@example.com\r\nX: 1\r\nfrom : Two <two@example.com>\r\n\tfolded\r\n",
      "From: me@provider.example\r\nReply-To: one@example.com\r\nX: 1\r\n",
    ],
    [
      "one's own among several",
      "From: me@provider.example, ann@example.com\r\n",
      "From: me@provider.example\r\nReply-To: me@provider.example, ann@example.com\r\n",
    ],
    [
      "a group",
      "From: Team: Ann <ann@example.com>, bob@example.com;\r\n",
      "From: Ann <me@provider.example>\r\nReply-To: Team: Ann <ann@example.com>, bob@example.com;\r\n",
    ],
    [
      "a Reply-To",
      "From: App <app@example.com>\r\nReply-To: help@example.com\r\n",
      "From: App <me@provider.example>\r\nReply-To: help@example.com\r\n",
    ],
    ["no From", "Sender: app@example.com\r\n", "From: me@provider.example\r\n"],
    ["an empty From", "From:\r\n", "From: me@provider.example\r\n"],
    ["a From without an address", "From: nobody\r\n", "From: me@provider.example\r\n"],
    ["an empty group", "From: undisclosed:;\r\n", "From: me@provider.example\r\n"],
    [
      "a Sender of one's own",
      "From: app@example.com\r\nSender: Me <ME@Provider.Example>\r\n",
      "From: me@provider.example\r\nReply-To: app@example.com\r\nSender: Me <ME@Provider.Example>\r\n",
    ],
    [
      "bytes beyond ASCII",
      "From: Gr\u00c3\u00bc\u00c3\u009fe <app@example.com>\r\n",
      "From: Gr\u00c3\u00bc\u00c3\u009fe <me@provider.example>\r\nReply-To: Gr\u00c3\u00bc\u00c3\u009fe <app@example.com>\r\n",
    ],
  ])("%s", (_, header, expected) => {
    expect(rewritten(header)).toBe(`${expected}${rest}`);
  });

  test.each([
    ["From: me@provider.example\r\n"],
    ["From: The App <ME@PROVIDER.EXAMPLE>\r\n"],
    ["From:\r\n me@provider.example (that is me)\r\n"],
    ["From: <@relay.example:me@provider.example>\r\nSender: other@example.com\r\n"],
  ])("nothing when it stands there already: %j", (header) => {
    expect(rewritten(header)).toBeNull();
  });

  test("names of other scripts are compared as they go over the wire", () => {
    const source = Buffer.from("From: a@xn--bcher-kva.example\r\n\r\n");
    expect(rewriteSender(source, "a@bücher.example")).toBeNull();
    const other = rewriteSender(Buffer.from("From: b@bücher.example\r\n\r\n"), "a@BÜCHER.example");
    expect(Buffer.from(other!.content).toString()).toBe(
      "From: a@xn--bcher-kva.example\r\nReply-To: b@bücher.example\r\n\r\n",
    );
    expect(other!.original).toBe("b@bücher.example");
  });

  test.each([
    ["From: App <app@example.com>\r\n", "app@example.com"],
    ['From: "a b"@example.com\r\n', '"a b"@example.com'],
    ["From: ann@[IPv6:2001:db8::1]\r\n", "ann@[IPv6:2001:db8::1]"],
    ["From: a\r\n <ann\r\n @example.com>\r\n", "ann@example.com"],
    ["From: Ann ann@example.com\r\n", "ann@example.com"],
    ["", ""],
  ])("tells what stood there: %j", (header, expected) => {
    expect(original(header)).toBe(expected);
  });

  test("no line grows beyond what a server takes", () => {
    const name = "x".repeat(900);
    const address = `${"a".repeat(60)}@example.com`;
    const content = `From: "${name}" <${address}>\r\n\r\n`;
    const lines = rewriteSenderText(content, own).split("\r\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
    const full = `From: ${"x".repeat(992 - "<a@b.example>".length)}<a@b.example>\r\n\r\n`;
    const longest = rewriteSenderText(full, own).split("\r\n");
    expect(Math.max(...longest.map((line) => line.length))).toBeLessThanOrEqual(998);
  });

  test("an own address that is none never gets into a header", () => {
    expect(() => rewriteSender(Buffer.from(rest), "me@provider.example\r\nBcc: eve@example.com")).toThrow(
      MessageError,
    );
  });

  test.each([
    "(",
    "[",
    "<",
    '"',
    "a",
    " ",
    '"@',
    "a(",
    "\\",
    ",",
    "@a:",
  ])("a header of 200,000 times %j is read to its end", (piece) => {
    expect(() => rewritten(`From: ${piece.repeat(200_000)}\r\n`)).not.toThrow();
  });
});

function rewriteSenderText(content: string, address: string): string {
  return Buffer.from(rewriteSender(Buffer.from(content), address)!.content).toString();
}

describe("everything else stays", () => {
  const line = fc.string({ unit: fc.constantFrom(...'abc :;<>@"(\\=?äß漢\t '), maxLength: 30 });
  const otherField = fc
    .tuple(
      fc.constantFrom("To", "Subject", "X-From", "Received", "DKIM-Signature", "Fromm"),
      fc.array(line, { minLength: 1, maxLength: 3 }),
    )
    .map(([name, lines]) => `${name}: ${lines.join("\r\n ")}\r\n`);
  const name = fc.oneof(
    fc.constant(""),
    fc.constantFrom(
      "The App",
      '"App, The \\"one\\""',
      "=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
      "Ann\r\n B.",
      "(x) Ann",
    ),
  );
  const address = fc
    .tuple(
      fc.stringMatching(/^[a-z][a-z0-9.+-]{0,8}[a-z]$/),
      fc.constantFrom("example.com", "Mail.Example.org"),
    )
    .filter(([local]) => !local.includes(".."))
    .map(([local, domain]) => `${local}@${domain}`);
  const mailbox = fc.tuple(name, address).map(([one, of]) => (one === "" ? of : `${one} <${of}>`));
  const from = fc
    .array(mailbox, { minLength: 1, maxLength: 3 })
    .map((all) => `From: ${all.join(",\r\n ")}\r\n`);
  const replyTo = fc.option(
    address.map((one) => `Reply-To: ${one}\r\n`),
    { nil: "" },
  );

  test("every other header and the body, byte for byte, whatever they hold", () => {
    fc.assert(
      fc.property(
        fc.array(otherField, { maxLength: 4 }),
        from,
        fc.array(otherField, { maxLength: 4 }),
        replyTo,
        fc.uint8Array({ maxLength: 200 }),
        (before, sender, after, answer, body) => {
          const content = Buffer.concat([
            Buffer.from(`${before.join("")}${sender}${after.join("")}${answer}\r\n`),
            body,
          ]);
          const result = rewriteSender(content, own)!;
          const reply = answer === "" ? `Reply-To:${sender.slice("From:".length)}` : "";
          const text = Buffer.from(result.content).toString("latin1");
          const start = Buffer.from(before.join("")).toString("latin1");
          const end = Buffer.from(`${reply}${after.join("")}${answer}\r\n`).toString("latin1");
          expect(text.startsWith(`${start}From: `)).toBe(true);
          expect(text.endsWith(`${end}${Buffer.from(body).toString("latin1")}`)).toBe(true);
          const between = text.slice(start.length, text.length - end.length - body.length);
          expect(between).toMatch(/^From: (?:[^\r\n]|\r\n[ \t])*me@provider\.example>?[^@]*\r\n$/);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("readers see the same name, the own address, and whom to answer", async () => {
    await fc.assert(
      fc.asyncProperty(from, replyTo, async (sender, answer) => {
        const source = Buffer.from(`${sender}${answer}Subject: x\r\n\r\nbody\r\n`);
        const before = await simpleParser(source);
        const after = await simpleParser(Buffer.from(rewriteSender(source, own)!.content));
        expect(mailboxes(after.from)).toEqual([{ name: mailboxes(before.from)[0]!.name, address: own }]);
        expect(mailboxes(after.replyTo)).toEqual(mailboxes(answer === "" ? before.from : before.replyTo));
        expect(after.text).toBe(before.text);
      }),
      { numRuns: 200 },
    );
  });

  test("what we compose ourselves parses again, with its name and its attachment", async () => {
    const composed = await compose({
      from: '"Grüße, wir" <app@example.com>',
      to: "ann@example.org",
      subject: "漢字",
      html: "<p>hello</p>",
      attachments: [{ filename: "a.bin", content: Buffer.from([0, 1, 255]) }],
    });
    const result = rewriteSender(composed.content, own)!;
    const parsed = await simpleParser(Buffer.from(result.content));
    expect(result.original).toBe("app@example.com");
    expect(mailboxes(parsed.from)).toEqual([{ name: "Grüße, wir", address: own }]);
    expect(mailboxes(parsed.replyTo)).toEqual([{ name: "Grüße, wir", address: "app@example.com" }]);
    expect(parsed.attachments[0]?.content.equals(Buffer.from([0, 1, 255]))).toBe(true);
    expect(rewriteSender(result.content, own)).toBeNull();
  });
});
