// Whom one asks whether a port is blocked: others, who really listen there, and who are not the same company.
import { describe, expect, test } from "vitest";
import { provider, providers } from "../../providers/catalogue.ts";
import { settingFor, settingOf } from "../names/facts.fixture.ts";
import { isCloudflare } from "./cloudflare.ts";
import { othersOn, ownerOf, siteOf } from "./others.ts";
import { namesAnother } from "./stranger.ts";

describe("others", () => {
  test.each([
    ["gmail", 465, ["smtp.sendgrid.net", "smtp.qq.com"]],
    ["sendgrid", 587, ["smtp.qq.com", "smtp.fastmail.com"]],
    ["163", 25, ["smtp.sendgrid.net", "smtp.mailgun.org"]],
    ["brevo", 2525, ["smtp.sendgrid.net", "smtp.mailgun.org"]],
    ["amazon-ses", 2587, ["smtp.resend.com"]],
  ])("than %s, on port %i", (id, port, hosts) => {
    expect(othersOn(port, settingFor(id, port), 2)).toEqual(hosts);
  });

  test("a server of one's own has all the world to compare with", () => {
    expect(othersOn(587, settingOf("mail.own.example"), 2)).toEqual(["smtp.sendgrid.net", "smtp.qq.com"]);
    expect(othersOn(4711, settingOf("mail.own.example", 4711), 2)).toEqual([]);
  });

  test("of no provider is a host of the same company asked", () => {
    for (const one of providers)
      for (const { port } of one.endpoints) {
        const setting = settingFor(one.id, port);
        const ours = one.endpoints.map(({ host }) => ownerOf(host));
        for (const host of othersOn(port, setting, 3)) expect(ours).not.toContain(ownerOf(host));
      }
    expect(othersOn(994, settingFor("163", 994), 2)).toEqual([]);
    expect(othersOn(587, settingFor("outlook", 587), 9)).not.toContain("smtp.office365.com");
  });
});

test.each([
  ["smtp.qq.com", "qq.com"],
  ["a.b.example.co.uk", "example.co.uk"],
  ["mail.sina.com.cn.", "sina.com.cn"],
  ["localhost", "localhost"],
])("%s belongs to %s", (host, owner) => {
  expect(ownerOf(host)).toBe(owner);
});

test("a provider's site is its own, where the catalogue links to it", () => {
  for (const one of providers) {
    const site = siteOf(one);
    if (site !== null) expect(one.endpoints.map(({ host }) => ownerOf(host))).toContain(ownerOf(site));
  }
  expect(siteOf(provider("fastmail"))).toMatch(/fastmail\.com$/);
});

describe("a stranger's greeting", () => {
  test("no provider's own greeting is taken for one", () => {
    for (const one of providers)
      for (const { host } of one.endpoints)
        expect(namesAnother(`220 ${one.wire.greeting}\\r\\n`, host, one), one.id).toBe(false);
  });

  test.each([
    ["220 transparent-proxy.local ESMTP\\r\\n", true],
    ["220-relay.hosting.example ESMTP Exim", true],
    ["220 ********************", false],
    ["220 newxmesmtplogicsvrszb9-0.qq.com XMail Esmtp QQ Mail Server.", false],
    ["HTTP/1.1 400 Bad Request", false],
    [null, false],
  ])("%s", (greeting, stranger) => {
    expect(namesAnother(greeting, "smtp.qq.com", provider("qq"))).toBe(stranger);
    expect(namesAnother(greeting, "mail.own.example", null)).toBe(false);
  });
});

test("Cloudflare's addresses of both families", () => {
  expect(["104.16.9.9", "172.67.1.1", "2606:4700::1"].map(isCloudflare)).toEqual([true, true, true]);
  expect(["203.0.113.7", "104.32.0.1", "2001:db8::1", ""].map(isCloudflare)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
