import fc from "fast-check";
import { expect, test } from "vitest";
import { Secrets } from "./secrets.ts";

const secret = "Tr0ub4dor&3 (ü)";

test("a secret is masked as it is and in base64, wherever in it", () => {
  const secrets = new Secrets();
  secrets.add(secret);
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const encoded = Buffer.from(before + secret + after).toString("base64");
      expect(secrets.maskText(encoded)).toContain("***");
      const bare = secrets.maskText(`${before}${secret}${after}`);
      expect(bare).not.toContain(secret);
    }),
  );
});

test("what is left of a masked base64 does not give the secret away", () => {
  const secrets = new Secrets();
  secrets.add(secret);
  for (const before of ["", "a", "ab", "\0user\0"]) {
    const left = secrets.maskText(Buffer.from(`${before}${secret}`).toString("base64")).replace("***", "");
    expect(left.length).toBeLessThanOrEqual(Buffer.from(before).toString("base64").length + 4);
  }
});

test("a line that held a secret is masked when it comes back", () => {
  const secrets = new Secrets();
  secrets.addLine("dXNlcgBwYXNz");
  expect(secrets.maskText("501 cannot decode dXNlcgBwYXNz")).toBe("501 cannot decode ***");
});

test("a secret of pattern characters is taken literally, and a reply without it stays the same value", () => {
  const secrets = new Secrets();
  secrets.add(".*+?^$()|[]{}\\/-");
  const reply = { code: 250, enhanced: null, lines: ["anything at all"] };
  expect(secrets.maskReply(reply)).toBe(reply);
  expect(secrets.maskText("x .*+?^$()|[]{}\\/- x")).toBe("x *** x");
});

test("without secrets nothing changes", () => {
  expect(new Secrets().maskText("a")).toBe("a");
});

test("a short secret is hidden where it stands alone, and garbles no other word", () => {
  const secrets = new Secrets();
  secrets.add("pass");
  expect(secrets.maskText("you said pass, pass!")).toBe("you said ***, ***!");
  expect(secrets.maskText("Application-specific password required")).toBe(
    "Application-specific password required",
  );
  expect(secrets.maskText(Buffer.from("\0ann\0pass").toString("base64"))).toContain("***");
});

test("a line that comes back cut off, by the server or by a packet's end, is masked as far as it goes", () => {
  const secrets = new Secrets();
  secrets.add(secret);
  const line = Buffer.from(`\0ann\0${secret}`).toString("base64");
  secrets.addLine(line);
  for (let length = 8; length <= line.length; length += 1) {
    expect(secrets.maskText(`501 what is ${line.slice(0, length)}`)).toBe("501 what is ***");
  }
  expect(secrets.maskText(`${line.slice(0, 12)}... ${line}, ${line}`)).toBe("***... ***, ***");
});

test("a secret beyond ASCII is masked where bytes are shown as escapes", () => {
  const secrets = new Secrets();
  secrets.add("pässwörd-länger");
  expect(secrets.maskText("oops p\\xc3\\xa4ssw\\xc3\\xb6rd-l\\xc3\\xa4nger!")).toBe("oops ***!");
});
