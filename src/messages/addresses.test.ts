import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddress, parseMailbox, parseMailboxes } from "./addresses.ts";
import { MessageError } from "./error.ts";

const refusal = (text: string, parse: (text: string, field: string) => unknown = parseMailbox): string => {
  try {
    parse(text, "to");
  } catch (error) {
    expect(error).toBeInstanceOf(MessageError);
    expect((error as MessageError).field).toMatch(/^to/);
    return (error as MessageError).message;
  }
  throw new Error(`${text} was not refused`);
};

describe("a mailbox", () => {
  test.each([
    ["ada@example.com", "", "ada@example.com"],
    ["<ada@example.com>", "", "ada@example.com"],
    ["Ada <ada@example.com>", "Ada", "ada@example.com"],
    ["  Ada Lovelace   <ada@example.com> ", "Ada Lovelace", "ada@example.com"],
    ['"Lovelace, Ada" <ada@example.com>', "Lovelace, Ada", "ada@example.com"],
    ['"Ada \\"the Countess\\" L" <ada@example.com>', 'Ada "the Countess" L', "ada@example.com"],
    ["Ada (Analytical) <ada@example.com>", "Ada (Analytical)", "ada@example.com"],
    ["ada@work <ada@example.com>", "ada@work", "ada@example.com"],
    ["Übermut 🚀 <ada@example.com>", "Übermut 🚀", "ada@example.com"],
    ["Ada.L+tag/x=1@Example.COM", "", "Ada.L+tag/x=1@example.com"],
    ["grüße@example.com", "", "grüße@example.com"],
    ["用户@例え.jp", "", "用户@xn--r8jz45g.jp"],
    ["ada@bücher.example", "", "ada@xn--bcher-kva.example"],
    ['"john smith"@example.com', "", '"john smith"@example.com'],
    ['<"a@b,c>d"@example.com>', "", '"a@b,c>d"@example.com'],
    ['"plain"@example.com', "", "plain@example.com"],
    ['"a..b"@docomo.example', "", '"a..b"@docomo.example'],
    ["root@localhost", "", "root@localhost"],
    ["ada@[192.0.2.1]", "", "ada@[192.0.2.1]"],
    ["ada@[IPv6:2001:DB8::1]", "", "ada@[IPv6:2001:db8::1]"],
  ])("%s", (text, name, address) => {
    expect(parseMailbox(text, "from")).toMatchObject({ name, address, text: text.trim() });
  });

  test.each([
    ["", /it is empty|nothing stands/],
    ["ada", /there is no @ \(at character 3\)/],
    ["@example.com", /nothing stands before the @/],
    ["ada@", /nothing stands after the @ \(at character 5\)/],
    ["ada@@example.com", /second @ \(at character 5\)/],
    ["ada@a@example.com", /second @/],
    ["ada lovelace@example.com", /a space stands in it \(at character 4\)/],
    [".ada@example.com", /begins with a dot/],
    ["ada.@example.com", /a dot stands before the @ \(at character 4\)/],
    ["a..b@example.com", /two dots stand in a row/],
    ["a(b@example.com", /\( cannot stand before the @/],
    ["ada@exa mple.com", /a space stands in the domain/],
    ["ada@example..com", /two dots stand in a row \(at character 13\)/],
    ["ada@example.com.", /ends with a dot/],
    ["ada@.example.com", /begins with a dot/],
    ["ada@-example.com", /hyphen/],
    ["ada@exa_mple.com", /_ cannot stand in a domain \(at character 8\)/],
    ["ada@192.0.2.1", /stands in brackets/],
    ["ada@１９２.0.2.1", /stands in brackets/],
    ["ada@[192.0.2.300]", /hold no IP address/],
    ["ada@[IPv6:fe80::1%eth0]", /hold no IP address/],
    ["ada@[192.0.2.1", /\[ is not closed/],
    [`${"a".repeat(65)}@example.com`, /65 octets long; 64 are allowed/],
    [`${"ü".repeat(33)}@example.com`, /66 octets long; 64 are allowed/],
    [`ada@${"a".repeat(64)}.com`, /64 octets long; 63 are allowed/],
    [`ada@${`${"a".repeat(49)}.`.repeat(5)}com`, /257 octets long; 254 are allowed|octets long/],
    ["Ada <ada@example.com", /< is not closed \(at character 5\)/],
    ["Ada <ada@example.com> x", /something stands after the address/],
    ['"Ada <ada@example.com>', /not closed|no @/],
    ["Ada <<ada@example.com>>", /< cannot stand before the @/],
    ["undisclosed-recipients:;", /there is no @/],
    ['"ada@example.com', /not closed/],
    ['"ada"x@example.com', /no @ stands after the quotation mark/],
    ['""@example.com', /nothing stands before the @/],
    ["a\u202Eb@example.com", /cannot stand before the @/],
    ["a\u00A0b@example.com", /cannot stand before the @/],
  ])("refuses %s", (text, problem) => {
    expect(refusal(text)).toMatch(problem);
  });

  test("says what was wrong in one line, however long or hostile the text is", () => {
    const said = refusal(`x${"\r\nBcc: all@example.com".repeat(1000)}`);
    expect(said.length).toBeLessThan(300);
    expect(said).not.toMatch(/[\r\n]/);
    expect(said).toMatch(/^to: .*carriage return \(CR\) at character 2/);
  });
});

describe("a list", () => {
  test("is split at commas, but not at those in names and quoted parts", () => {
    const list = parseMailboxes('a@x.example, "B, C" <b@x.example>,<"d,e"@x.example> , f@x.example', "to");
    expect(list.map((m) => m.address)).toEqual([
      "a@x.example",
      "b@x.example",
      '"d,e"@x.example',
      "f@x.example",
    ]);
    expect(list.map((m) => m.text)).toEqual([
      "a@x.example",
      '"B, C" <b@x.example>',
      '<"d,e"@x.example>',
      "f@x.example",
    ]);
  });

  test("may be an array, each with a list of its own, or nothing", () => {
    expect(parseMailboxes(["a@x.example", "b@x.example, c@x.example"], "to")).toHaveLength(3);
    for (const nothing of [undefined, null, "", "  ", []]) expect(parseMailboxes(nothing, "to")).toEqual([]);
  });

  test("names the entry and the place that is wrong", () => {
    const list = (text: string) => parseMailboxes(text, "to");
    expect(refusal("a@x.example,,b@x.example", list)).toMatch(
      /nothing stands between two commas \(at character 13\)/,
    );
    expect(refusal("a@x.example, b", list)).toMatch(/there is no @ \(at character 14\)/);
    expect(refusal("a@x.example; b@x.example", list)).toMatch(
      /commas, not by semicolons \(at character 12\)/,
    );
    expect(() => parseMailboxes(["a@x.example", "b"], "cc")).toThrow(/^cc\[1\]: /);
    expect(() => parseMailboxes([7 as unknown as string], "cc")).toThrow(/^cc\[0\]: an address is expected/);
  });

  test("where one address is wanted is refused", () => {
    expect(refusal("a@x.example, b@x.example")).toMatch(/one address is expected; .* holds 2/);
  });
});

describe("whatever is typed", () => {
  const soup = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc
      .array(fc.constantFrom(...'ab.@<>",;:\\()[] \r\n\0\t-_éж\u202E\u0085', "example.com", "[192.0.2.1]"), {
        maxLength: 25,
      })
      .map((a) => a.join("")),
  );

  test("is parsed or refused with a MessageError, and what is parsed parses to the same again", () => {
    fc.assert(
      fc.property(soup, (text) => {
        let parsed: ReturnType<typeof parseMailboxes>;
        try {
          parsed = parseMailboxes(text, "to");
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
          return;
        }
        for (const { address, domain } of parsed) {
          expect(address).not.toMatch(/[\p{Cc}]/u);
          expect(address.endsWith(`@${domain}`)).toBe(true);
          expect(domain).toMatch(/^[\x21-\x7e]+$/);
          expect(Buffer.byteLength(address)).toBeLessThanOrEqual(254);
          expect(parseAddress(address, "to").address).toBe(address);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("a control character anywhere is refused", () => {
    const control = fc.constantFrom(..."\0\r\n\t\v\f\x1b\x7f\x85");
    const around = fc.constantFrom("ada@example.com", "Ada <ada@example.com>", '"a b"@example.com');
    fc.assert(
      fc.property(around, control, fc.nat(), (text, c, place) => {
        const at = place % (text.length + 1);
        const said = refusal(text.slice(0, at) + c + text.slice(at), parseMailboxes);
        expect(said).toContain(`at character ${at + 1}`);
      }),
    );
  });

  test("long and nested input takes no time to speak of", () => {
    const parts = ['"', "<", ",", "\\", "a@b,", "a..", "(", "@", '"\\'];
    for (const part of parts) {
      try {
        parseMailboxes(part.repeat(100_000), "to");
      } catch (error) {
        expect(error).toBeInstanceOf(MessageError);
      }
    }
  });
});
