import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { providers } from "./catalogue/all.ts";
import { AddressError, detect, type MxRecord, type ResolveMx } from "./detect.ts";

const never: ResolveMx = () => {
  throw new Error("the domain alone should have said it");
};
const answers =
  (...records: readonly MxRecord[]): ResolveMx =>
  async () =>
    records;
const fails =
  (code: string): ResolveMx =>
  async () => {
    throw Object.assign(new Error(`queryMx ${code}`), { code });
  };

describe("by domain", () => {
  test("every domain of the catalogue leads to its provider, without a question to the resolver", async () => {
    for (const entry of providers) {
      for (const domain of entry.domains) {
        const found = await detect(`someone@${domain}`, never);
        expect(found).toMatchObject({ provider: { id: entry.id }, by: "domain" });
        expect(found.evidence).toContain(domain);
      }
    }
  });

  test("letter case, blanks around and a final dot play no part", async () => {
    expect((await detect("  Someone@GMAIL.com. ", never)).provider?.id).toBe("gmail");
  });

  test("the domain stands after the last @", async () => {
    expect((await detect("someone@qq.com", never)).provider?.id).toBe("qq");
    await expect(detect("a@gmail.com@qq.com", never)).rejects.toThrow(AddressError);
  });
});

describe("by MX", () => {
  test("every MX ending of the catalogue leads to its provider, at a label boundary", async () => {
    for (const entry of providers) {
      for (const suffix of entry.mxSuffixes) {
        const exchange = `x1.${suffix.toUpperCase()}.`;
        const found = await detect("me@example.com", answers({ exchange, priority: 10 }));
        expect(found, suffix).toMatchObject({ provider: { id: entry.id }, by: "mx" });
        expect(found.evidence).toContain(suffix);
        const glued = await detect("me@example.com", answers({ exchange: `evil${suffix}`, priority: 10 }));
        if (glued.provider !== null) expect(glued.evidence).not.toContain(`, and ${suffix} belongs`);
      }
    }
  });

  test("the longest ending wins: Outlook.com's servers are not taken for those of Microsoft 365", async () => {
    const found = (exchange: string) => detect("me@example.com", answers({ exchange, priority: 0 }));
    expect((await found("outlook-com.olc.protection.outlook.com")).provider?.id).toBe("outlook");
    expect((await found("example-com.mail.protection.outlook.com")).provider?.id).toBe("microsoft-365");
  });

  test("the server that is tried first decides, and one that is foreign is passed over", async () => {
    const found = await detect(
      "me@example.com",
      answers(
        { exchange: "mx.zoho.eu", priority: 30 },
        { exchange: "aspmx.l.google.com", priority: 20 },
        { exchange: "filter.example.net", priority: 10 },
      ),
    );
    expect(found.provider?.id).toBe("google-workspace");
  });

  test("asks for the ASCII form of an internationalised domain", async () => {
    const asked: string[] = [];
    const resolve: ResolveMx = async (domain) => {
      asked.push(domain);
      return [{ exchange: "mxbiz1.qq.com", priority: 5 }];
    };
    expect((await detect("用户@例子.中国", resolve)).provider?.id).toBe("tencent-exmail");
    expect(asked).toEqual(["xn--fsqu00a.xn--fiqs8s"]);
  });
});

describe("nothing recognised", () => {
  test.each([
    ["a foreign server is named", answers({ exchange: "mx.example.net", priority: 1 }), "mx.example.net"],
    ["an empty answer", answers(), "no MX records"],
    ["a null MX", answers({ exchange: "", priority: 0 }), "takes no mail"],
    ["no such domain", fails("ENOTFOUND"), "does not exist"],
    ["no such record", fails("ENODATA"), "no MX records"],
    ["a failing resolver", fails("ESERVFAIL"), "ESERVFAIL"],
    ["a resolver out of reach", fails("ECONNREFUSED"), "ECONNREFUSED"],
  ])("%s", async (_what, resolve, says) => {
    const found = await detect("me@example.com", resolve);
    expect(found).toMatchObject({ provider: null, by: null });
    expect(found.evidence).toContain("example.com");
    expect(found.evidence).toContain(says);
  });

  test("a resolver that never answers ends by the timeout", async () => {
    const found = await detect("me@example.com", () => new Promise(() => undefined), { timeout: 5 });
    expect(found).toMatchObject({ provider: null, by: null });
    expect(found.evidence).toContain("within 5 ms");
  });
});

describe("not an address", () => {
  test.each([
    "",
    "gmail.com",
    "@gmail.com",
    "me@",
    "me@localhost",
    "me@.com",
    "me@example..com",
    "me@-example.com",
    "me@exa mple.com",
    "me@example.com/x",
    "me@[192.0.2.1]",
    "me@192.0.2.1",
    "me you@example.com",
    "me@example.com\r\nBcc: you@example.com",
    "Me <me@example.com>",
    `${"a".repeat(65)}@example.com`,
    `me@${"a".repeat(64)}.com`,
    `me@${"a.".repeat(130)}com`,
  ])("%j is refused with a sentence that says why", async (address) => {
    await expect(detect(address, never)).rejects.toThrow(AddressError);
    await expect(detect(address, never)).rejects.toThrow(/is not an email address: .+name@example\.com\.$/s);
  });

  test("any text is either refused as such or looked up under a plain host name", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.emailAddress(),
          fc.tuple(fc.string(), fc.domain()).map((p) => p.join("@")),
        ),
        async (text) => {
          const asked: string[] = [];
          const resolve: ResolveMx = async (domain) => {
            asked.push(domain);
            return [];
          };
          try {
            await detect(text, resolve);
          } catch (error) {
            if (!(error instanceof AddressError)) throw error;
          }
          for (const domain of asked) expect(domain).toMatch(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
        },
      ),
    );
  });
});
