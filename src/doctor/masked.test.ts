// A report is pasted where everybody reads it: nothing in it may tell whose it is or how they sign in.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { provider } from "../providers/catalogue.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { Masking, type Whereabouts } from "./masked.ts";
import type { Seen } from "./seen.ts";
import type { Setting } from "./test.ts";

const setting = (username: string, password: string, from: string | null = null): Setting => ({
  provider: provider("gmail"),
  endpoint: { host: "smtp.gmail.com", port: 465, security: "tls" },
  serverName: null,
  credentials: { username, password },
  secret: {},
  from,
  ca: [],
  proxy: null,
});
const here: Whereabouts = {
  addresses: ["10.1.2.3", "2a01:4f8::17", "127.0.0.1"],
  name: "web1.corp.example",
  user: "wilma",
};
const masked = (text: string, of: Setting = setting("ann.lee@gmail.com", "abcd efgh ijkl mnop")) =>
  new Masking(of, here).text(text);
const encoded = (text: string) => Buffer.from(text).toString("base64");

describe("what goes", () => {
  test.each([
    ["250 2.1.0 <ann.lee@gmail.com> ok", "250 2.1.0 <***@gmail.com> ok"],
    ["553 ANN.LEE is unknown", "553 *** is unknown"],
    ['rejected: bob@shop.example, "a b"@x.example', "rejected: ***@shop.example, ***@x.example"],
    ["地址bob@shop.example被拒绝", "地址***@shop.example被拒绝"],
    ["the password ABCD EFGH IJKL MNOP", "the password ***"],
    ["the password abcdefghijklmnop!", "the password ***!"],
    [`AUTH PLAIN ${encoded("\0ann.lee@gmail.com\0abcdefghijklmnop")}`, "AUTH PLAIN ***"],
    [`334 x${encoded("hello Ann.Lee")}`, "334 ***"],
    ["EHLO [10.1.2.3]", "EHLO [***]"],
    ["EHLO web1.corp.example", "EHLO ***"],
    ["550 refused from 198.18.7.7 and 2A01:4F8:0::17", "550 refused from *** and ***"],
    ["NODE_EXTRA_CA_CERTS=/home/wilma/ca.pem", "NODE_EXTRA_CA_CERTS=/home/***/ca.pem"],
  ])("%s", (text, shown) => expect(masked(text)).toBe(shown));
});

describe("what stays", () => {
  test.each([
    "smtp.gmail.com port 465 (SSL/TLS)",
    "https://myaccount.google.com/apppasswords",
    "535 5.7.8 Username and Password not accepted",
    "12:30:45 TLSv1.3, TLS_AES_256_GCM_SHA384, OpenSSL 3.0.19",
    "connected to 127.0.0.1:2525, nothing lives at 192.0.2.1",
  ])("%s", (text) => expect(masked(text)).toBe(text));

  test("addresses of the mail server, but not where they are this machine's", () => {
    const masking = new Masking(setting("ann@gmail.com", "abcdefghijklmnop"), here);
    const knock = { family: 4, port: 465, code: null, ms: 1, greeting: null, closed: false } as const;
    const own = ["142.250.1.108", "10.1.2.3"].map((address) => ({ ...knock, address }));
    const controls = { web: [], elsewhere: [], others: [], nowhere: [] };
    const seen = { own, ports: [], controls, routes: { v4: true, v6: false } };
    masking.learn({ setting: setting("a", "b"), at: 0, reach: { seen, ms: 1 } } as Seen);
    expect(masking.text("142.250.1.108:465 and 10.1.2.3:465")).toBe("142.250.1.108:465 and ***:465");
  });

  test("a local part that is only a role, and a user name that everybody has", () => {
    const role = setting("support@gmail.com", "abcdefghijklmnop");
    expect(masked("ask support, see https://support.google.com/mail", role)).toContain("ask support");
    const sendgrid = { ...setting("apikey", "SG.aaaabbbb"), provider: provider("sendgrid") };
    expect(masked("the user name is apikey", sendgrid)).toBe("the user name is apikey");
  });

  test("a host whose name has the user name in it", () => {
    expect(masked("smtp.gmail.com", setting("smtp", "abcdefghijklmnop"))).toBe("smtp.gmail.com");
    expect(masked("smtp said no", setting("smtp", "abcdefghijklmnop"))).toBe("*** said no");
  });
});

/** Words that stand in no text but where they are put. */
const anyName = fc
  .tuple(
    fc.constantFrom("qz", "Qzx", "qzjv", "qz.JVkw", "qz+jv", "qz_ünï", "曲子名"),
    fc.integer({ min: 100, max: 9_999 }),
  )
  .map(([word, number]) => `${word}${number}`);
const anySecret = fc
  .tuple(
    fc.constantFrom("xw-", "XW$1", "x w ", "xw\\(", 'x"w', "xw=/+", "密钥"),
    fc.stringMatching(/^[0-9A-Za-z]{4,20}$/),
  )
  .map(([head, tail]) => head + tail);
const anyForm = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => encoded(text),
  (text) => encoded(`\0${text}\0else`),
  (text) => encoded(`so ${text}`),
  (text) => encoded(`sox ${text}.`),
  (text) => Buffer.from(`=${text}=`).toString("base64url"),
);
const anyPlace = fc.constantFrom<(text: string) => string>(
  (text) => `535 ${text} is wrong`,
  (text) => `<${text}>`,
  (text) => `user=${text};`,
  (text) => `"${text}", ${text}`,
  (text) => `用户名“${text}”不对`,
  (text) => text,
);

test("no name and no secret is left anywhere, in any letter case or in base64", () => {
  const sample = fc.record({
    name: anyName,
    sender: anyName,
    secret: anySecret,
    form: anyForm,
    place: anyPlace,
  });
  fc.assert(
    fc.property(sample, ({ name, sender, secret, form, place }) => {
      const of = setting(`${name}@gmail.com`, secret, `${sender}@shop.example`);
      const told = [name, `${name}@gmail.com`, sender, `${sender}@shop.example`, secret].map((one) =>
        place(form(one)),
      );
      const text = told.join(" and ");
      const remedy = { title: text, explanation: text, steps: [text], links: [] };
      const finding = { probe: "ports", layer: "tcp", status: "fail", ms: 1, detail: text, remedy } as const;
      const whole: Diagnosis = {
        verdict: "failed",
        cause: "tcp.timeout",
        scope: "account",
        stage: "auth",
        remedy,
        evidence: told,
        findings: [finding],
        transcript: [{ ms: 1, from: "server", text }],
        ms: 2,
      };
      const shown = new Masking(of, here).diagnosis(whole);
      const strings = [...stringsOf(shown)].map((one) => one.toLowerCase());
      for (const one of strings)
        for (const needle of [name, sender, secret, secret.replace(/\s/g, "")]) {
          expect(one).not.toContain(needle.toLowerCase());
          for (const run of one.match(/[\w+/-]{4,}/g) ?? [])
            for (const skipped of [0, 1, 2, 3])
              expect(Buffer.from(run.slice(skipped), "base64").toString().toLowerCase()).not.toContain(
                needle.toLowerCase(),
              );
        }
      expect(shown.transcript[0]?.text).toContain("***");
    }),
  );
});

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) yield* stringsOf(each);
}
