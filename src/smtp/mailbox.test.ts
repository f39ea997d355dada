import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mailDsn, rcptDsn } from "./dsn.ts";
import { mailbox } from "./mailbox.ts";

describe("an address", () => {
  test.each([
    ["user@example.com", "user@example.com", false],
    ["Postmaster", "Postmaster", false],
    ["o'brien+tag@example.com", "o'brien+tag@example.com", false],
    ["user@[192.0.2.1]", "user@[192.0.2.1]", false],
    ["user@bücher.example", "user@xn--bcher-kva.example", false],
    ["用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d", true],
    ["用户@example.com", "用户@example.com", true],
  ])("%s goes out as %s", (address, text, utf8) => {
    expect(mailbox(address)).toEqual({ text, utf8 });
  });

  test.each([
    "",
    "user",
    "@example.com",
    "user@",
    "a b@example.com",
    "<a@example.com>",
    "a@example.com> SIZE=1",
    "a@example.com\r\nRCPT TO:<b@example.com",
    "a@example.com\nX",
    "a\0@example.com",
    "a\u2028@example.com",
    "a\u0085@example.com",
    "a\ud800@example.com",
    "用户@",
    `${"x".repeat(250)}@example.com`,
  ])("%j is refused", (address) => {
    expect(mailbox(address)).toBeNull();
  });

  test("never holds what could end the command", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.domain(), (local, domain) => {
        const found = mailbox(`${local}@${domain}`);
        if (found !== null) expect(found.text).not.toMatch(/[\p{Cc}\s<>]/u);
      }),
    );
  });
});

describe("the request for a delivery status", () => {
  test("is written in xtext", () => {
    expect(mailDsn({ ret: "HDRS", envid: "QQ314159+a=b c" })).toBe(" RET=HDRS ENVID=QQ314159+2Ba+3Db+20c");
    expect(
      rcptDsn({ address: "", notify: ["SUCCESS", "FAILURE", "SUCCESS"], orcpt: "a+b@example.com" }),
    ).toBe(" NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@example.com");
    expect(rcptDsn({ address: "", orcpt: "用@example.com" })).toBe(" ORCPT=utf-8;\\x{7528}@example.com");
    expect(rcptDsn({ address: "", notify: [] })).toBe("");
  });

  test("is refused where it could break the command, or contradicts itself", () => {
    expect(mailDsn({ envid: "a\r\nb" })).toBeNull();
    expect(mailDsn({ envid: "ü" })).toBeNull();
    expect(mailDsn({ envid: "x".repeat(101) })).toBeNull();
    expect(rcptDsn({ address: "", orcpt: "a\nb" })).toBeNull();
    expect(rcptDsn({ address: "", notify: ["NEVER", "DELAY"] })).toBeNull();
  });
});
