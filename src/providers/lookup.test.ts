import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { providers } from "./catalogue/all.ts";
import { nearestHost, providerOfHost } from "./hosts.ts";
import { nearest, provider, UnknownProvider } from "./lookup.ts";

describe("provider", () => {
  test("finds an entry by its id and by every alias, in any letter case", () => {
    for (const entry of providers) {
      for (const name of [entry.id, ...entry.aliases])
        expect(provider(` ${name.toUpperCase()} `)).toBe(entry);
    }
  });

  test.each([
    ["gmial", "gmail"],
    ["gmal", "gmail"],
    ["outlok", "outlook"],
    ["hotmial", "hotmail"],
    ["sengrid", "sendgrid"],
    ["Zoho Mial", "zoho"],
    ["aliyn", "aliyun"],
    ["icluod", "icloud"],
    ["amazonses", "amazon-ses"],
    ["163mail", "163"],
    ["outlook.de", "outlook"],
    ["SendGrid (Twilio)", "sendgrid"],
  ])("suggests for %s first of all %s", (typed, meant) => {
    expect(nearest(typed)[0]).toBe(meant);
  });

  test("names the nearest in the error, and the way out when nothing is near", () => {
    const failure = (id: string) => {
      try {
        provider(id);
      } catch (error) {
        return error;
      }
      return null;
    };
    const near = failure("gmial");
    expect(near).toBeInstanceOf(UnknownProvider);
    expect(near).toMatchObject({ id: "gmial", suggestions: expect.arrayContaining(["gmail"]) });
    expect(String(near)).toContain('no provider "gmial"');
    expect(String(near)).toContain("Did you mean gmail");
    expect(failure("xyzzyxyzzy")).toMatchObject({ suggestions: [] });
    expect(String(failure("xyzzyxyzzy"))).toContain("host and port");
  });

  test("answers any text with an entry or with UnknownProvider of a bounded message", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5_000 }), (text) => {
        try {
          expect(providers).toContain(provider(text));
        } catch (error) {
          if (!(error instanceof UnknownProvider)) throw error;
          expect(error.message.length).toBeLessThan(1_000);
          expect(error.suggestions.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});

describe("hosts", () => {
  test("leads from every host back to a provider that has it", () => {
    for (const entry of providers) {
      for (const { host } of [...entry.endpoints, ...entry.regions]) {
        if (host === "127.0.0.1") continue;
        const owner = providerOfHost(`${host.toUpperCase()}.`);
        const hosts = [...(owner?.endpoints ?? []), ...(owner?.regions ?? [])].map((known) => known.host);
        expect(hosts).toContain(host);
      }
      for (const host of entry.legacyHosts) expect(providerOfHost(host)?.id).toBe(entry.id);
    }
  });

  test("gives a shared host to the provider that puts it first", () => {
    expect(providerOfHost("smtp.office365.com")?.id).toBe("microsoft-365");
    expect(providerOfHost("smtp-mail.outlook.com")?.id).toBe("outlook");
    expect(providerOfHost("smtp.gmail.com")?.id).toBe("gmail");
  });

  test("knows nobody by this machine, and nobody by a foreign host", () => {
    for (const host of ["127.0.0.1", "localhost", "mail.example.com", ""]) {
      expect(providerOfHost(host)).toBeNull();
    }
  });

  test.each([
    ["smtp.gmial.com", "smtp.gmail.com"],
    ["smtp.gmail.con", "smtp.gmail.com"],
    ["smpt.qq.com", "smtp.qq.com"],
    ["smtp.sengrid.net", "smtp.sendgrid.net"],
    ["smtp.zoho.om", "smtp.zoho.com"],
  ])("takes %s for a misspelling of %s", (typed, meant) => {
    expect(nearestHost(typed)).toBe(meant);
  });

  test("takes no known host and no foreign one for a misspelling", () => {
    for (const host of [
      "smtp.zoho.eu",
      "smtp.126.com",
      "smtp.163.com",
      "mail.example.com",
      "localhost",
      "",
    ]) {
      expect(nearestHost(host)).toBeNull();
    }
  });
});
