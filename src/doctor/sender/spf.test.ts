import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answered } from "../facts.ts";
import { parseDmarc } from "./dmarc.ts";
import { evaluate, isSpf, parseSpf } from "./spf.ts";

/** A zone of TXT records; what is not there does not exist. */
function zone(records: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const ask = async (name: string): Promise<Answered> => {
    asked.push(name);
    const text = records[name];
    return text === undefined
      ? { values: [], code: "ENOTFOUND", ms: 0 }
      : { values: [text], code: null, ms: 0 };
  };
  return { ask, asked };
}

const problemsIn = (text: string) => parseSpf(text).problems.map(({ en }) => en);

describe("a record", () => {
  test.each([
    "v=spf1 -all",
    "v=spf1 include:sendgrid.net ~all",
    "v=spf1 a mx ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all",
    "v=spf1 a:mail.example.org/24 mx/24 exists:%{i}._spf.example.org redirect=_spf.example.org",
    "v=spf1 ptr exp=why.example.org unknown=modifier -all",
  ])("%s is well", (text) => {
    expect(problemsIn(text)).toEqual([]);
  });

  test.each([
    "inclde:oops",
    "include:",
    "ip4:300.0.0.1",
    "ip4:192.0.2.0/33",
    "ip6:192.0.2.1",
    "all:x",
  ])("%s is no part of one", (word) => {
    expect(problemsIn(`v=spf1 ${word} -all`).join()).toContain(word);
  });

  test("is told from other texts", () => {
    expect(["v=spf1", "V=SPF1 -all", "v=spf10 -all", "spf1", "v=DMARC1"].map(isSpf)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test("of any text is read without a throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const { terms, problems } = parseSpf(`v=spf1 ${text}`);
        expect(terms.length + problems.length).toBeLessThanOrEqual(text.length + 1);
        parseDmarc(text);
      }),
    );
  });
});

describe("an evaluation", () => {
  test("follows includes and redirects, and says what is taken in", async () => {
    const { ask } = zone({
      "_spf.example.org": "v=spf1 include:sendgrid.net ~all",
      "sendgrid.net": "v=spf1 ip4:192.0.2.0/24 ~all",
    });
    const seen = await evaluate("example.org", "v=spf1 a redirect=_spf.example.org", ask);
    expect(seen).toMatchObject({ included: ["_spf.example.org", "sendgrid.net"], lookups: 3, all: "~" });
    expect(seen.problems).toEqual([]);
  });

  test("names what is included and not there", async () => {
    const seen = await evaluate("example.org", "v=spf1 include:gone.example -all", zone({}).ask);
    expect(seen.voids).toBe(1);
    expect(seen.problems[0]?.en).toContain("gone.example");
  });

  test("counts eleven look-ups as too many", async () => {
    const names = Array.from({ length: 11 }, (_, nth) => `s${nth}.example`);
    const { ask } = zone(Object.fromEntries(names.map((name) => [name, "v=spf1 -all"])));
    const text = (count: number) =>
      `v=spf1 ${names
        .slice(0, count)
        .map((name) => `include:${name}`)
        .join(" ")} -all`;
    expect((await evaluate("example.org", text(10), ask)).problems).toEqual([]);
    expect((await evaluate("example.org", text(11), ask)).problems[0]?.en).toContain("11 look-ups");
  });

  test("ends where records include each other in a circle, and asks for each once", async () => {
    const { ask, asked } = zone({
      "a.example": "v=spf1 include:b.example -all",
      "b.example": "v=spf1 include:a.example -all",
    });
    await evaluate("example.org", "v=spf1 include:a.example -all", ask);
    expect(asked).toEqual(["a.example", "b.example"]);
  });

  test("of any record asks a bounded number of times", async () => {
    const word = fc.constantFrom(
      "include:a.b",
      "include:c.d",
      "redirect=e.f",
      "mx",
      "exists:%{i}.x",
      "all",
      "ip4:1.2.3.4",
    );
    const record = fc.array(word, { maxLength: 12 }).map((words) => `v=spf1 ${words.join(" ")}`);
    await fc.assert(
      fc.asyncProperty(record, record, async (own, others) => {
        const { ask, asked } = zone({ "a.b": others, "c.d": others, "e.f": others });
        await evaluate("example.org", own, ask);
        expect(asked.length).toBeLessThanOrEqual(15);
      }),
    );
  });
});
