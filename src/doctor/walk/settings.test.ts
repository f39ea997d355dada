// What a setting tells by its looks: each mistake by its cause, nothing where all is well.
import { describe, expect, test } from "vitest";
import { providers } from "../../providers/catalogue/all.ts";
import { provider } from "../../providers/lookup.ts";
import { settingToExamine } from "../setting.ts";
import type { Setting } from "../test.ts";
import { readSettings } from "./settings.ts";
import { factsOf, failedAt, finding, read, wire } from "./walk.fixture.ts";

const gmail: Setting = {
  ...wire,
  provider: provider("gmail"),
  endpoint: { host: "smtp.gmail.com", port: 465, security: "tls" },
  credentials: { username: "me@gmail.com", password: "abcdefghijklmnop" },
  secret: { secretKind: "app-password", secretShape: { matchesPattern: true, hasSpaces: false } },
  from: "me@gmail.com",
};

const end = (host: string, port = 465, security: Setting["endpoint"]["security"] = "tls") => ({
  endpoint: { host, port, security },
});

const login = (username: string, password = "abcdefghijklmnop") => ({ credentials: { username, password } });

test("an account as its provider documents it has nothing against it", () => {
  for (const entry of providers) {
    const { username, secret, from } = demoLike(entry);
    const account = { ...wire, provider: entry, credentials: { username, accessToken: secret }, from };
    for (const { host, port, security } of entry.endpoints) {
      const found = readSettings(factsOf({ ...account, endpoint: { host, port, security } }, null));
      expect(found.filter(({ cause }) => cause !== undefined)).toEqual([]);
    }
  }
});

/** What somebody who read the documentation enters. */
function demoLike({ username: { value, kind, pattern } }: (typeof providers)[number]) {
  const names = [
    "me@example.com",
    "me",
    "AKIAABCDEFGHIJKLMNOP",
    "me@smtp-brevo.com",
    "MS_abc123@example.com",
  ];
  const fits = (name: string) =>
    (kind !== "address" || name.includes("@")) &&
    (kind !== "local-part" || !name.includes("@")) &&
    (pattern === undefined || new RegExp(pattern).test(name));
  const username = value ?? names.find(fits) ?? "";
  return { username, secret: "token", from: kind === "address" && pattern === undefined ? username : null };
}

