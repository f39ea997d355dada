import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DotContent, unstuff } from "./content.ts";

/** What a sender does to content (RFC 5321 §4.5.2). */
function stuff(content: string): string {
  return `${content.replace(/^\./, "..").replaceAll("\r\n.", "\r\n..")}.\r\n`;
}

const line = fc.string({ unit: fc.constantFrom(".", "a", "\r", "\n", " "), maxLength: 6 });
const lines = fc.array(line, { maxLength: 12 }).map((parts) => parts.map((part) => `${part}\r\n`).join(""));

describe("content between DATA and the final dot", () => {
  it("comes out as it went in, however it is cut, and what follows is left alone", () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(200), { maxLength: 8 }), (content, cuts) => {
        const wire = Buffer.from(`${stuff(content)}NEXT`, "latin1");
        const places = [...new Set(cuts.map((cut) => cut % wire.length))].sort((a, b) => a - b);
        const taken = new DotContent(1_000_000);
        let start = 0;
        let rest: string | null = null;
        for (const place of [...places, wire.length]) {
          const piece = wire.subarray(start, place);
          start = place;
          if (rest !== null) {
            rest += piece.toString("latin1");
            continue;
          }
          const end = taken.take(piece, 0);
          if (end !== -1) rest = piece.toString("latin1", end);
        }
        expect(rest).toBe("NEXT");
        expect(taken.source().toString("latin1")).toBe(content);
      }),
      { numRuns: 2_000 },
    );
  });

  it("over its limit is not kept, but still read to its end", () => {
    const content = new DotContent(10);
    expect(content.take(Buffer.from("0123456789"), 0)).toBe(-1);
    expect(content.take(Buffer.from("0123456789\r\n.\r\nX"), 0)).toBe(15);
    expect(content.tooLarge).toBe(true);
  });

  it("of exactly its limit is kept", () => {
    const content = new DotContent(10);
    expect(content.take(Buffer.from("01234567\r\n.\r\n"), 0)).toBe(13);
    expect(content.size).toBe(10);
    expect(content.tooLarge).toBe(false);
    expect(content.source().toString()).toBe("01234567\r\n");
  });

  it("loses one dot of each line that begins with one, and no other", () => {
    expect(unstuff(Buffer.from("..a\r\nb.\r\n...c\r\n.\n.d")).toString()).toBe(".a\r\nb.\r\n..c\r\n\n.d");
  });
});
