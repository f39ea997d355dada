import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { simpleParser } from "mailparser";
import { describe, expect, test } from "vitest";
import { compose, type Mail, MessageError } from "./compose.ts";

const now = 1_800_000_000_000;
const hour = 3_600_000;

const plain = {
  from: "App <app@example.com>",
  to: "ada@example.net",
  subject: "Hello",
  text: "Good day",
} as const satisfies Mail;

const composed = (mail: Partial<Mail> = {}, options = {}) =>
  compose({ ...plain, ...mail }, { now, ...options });
const source = async (mail: Partial<Mail> = {}) => Buffer.from((await composed(mail)).content).toString();
const header = async (mail: Partial<Mail> = {}) => (await source(mail)).split("\r\n\r\n")[0]!;

const refusal = async (mail: Partial<Mail>, options = {}): Promise<MessageError> => {
  const error = await composed(mail, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MessageError);
  return error as MessageError;
};

describe("a composed message", () => {
  test("has an envelope, a view and an identity", async () => {
    const message = await composed({
      to: ["Ada <ada@example.net>", "bob@example.net"],
      cc: "carol@EXAMPLE.net",
      bcc: "dave@bücher.example, ada@example.net",
      replyTo: "help@example.com",
      route: "main",
      sensitive: true,
      tags: [{ name: "kind", value: "welcome" }],
    });
    expect(message).toMatchObject({
      lane: "normal",
      route: "main",
      envelopeFrom: "app@example.com",
      recipients: ["ada@example.net", "bob@example.net", "carol@example.net", "dave@xn--bcher-kva.example"],
      view: {
        from: "App <app@example.com>",
        to: ["Ada <ada@example.net>", "bob@example.net"],
        cc: ["carol@EXAMPLE.net"],
        bcc: ["dave@bücher.example", "ada@example.net"],
        replyTo: ["help@example.com"],
        subject: "Hello",
        tags: [{ name: "kind", value: "welcome" }],
      },
      sensitive: true,
      createdAt: now,
      notBefore: null,
      expiresAt: now + 48 * hour,
    });
    expect(message.messageId).toBe(`<${message.id}@example.com>`);
  });

  test("has the headers of RFC 5322, and Bcc nowhere", async () => {
    const text = await source({
      bcc: "secret@example.org",
      cc: "carol@example.net",
      replyTo: "Help <help@example.com>",
    });
    const message = await simpleParser(text);
    const names = [...message.headers.keys()].sort();
    expect(names).toEqual(
      [
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "subject",
        "to",
      ].sort(),
    );
    expect(message.date!.getTime()).toBe(now);
    expect(text).not.toMatch(/bcc|secret@example\.org/i);
    expect(text).not.toMatch(/auto-submitted/i);
  });

  test("goes to blind recipients alone when there are no others", async () => {
    const message = await composed({ to: undefined, bcc: ["a@example.net", "b@example.net"] });
    expect(message.recipients).toEqual(["a@example.net", "b@example.net"]);
    expect(Buffer.from(message.content).toString()).not.toContain("example.net");
  });

  test("comes out of a parser as it went in: scripts, emoji, long and odd lines", async () => {
    const subject = `Grüße 🚀 ${"日本語の件名 ".repeat(20)}end`;
    const text = `Zeile 1\r\n.\r\n..dots\r\nFrom here\r\n${"x".repeat(3000)}\r\n\tTab, 漢字, 🚀, NUL \0 and so on\r\n`;
    const html = `<p>${"é".repeat(2000)}</p>`;
    const message = await simpleParser(
      await source({
        from: '"Ünal, Ö. 🚀" <app@example.com>',
        to: 'Zoë \\ "Z" <zoe@example.net>',
        subject,
        text,
        html,
      }),
    );
    expect(message.subject).toBe(subject);
    expect(message.text).toBe(text.replaceAll("\r\n", "\n"));
    expect(message.html).toBe(html);
    expect(message.from!.value).toEqual([{ name: "Ünal, Ö. 🚀", address: "app@example.com" }]);
  });

  test("keeps attachments byte for byte", async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const large = randomBytes(1_000_000);
    const lines = Buffer.from("a\nb\r\nc\rd\0\n.\r\n");
    const message = await simpleParser(
      await source({
        html: '<img src="cid:logo@app">',
        attachments: [
          { content: new Uint8Array(every), filename: "all bytes.bin" },
          { content: large, filename: "größe 🚀.dat", contentType: "application/octet-stream" },
          { content: lines, filename: "lines.txt", contentType: "text/plain" },
          { content: every.toString("base64"), filename: "logo.png", contentId: "logo@app" },
          { content: every.toString("base64url").replace(/.{60}/g, "$&\r\n"), filename: "url.bin" },
        ],
      }),
    );
    const by = Object.fromEntries(message.attachments.map((a) => [a.filename, a]));
    expect(Object.keys(by).sort()).toEqual(
      ["all bytes.bin", "größe 🚀.dat", "lines.txt", "logo.png", "url.bin"].sort(),
    );
    for (const name of ["all bytes.bin", "logo.png", "url.bin"])
      expect(by[name]!.content.equals(every)).toBe(true);
    expect(by["größe 🚀.dat"]!.content.equals(large)).toBe(true);
    expect(by["lines.txt"]!.content.equals(lines)).toBe(true);
    expect(by["logo.png"]).toMatchObject({
      contentType: "image/png",
      cid: "logo@app",
      contentDisposition: "inline",
    });
    expect(by["all bytes.bin"]!.contentDisposition).toBe("attachment");
  });

  test("of many megabytes is built piece by piece: whole at the end, and others have their turns meanwhile", async () => {
    const lines = (letter: string) => Buffer.from(`${letter.repeat(70)}\r\n`.repeat(60_000));
    const files = [
      { filename: "a.bin", contentType: "application/octet-stream", content: randomBytes(3_000_001) },
      { filename: "b.txt", contentType: "text/plain", content: lines("\u00fc") },
      { filename: "c.eml", contentType: "message/rfc822", content: lines("x") },
    ];
    let turns = 0;
    const count = () => {
      turns += 1;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);
    const { content } = await composed({ attachments: files });
    clearImmediate(turning);
    expect(turns).toBeGreaterThan(content.byteLength / (700 * 1024));
    const parsed = await simpleParser(Buffer.from(content), { keepCidLinks: true });
    expect(parsed.text?.trim()).toBe(plain.text);
    for (const [index, file] of files.entries()) {
      const { filename, content: arrived } = parsed.attachments[index]!;
      expect([filename, Buffer.compare(arrived, file.content)]).toEqual([file.filename, 0]);
    }
  });

  test("keeps an attached message as it was, also one whose lines SMTP does not carry", async () => {
    const clean = Buffer.from("Subject: inner\r\n\r\nGrüße\r\n");
    const odd = Buffer.from(`Subject: inner\n\nlone \r and ${"x".repeat(2000)}`);
    const attachments = [
      { content: clean, filename: "clean.eml" },
      { content: odd, filename: "odd.eml" },
    ];
    const text = await source({ attachments });
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).toContain(clean.toString());
    const found = (await simpleParser(text)).attachments.find((a) => a.filename === "odd.eml")!;
    expect(text).toMatch(/Content-Type: application\/octet-stream;\s+name=odd\.eml/);
    expect(found.content.equals(odd)).toBe(true);
  });

  test("reads no file and fetches nothing, whatever an attachment's fields look like", async () => {
    const hostile = { content: { path: "/etc/hostname" }, path: "/etc/hostname" } as unknown as {
      content: string;
    };
    expect(await refusal({ attachments: [hostile] })).toMatchObject({ field: "attachments[0].content" });
    const message = await simpleParser(
      await source({
        attachments: [
          { content: "aGk=", path: "/etc/hostname", href: "http://127.0.0.1/" } as { content: string },
        ],
      }),
    );
    expect(message.attachments[0]!.content.toString()).toBe("hi");
    expect(await refusal({ text: { path: "/etc/hostname" } as unknown as string })).toMatchObject({
      field: "text",
    });
  });

  test("has CRLF line ends only, and no line over 998 octets", async () => {
    const piece = fc.constantFrom(
      "a",
      "é",
      "🚀",
      "\r",
      "\n",
      "\r\n",
      "\0",
      ".",
      " ",
      "\t",
      "x".repeat(700),
      "=",
      "From ",
    );
    const body = fc.array(piece, { maxLength: 30 }).map((all) => all.join(""));
    await fc.assert(
      fc.asyncProperty(body, body, async (text, html) => {
        const content = Buffer.from((await composed({ text, html })).content).toString("latin1");
        expect(content.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
        for (const line of content.split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
      }),
      { numRuns: 150 },
    );
  });

  test("carries further headers, encoded where needed", async () => {
    const text = await header({
      headers: {
        "X-Order": "№ 7",
        "List-Unsubscribe": "<https://example.com/u>",
        References: "<a@x.example> <b@x.example>",
      },
    });
    const parsed = await simpleParser(`${text}\r\n\r\n`);
    expect(text).toContain("X-Order: =?UTF-8?B?4oSWIDc=?=");
    expect(text).toContain("List-Unsubscribe: <https://example.com/u>");
    expect(parsed.references).toEqual(["<a@x.example>", "<b@x.example>"]);
  });
});

