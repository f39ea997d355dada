import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bareAddresses, decodeWords, headerFields, unfoldedField } from "./header.ts";

describe("header fields", () => {
  const source = Buffer.from(
    'From: "B, A"\r\n <a@x.example>\r\nno field\r\nSubject: =?utf-8?B?5L2g5aW9?= =?utf-8?Q?_=C3=BC?=\r\n\r\nSubject: body\r\n',
  );

  it("are unfolded, and end at the empty line", () => {
    const fields = headerFields(source);
    expect(fields.map((field) => field.name)).toEqual(["From", "Subject"]);
    expect(fields[0]?.value).toBe('"B, A" <a@x.example>');
    expect(unfoldedField(fields, "subject")).toBe("你好 ü");
  });

  it("know their place in the source", () => {
    const [from] = headerFields(source);
    expect(source.toString("utf8", from?.start, from?.end)).toBe('From: "B, A"\r\n <a@x.example>\r\n');
  });

  it("decode what can be decoded and leave the rest", () => {
    expect(decodeWords("=?gb2312?B?xOO6ww==?= x")).toBe("你好 x");
    expect(decodeWords("=?no-such-charset?Q?a?=")).toBe("=?no-such-charset?Q?a?=");
    expect(decodeWords("=?utf-8*en?Q?a=3Db?=")).toBe("a=b");
  });

  it("of any bytes are read without a failure", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const field of headerFields(Buffer.from(bytes))) decodeWords(field.value);
      }),
    );
  });
});

describe("addresses in a From field", () => {
  it.each([
    ["a@x.example", ["a@x.example"]],
    ['"Doe, \\"J\\" <j@no.example>" <a@x.example>', ["a@x.example"]],
    ["A <a@x.example>, b@y.example (B, really)", ["a@x.example", "b@y.example"]],
    ["undisclosed:;", []],
    ["", []],
  ])("%j holds %j", (value, expected) => {
    expect(bareAddresses(value)).toEqual(expected);
  });
});