describe("a mistake is told by its cause", () => {
  test.each<[string, Partial<Setting>, string, "warn" | "fail"]>([
    [
      "465 with STARTTLS",
      end("smtp.gmail.com", 465, "starttls"),
      "config.plain-on-implicit-tls-port",
      "warn",
    ],
    [
      "465 without encryption",
      end("smtp.gmail.com", 465, "none"),
      "config.plain-on-implicit-tls-port",
      "warn",
    ],
    ["587 with SSL/TLS", end("smtp.gmail.com", 587, "tls"), "config.tls-on-starttls-port", "warn"],
    ["port 0", end("smtp.gmail.com", 0), "config.port-not-a-number", "fail"],
    ["no port", end("smtp.gmail.com", Number.NaN), "config.port-not-a-number", "fail"],
    ["port 65536", end("smtp.gmail.com", 65_536), "config.port-not-a-number", "fail"],
    ["993", end("smtp.gmail.com", 993), "config.imap-or-pop-host", "warn"],
    ["an IMAP host", end("imap.gmail.com"), "config.imap-or-pop-host", "warn"],
    [
      "a POP host elsewhere",
      { ...end("pop3.example.org"), provider: null },
      "config.imap-or-pop-host",
      "warn",
    ],
    ["a misspelled host", end("smtp.gmial.com"), "config.host-typo", "warn"],
    ["a scheme", end("smtps://smtp.gmail.com"), "config.host-typo", "fail"],
    ["a port in the host", end("smtp.gmail.com:465"), "config.host-typo", "fail"],
    ["a blank", end("smtp.gmail.com "), "config.host-typo", "fail"],
    ["an address as host", end("me@smtp.gmail.com"), "config.host-typo", "fail"],
    ["an MX", { ...end("smtp.google.com", 587, "starttls") }, "config.host-exists-but-wrong-role", "warn"],
    ["another MX", { ...end("aspmx.l.google.com") }, "config.host-exists-but-wrong-role", "warn"],
    ["web mail", end("mail.google.com"), "config.host-exists-but-wrong-role", "warn"],
    ["the bare domain", end("gmail.com"), "config.host-exists-but-wrong-role", "warn"],
    ["no host", end(""), "config.falls-back-to-localhost", "fail"],
    ["an unset variable as host", end("undefined"), "config.env-value-mangled", "warn"],
    ["an unfilled template as host", end("\u0024{SMTP_HOST}"), "config.env-value-mangled", "warn"],
    ["a user name without domain", login("me"), "config.username-not-full-address", "warn"],
    ["an address from a URL", login("me%40gmail.com"), "config.env-value-mangled", "warn"],
    ["a user name with a blank", login("me@gmail.com "), "config.env-value-mangled", "warn"],
    [
      "quotes around the secret",
      login("me@gmail.com", '"abcdefghijklmnop"'),
      "config.env-value-mangled",
      "warn",
    ],
    ["smart quotes", login("me@gmail.com", "“abcdefghijklmnop”"), "config.env-value-mangled", "warn"],
    [
      "a secret of full width",
      login("me@gmail.com", "ａbcdefghijklmnop"),
      "config.env-value-mangled",
      "warn",
    ],
    [
      "a zero-width blank",
      login("me@gmail.com", "abcdefghijklmnop\u200b"),
      "config.env-value-mangled",
      "warn",
    ],
    ["an unset secret", login("me@gmail.com", "undefined"), "config.env-value-mangled", "warn"],
    ["no secret", login("me@gmail.com", ""), "config.env-value-mangled", "fail"],
    ["the example's secret", login("me@gmail.com", "your-app-password"), "config.env-value-mangled", "warn"],
    [
      "no credentials",
      { credentials: null, secret: { secretKind: "none" } },
      "envelope.authentication-required",
      "warn",
    ],
    [
      "blanks inside the secret",
      {
        ...login("me@gmail.com", "abcd efgh ijkl mnop"),
        secret: { secretShape: { matchesPattern: true, hasSpaces: true }, secretKind: "app-password" },
      },
      "config.app-password-spaces",
      "warn",
    ],
    [
      "the account's own password",
      {
        ...login("me@gmail.com", "Summer2026"),
        secret: { secretShape: { matchesPattern: false, hasSpaces: false }, secretKind: "app-password" },
      },
      "auth.app-password-required",
      "warn",
    ],
    ["a From without domain", { from: "noreply" }, "envelope.syntax", "fail"],
    ["a From of this machine", { from: "root@localhost" }, "envelope.domain-not-found", "warn"],
    [
      "another From at QQ",
      { ...end("smtp.qq.com"), provider: provider("qq"), ...login("me@qq.com"), from: "boss@qq.com" },
      "envelope.sender-not-owned",
      "warn",
    ],
    [
      "SES with another user name",
      {
        ...end("email-smtp.us-east-1.amazonaws.com"),
        provider: provider("amazon-ses"),
        ...login("me@example.com"),
      },
      "config.username-not-full-address",
      "warn",
    ],
  ])("%s", (_name, change, cause, status) => {
    const found = readSettings(factsOf({ ...gmail, ...change }, null));
    expect(finding(found, cause)).toMatchObject({ status });
    expect(
      found.filter((one) => one.status === "fail" || one.status === "warn").map((one) => one.cause),
    ).toEqual([cause]);
    expect(JSON.stringify(found)).not.toMatch(/Summer2026|abcdefghijklmnop/);
  });

  test("and what is only old is told without one", () => {
    const found = readSettings(
      factsOf({ ...gmail, ...end("smtp.live.com", 587, "starttls"), provider: provider("hotmail") }, null),
    );
    expect(found.find(({ status }) => status === "warn")?.detail.en).toContain("former name");
  });
});

