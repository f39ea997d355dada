// Patterns told in words: what a page promises must be what the book recognises.
import { expect, test } from "vitest";
import { cause, causeIds } from "./book.ts";
import { phrasesOf } from "./phrases.ts";

test.each<[RegExp, readonly string[]]>([
  [/\btoo many\b/i, ["too many"]],
  [/mailbox (?:is )?full|over ?-?quota/i, ["mailbox full", "over quota"]],
  [/authori[sz]ation code|授权码/i, ["authorisation code", "authorization code", "授权码"]],
  [/\btls ?v?1\.[01]\b.{0,60}not supported/i, ["tls 1.0 … not supported", "tls 1.1 … not supported"]],
  [/^220[ -]\*{4,}|\bX{3,}[A-Z]?\s*$/, ["220 ****", "XXX"]],
  [/unauthenticated email(?!.{0,9}dmarc)/i, ["unauthenticated email"]],
  [/^5\d\d[ -]|^\\x1[56]|^\s*\{/, []],
])("%s", (pattern, phrases) => {
  expect(phrasesOf(pattern)).toEqual(phrases);
});

test("every phrase of the book's patterns is matched by its pattern", () => {
  const signs = causeIds.flatMap((id) => cause(id).signs ?? []);
  const patterns = signs
    .flatMap(({ text, received, issuer, challenge, earlier }) => [text, received, issuer, challenge, earlier])
    .filter((pattern) => pattern !== undefined);
  expect(patterns.length).toBeGreaterThan(50);
  for (const pattern of patterns) {
    for (const phrase of phrasesOf(pattern)) {
      expect(`${phrase.replace(/ ?… ?/g, " ")} `, pattern.source).toMatch(pattern);
      expect(phrase, pattern.source).not.toMatch(/[\\()[\]|?]/);
    }
  }
});
