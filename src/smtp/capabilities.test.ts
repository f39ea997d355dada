import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCapabilities } from "./capabilities.ts";

const of = (...lines: readonly string[]) =>
  parseCapabilities({ code: 250, enhanced: null, lines: ["mx.example.com at your service", ...lines] });

test("a full list becomes a value", () => {
  const found = of(
    "PIPELINING",
    "SIZE 35882577",
    "STARTTLS",
    "AUTH PLAIN LOGIN XOAUTH2",
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "CHUNKING",
    "ENHANCEDSTATUSCODES",
  );
  expect(found).toMatchObject({
    name: "mx.example.com",
    starttls: true,
    pipelining: true,
    eightBitMime: true,
    smtpUtf8: true,
    dsn: true,
    chunking: true,
    enhancedStatusCodes: true,
    size: 35882577,
    auth: ["PLAIN", "LOGIN", "XOAUTH2"],
  });
});

test.each([
  ["the old equals form", ["AUTH=PLAIN LOGIN"], { auth: ["PLAIN", "LOGIN"] }],
  ["both forms, in either order", ["AUTH=LOGIN", "AUTH LOGIN PLAIN"], { auth: ["LOGIN", "PLAIN"] }],
  ["lower case", ["auth plain", "starttls", "size 10"], { auth: ["PLAIN"], starttls: true, size: 10 }],
  ["8 BITMIME", ["8 BITMIME"], { eightBitMime: true }],
  ["keywords masked by a firewall", ["XXXXXXXA"], { starttls: false }],
  ["SIZE without a number", ["SIZE"], { size: null, declaresSize: true }],
  ["SIZE 0: no fixed limit", ["SIZE 0"], { size: null, declaresSize: true }],
  ["SIZE that is no number", ["SIZE 10MB"], { size: null }],
  ["SIZE of twenty digits", ["SIZE 99999999999999999999"], { size: null }],
  ["SIZE with a trick in it", ["SIZE 0x10"], { size: null }],
] as const)("%s", (_name, lines, expected) => {
  expect(of(...lines)).toMatchObject(expected);
});

test("a greeting alone, or nothing, has no capabilities", () => {
  expect(parseCapabilities({ code: 250, enhanced: null, lines: [""] })).toMatchObject({ name: "", auth: [] });
  expect(parseCapabilities({ code: 250, enhanced: null, lines: [] }).keywords.size).toBe(0);
});

test("any lines give capabilities with a sane size", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
      const { size } = of(...lines);
      expect(size === null || (Number.isSafeInteger(size) && size > 0)).toBe(true);
    }),
  );
});