describe("a warning", () => {
  const setting = { ...gmail, ...end("smtp.gmail.com", 465, "starttls") };

  test("is the cause where the walk fails for just that", () => {
    const walk = failedAt(setting, "greeting", { kind: "socket", code: "CLOSED" });
    expect(read(factsOf(setting, walk))).toMatchObject({
      verdict: "failed",
      cause: "config.plain-on-implicit-tls-port",
    });
  });

  test.each([
    ["smtp.gmial.com", "config.host-typo"],
    ["imap.gmail.com", "config.imap-or-pop-host"],
  ])("of %s is the cause where the walk alone sees no more than a timeout", (host, cause) => {
    const other = { ...gmail, ...end(host) };
    const walk = failedAt(other, "connect", { kind: "timeout", code: "TIMEOUT" });
    const met = read(factsOf(other, walk));
    expect(met).toMatchObject({ verdict: "failed", cause });
    expect(finding(met.findings, cause)).toMatchObject({ status: "fail", probe: "settings" });
  });

  test("is not where it fails for something else", () => {
    const walk = failedAt(setting, "connect", { kind: "timeout", code: "TIMEOUT" });
    expect(read(factsOf(setting, walk))).toMatchObject({ verdict: "failed", cause: "tcp.timeout" });
  });

  test("is gone once the walk has disproved it", () => {
    const odd = { ...gmail, ...login("me") };
    const walk = failedAt(odd, "mail", { kind: "timeout", code: "TIMEOUT" });
    expect(
      finding([...readSettings(factsOf(odd, walk))], "config.username-not-full-address"),
    ).toBeUndefined();
  });

  test("of characters that shells change is told only where the sign-in was refused", () => {
    const odd = { ...gmail, provider: null, ...login("me@example.org", "pa$$word") };
    expect(readSettings(factsOf(odd, null)).map(({ status }) => status)).toEqual(["ok"]);
    const failure = { reply: { code: 535, enhanced: null, lines: ["no"] } } as const;
    const found = read(factsOf(odd, failedAt(odd, "auth", failure)));
    expect(found.cause).toBe("auth.bad-credentials");
    expect(finding(found.findings, "config.env-value-mangled")).toMatchObject({ status: "warn" });
    expect(JSON.stringify(found.findings)).toContain("holds $, which shells");
  });

  test("of the region is a hint where the sign-in was refused, and nothing else", () => {
    const ses = provider("amazon-ses");
    const account = {
      ...login("AKIAABCDEFGHIJKLMNOP"),
      from: null,
      ...end("email-smtp.us-east-1.amazonaws.com"),
    };
    const setting: Setting = { ...wire, provider: ses, ...account, secret: { secretKind: "smtp-password" } };
    expect(finding(readSettings(factsOf(setting, null)), "config.wrong-region-endpoint")).toBeUndefined();
    const failure = {
      reply: { code: 535, enhanced: null, lines: ["Authentication Credentials Invalid"] },
    } as const;
    const found = read(factsOf(setting, failedAt(setting, "auth", failure)));
    expect(found.cause).toBe("auth.bad-credentials");
    expect(finding(found.findings, "config.wrong-region-endpoint")).toMatchObject({ status: "warn" });
  });
});

describe("a setting as it was typed", () => {
  const proof = { password: "abcdefghijklmnop" };

  test("keeps what could not be stored, for the doctor to tell", () => {
    const mistakes = [
      [{ host: "smtps://smtp.gmail.com:465", username: "me@gmail.com" }, "config.host-typo"],
      [{ host: "smtp.gmail.com", port: 0, username: "me@gmail.com" }, "config.port-not-a-number"],
      [{ host: "", username: "me@gmail.com" }, "config.falls-back-to-localhost"],
      [{ provider: "gmail", username: "me@gmail.com", from: "noreply" }, "envelope.syntax"],
      [
        { provider: "sendgrid", username: "me@example.com", from: "a@example.com" },
        "config.username-not-full-address",
      ],
      [
        { provider: "gmail", port: 465, security: "starttls", username: "me@gmail.com" },
        "config.plain-on-implicit-tls-port",
      ],
    ] as const;
    for (const [input, cause] of mistakes)
      expect(readSettings(factsOf(settingToExamine(input, proof), null)).map((one) => one.cause)).toContain(
        cause,
      );
    const secretless = settingToExamine({ provider: "gmail", username: "me@gmail.com" }, { password: "" });
    expect(finding(readSettings(factsOf(secretless, null)), "config.env-value-mangled")?.status).toBe("fail");
  });

  test("says what was put right", () => {
    const setting = settingToExamine(
      { provider: "gmail", host: " smtp.gmail.com. ", username: "me@gmail.com" },
      { password: "abcd efgh ijkl mnop" },
    );
    expect(setting.mended).toEqual([
      { field: "host", what: "blanks" },
      { field: "host", what: "marks" },
      { field: "secret", what: "blanks" },
    ]);
    const found = readSettings(factsOf(setting, null));
    expect(found.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(JSON.stringify(found)).toContain("The secret was not taken as typed");
  });
});
