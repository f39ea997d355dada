import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineWriter } from "./lines.ts";

function written(stuff: boolean, ...parts: readonly string[]): string {
  const writer = lineWriter(stuff);
  const pieces = parts.flatMap((part) => writer.write(Buffer.from(part, "latin1")));
  return Buffer.concat([...pieces, writer.end()]).toString("latin1");
}

/** What a server makes of DATA (RFC 5321 §4.5.2), written as simply as can be. */
function received(wire: string): string {
  expect(wire.endsWith("\r\n")).toBe(true);
  const lines = wire.slice(0, -2).split("\r\n");
  expect(lines.filter((line) => line === ".")).toEqual([]);
  return lines.map((line) => (line.startsWith(".") ? line.slice(1) : line)).join("\r\n");
}

/** Line ends as they should be, written as simply as can be. */
function normalised(content: string): string {
  const text = content.replace(/\r\n|\r|\n/g, "\r\n");
  return text.endsWith("\r\n") ? text.slice(0, -2) : text;
}

const content = fc.string({
  unit: fc.constantFrom("\r", "\n", "\r\n", ".", "\r\n.", "a", "\xff"),
  maxLength: 40,
});

describe("content on the wire", () => {
  test("a server that takes the stuffing out gets the content, however it was cut into parts", () => {
    fc.assert(
      fc.property(content, fc.array(fc.nat(60), { maxLength: 4 }), (text, cuts) => {
        const points = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort(
          (a, b) => a - b,
        );
        const parts = points.slice(1).map((point, index) => text.slice(points[index], point));
        expect(received(written(true, ...parts))).toBe(normalised(text));
        expect(written(false, ...parts)).toBe(`${normalised(text)}\r\n`);
      }),
      { numRuns: 2000 },
    );
  });

  test("no bare CR or LF gets out, so that nothing can be smuggled behind a false end", () => {
    for (const end of ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\n.\r", "\r.\r\n"]) {
      const wire = written(true, `Subject: a\r\n\r\nbody${end}MAIL FROM:<evil@example.com>\r\n`);
      expect(wire).not.toMatch(/[^\r]\n|\r[^\n]/);
      expect(wire).not.toContain("\r\n.\r\n");
    }
  });

  test.each([
    ["", "\r\n"],
    [".", "..\r\n"],
    ["a", "a\r\n"],
    ["a\r", "a\r\n"],
    ["\n", "\r\n"],
    ["\r\n", "\r\n"],
    ["a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"],
    ["..\r\n", "...\r\n"],
  ])("%j is written as %j", (text, wire) => {
    expect(written(true, text)).toBe(wire);
  });

  test("what needs no change is handed on without being copied", () => {
    const part = Buffer.from("Subject: a\r\n\r\nbody\r\n");
    const pieces = lineWriter(true).write(part);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toBe(part);
  });
});
