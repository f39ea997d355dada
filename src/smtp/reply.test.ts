import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatEnhanced,
  formatReply,
  maxLineBytes,
  maxReplyBytes,
  maxReplyLines,
  type Reply,
  type ReplyFault,
  ReplyParser,
  replyLines,
} from "./reply.ts";

/** Feeds the chunks in order and collects what comes out, up to the first fault. */
function parse(...chunks: readonly (string | Buffer)[]): (Reply | ReplyFault)[] {
  const parser = new ReplyParser();
  const found: (Reply | ReplyFault)[] = [];
  for (const chunk of chunks) {
    parser.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    for (let reply = parser.next(); reply !== null; reply = parser.next()) {
      found.push(reply);
      if ("fault" in reply) return found;
    }
  }
  return found;
}

const text = fc.string({
  unit: fc.constantFrom(..."abcXYZ 0123456789.-<>@ü中"),
  maxLength: 60,
});
const reply = fc.record({
  code: fc.integer({ min: 200, max: 599 }),
  lines: fc.array(text, { minLength: 1, maxLength: 6 }),
});

describe("replies", () => {
  test("come out the same however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(reply, { maxLength: 5 }),
        fc.array(fc.nat(400)),
        fc.boolean(),
        (replies, cuts, bareLf) => {
          const end = bareLf ? "\n" : "\r\n";
          const wire = Buffer.from(
            replies
              .flatMap((each) => replyLines({ ...each, enhanced: null }))
              .map((line) => line + end)
              .join(""),
          );
          const points = [0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length].sort(
            (a, b) => a - b,
          );
          const chunks = points.slice(1).map((point, index) => wire.subarray(points[index], point));
          const found = parse(...chunks);
          expect(
            found.map((each) => ("fault" in each ? each : { code: each.code, lines: each.lines })),
          ).toEqual(replies);
        },
      ),
    );
  });

  test("any bytes end in replies, in a fault or in waiting, never in an exception", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
        const parser = new ReplyParser();
        for (const chunk of chunks) {
          parser.push(Buffer.from(chunk));
          for (let next = parser.next(); next !== null; next = parser.next()) if ("fault" in next) return;
          expect(parser.buffered).toBeLessThanOrEqual(maxReplyBytes + maxLineBytes);
        }
      }),
    );
  });

  test("the enhanced status is that of the first line that agrees with the code", () => {
    const [found] = parse(
      "550-no status\r\n550-2.0.0 of another class\r\n550-5.7.1 this\r\n550 5.0.0 not this\r\n",
    );
    expect(found).toMatchObject({ enhanced: { class: 5, subject: 7, detail: 1 } });
    expect(formatEnhanced((found as Reply).enhanced!)).toBe("5.7.1");
    for (const wrong of ["5.7", "5.7.", "5.7.1234", "5.7.1x", "3.7.1", "5,7,1"]) {
      expect(parse(`550 ${wrong} text\r\n`)[0]).toMatchObject({ enhanced: null });
    }
  });

  test("a code alone, without text, is a reply", () => {
    expect(parse("250\r\n", "354\n")).toEqual([
      { code: 250, enhanced: null, lines: [""] },
      { code: 354, enhanced: null, lines: [""] },
    ]);
    expect(formatReply(parse("250-a\r\n250 b\r\n")[0] as Reply)).toBe("250 a b");
  });

  test("control characters never reach a terminal", () => {
    expect(parse("250 \u001b[31mred\u0007 \u009b tab\there\r\n")[0]).toMatchObject({
      lines: ["\uFFFD[31mred\uFFFD \uFFFD tab\there"],
    });
  });

  test("text in GBK and in Latin-1 is read as such", () => {
    const gbk = Buffer.concat([
      Buffer.from("550 "),
      Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
      Buffer.from("\r\n"),
    ]);
    expect(parse(gbk)[0]).toMatchObject({ lines: ["中文"] });
    expect(parse(Buffer.from("550 für\r\n", "latin1"))[0]).toMatchObject({ lines: ["für"] });
  });

  describe("bounds", () => {
    test("a line may have 4096 bytes with its end, and not one more", () => {
      const fitting = `250 ${"x".repeat(maxLineBytes - 6)}\r\n`;
      expect(parse(fitting)[0]).toMatchObject({ code: 250 });
      expect(parse(`250 ${"x".repeat(maxLineBytes - 5)}\r\n`)[0]).toMatchObject({ fault: "LINE_TOO_LONG" });
      expect(parse(`250 ${"x".repeat(maxLineBytes)}`)[0]).toMatchObject({ fault: "LINE_TOO_LONG" });
    });

    test("a reply that never ends is stopped by its lines and by its bytes", () => {
      expect(parse(...new Array<string>(maxReplyLines).fill("250-x\r\n"))).toMatchObject([
        { fault: "REPLY_TOO_LONG" },
      ]);
      const long = `250-${"x".repeat(4000)}\r\n`;
      expect(parse(...new Array<string>(20).fill(long))).toMatchObject([{ fault: "REPLY_TOO_LONG" }]);
    });

    test.each([
      "HTTP/1.1 400 Bad Request\r\n",
      "\r\n",
      "25\r\n",
      "199 x\r\n",
      "600 x\r\n",
      "2x0 x\r\n",
      "250_x\r\n",
      "\u0015\u0003\u0001",
      "+OK",
    ])("%j is not SMTP, without waiting for more", (bytes) => {
      const [fault] = parse(bytes);
      expect(fault).toMatchObject({ fault: "NOT_SMTP" });
      expect((fault as ReplyFault).received).not.toMatch(/\p{Cc}/u);
    });
  });
});