describe("what would forge or break a message is refused, by field", () => {
  const breaks = fc.constantFrom(
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\u0085",
    "\r\nBcc: all@example.org",
    "\r\n\r\n.\r\n",
  );
  const around = fc.string({ maxLength: 20 });

  test.each<[string, (text: string) => Partial<Mail>]>([
    ["from", (text) => ({ from: `A${text} <app@example.com>` })],
    ["to", (text) => ({ to: `ada@example.net${text}` })],
    ["cc[0]", (text) => ({ cc: [`"${text}" <ada@example.net>`] })],
    ["bcc", (text) => ({ bcc: `a${text}@example.net` })],
    ["replyTo", (text) => ({ replyTo: `a@example.net${text}` })],
    ["subject", (text) => ({ subject: `Hi${text}` })],
    ["headers.X-Note", (text) => ({ headers: { "X-Note": text } })],
    ["headers", (text) => ({ headers: { [`X-Note${text}`]: "x" } })],
    ["attachments[0].filename", (text) => ({ attachments: [{ content: "", filename: `a${text}.txt` }] })],
    [
      "attachments[0].contentType",
      (text) => ({ attachments: [{ content: "", contentType: `text/plain${text}` }] }),
    ],
    ["attachments[0].contentId", (text) => ({ attachments: [{ content: "", contentId: `a${text}` }] })],
    ["tags[0].value", (text) => ({ tags: [{ name: "a", value: text }] })],
  ])("a line break or control character in %s", async (field, mail) => {
    await fc.assert(
      fc.asyncProperty(around, breaks, around, async (before, middle, after) => {
        const error = await refusal(mail(before + middle + after));
        expect(error.field).toBe(field);
        expect(error.message).not.toMatch(/[\p{Cc}]/u);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    "\r",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
  ])("%j before the parameters of a media type", async (blank) => {
    const attachments = [{ content: "", contentType: `text/plain${blank}; charset=utf-8` }];
    expect((await refusal({ attachments })).field).toBe("attachments[0].contentType");
  });

  test("anything in any field: either it is refused, or the header has exactly the fields it should", async () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (name, subject, value) => {
        let message: Awaited<ReturnType<typeof compose>>;
        try {
          message = await composed({
            from: `"${name}" <app@example.com>`,
            subject: `S${subject}`,
            headers: { "X-A": `v${value}` },
          });
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
          return;
        }
        const raw = Buffer.from(message.content).toString("latin1").split("\r\n\r\n")[0]!;
        const names = raw.split(/\r\n(?![ \t])/).map((line) => line.slice(0, line.indexOf(":")));
        expect(names.sort()).toEqual(
          [
            "Content-Transfer-Encoding",
            "Content-Type",
            "Date",
            "From",
            "MIME-Version",
            "Message-ID",
            "Subject",
            "To",
            "X-A",
          ].sort(),
        );
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    "From",
    "to",
    "CC",
    "Bcc",
    "Reply-To",
    "Sender",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "content-x",
    "Received",
    "Return-Path",
    "DKIM-Signature",
    "Resent-To",
    "X-Postrider-Lane",
  ])("the header %s, which is ours to write", async (name) => {
    expect(await refusal({ headers: { [name]: "x" } })).toMatchObject({ field: `headers.${name}` });
  });

  test.each(["", "X Note", "X-Note:", "Überschrift", "X-\u00A0"])("the header name %j", async (name) => {
    expect((await refusal({ headers: { [name]: "x" } })).field).toBe("headers");
  });

  test.each<[string, Partial<Mail>, RegExp]>([
    ["from", { from: undefined }, /a sender is needed/],
    ["from", { from: "a@x.example, b@x.example" }, /one address is expected/],
    ["to", { to: [] }, /at least one recipient/],
    ["text", { text: undefined }, /a text or an html body is needed/],
    ["text", { text: "\uD800" }, /half of a character/],
    ["subject", { subject: "s".repeat(2001) }, /2001 characters long; 2000 are allowed/],
    ["headers.X-Long", { headers: { "X-Long": "x".repeat(1000) } }, /no space to break it at/],
    [
      "headers.X-Obj",
      { headers: { "X-Obj": { prepared: true, value: "x\r\nBcc: y" } as unknown as string } },
      /has to be text/,
    ],
    ["lane", { lane: "express" as "bulk" }, /"express" is none; there are urgent, normal, bulk/],
    ["expiresAt", { expiresAt: now }, /is over already/],
    ["expiresAt", { expiresAt: now + hour, notBefore: now + hour }, /is not after notBefore/],
    ["notBefore", { notBefore: new Date(Number.NaN) }, /no point in time/],
    ["attachments[0].content", { attachments: [{ content: "so!" }] }, /not base64: "!"/],
    ["attachments[0].content", { attachments: [{ content: "aGkaa" }] }, /a character is missing/],
    [
      "attachments[0].contentType",
      { attachments: [{ content: "", contentType: "multipart/mixed" }] },
      /not the type of a file/,
    ],
    ["tags", { tags: Array.from({ length: 51 }, () => ({ name: "a", value: "b" })) }, /there are 51; 50/],
  ])("%s: %o", async (field, mail, problem) => {
    const error = await refusal(mail);
    expect(error.field).toBe(field);
    expect(error.message).toMatch(problem);
  });

  test("more recipients than the limit, counted once each", async () => {
    const to = Array.from({ length: 12 }, (_, n) => `r${n % 11}@example.net`);
    expect((await refusal({ to }, { maxRecipients: 10 })).message).toMatch(
      /there are 11 recipients; 10 are allowed/,
    );
    expect((await composed({ to }, { maxRecipients: 11 })).recipients).toHaveLength(11);
  });

  test("a message of 100 MB where the limit is 35 MiB, with both sizes named", async () => {
    const attachments = [{ content: new Uint8Array(100_000_000), filename: "film.mp4" }];
    const { message, field } = await refusal({ attachments });
    expect(field).toBe("message");
    expect(message).toMatch(/it is 127\.2 MiB .*; the limit is 35\.0 MiB \(36700160 bytes\)/);
  });

  test("a message that grows over the limit by being encoded", async () => {
    const { content } = await composed({ text: "é".repeat(1000) });
    expect(
      (await refusal({ text: "é".repeat(1000) }, { maxBytes: content.byteLength - 1 })).message,
    ).toContain(`${content.byteLength} bytes`);
    await composed({ text: "é".repeat(1000) }, { maxBytes: content.byteLength });
  });
});

describe("lane and times", () => {
  test.each([
    ["urgent", 1],
    ["normal", 48],
    ["bulk", 120],
  ] as const)("%s is tried for %i hours when nobody says", async (lane, hours) => {
    expect(await composed({ lane })).toMatchObject({ lane, expiresAt: now + hours * hour });
    expect(await composed({ lane, notBefore: now + hour })).toMatchObject({
      notBefore: now + hour,
      expiresAt: now + (hours + 1) * hour,
    });
  });

  test("are taken as dates or numbers; a time in the past means at once", async () => {
    expect(await composed({ notBefore: new Date(now + 5), expiresAt: new Date(now + 9) })).toMatchObject({
      notBefore: now + 5,
      expiresAt: now + 9,
    });
    expect((await composed({ notBefore: now - 1 })).notBefore).toBeNull();
  });
});
