import { describe, expect, test } from "vitest";
import { provider } from "../providers/catalogue.ts";
import type { Secret } from "./account.ts";
import { secretOf } from "./entered.ts";
import { AccountError } from "./error.ts";
import { type AccountInput, cleanSecret, completeAccount, providerFor } from "./settings.ts";

const gmail = provider("gmail");
const sendgrid = provider("sendgrid");
const password: Secret = { kind: "password", password: "abcdefghijklmnop" };

function problem(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AccountError) return error.problem;
    throw error;
  }
  return "none";
}

const complete = (input: Partial<AccountInput>, of: typeof gmail | null = gmail, secret: Secret = password) =>
  completeAccount({ name: "main", username: "ann@gmail.com", ...input }, secret, of, 7);

describe("completing an account", () => {
  test("a name, a provider, a username and a secret are enough", () => {
    expect(complete({})).toEqual({
      name: "main",
      provider: "gmail",
      endpoint: { host: "smtp.gmail.com", port: 465, security: "tls" },
      serverName: null,
      username: "ann@gmail.com",
      secretKind: "app-password",
      mechanisms: null,
      from: "ann@gmail.com",
      alternates: null,
      senderPolicy: null,
      limits: {},
      ca: [],
      proxy: null,
      parked: null,
      createdAt: 7,
    });
  });

  test("a provider with one username for everybody fills it in, and takes no other", () => {
    expect(complete({ username: undefined }, sendgrid).username).toBe("apikey");
    expect(complete({ username: undefined }, sendgrid).from).toBeNull();
    expect(() => complete({ username: "ann" }, sendgrid)).toThrow('"apikey"');
  });

  test("a host that is a provider's brings its knowledge along, unless none is wanted", () => {
    expect(providerFor({ host: " SMTP.163.com" })?.id).toBe("163");
    expect(
      complete({ host: "smtp.163.com", port: 587 }, providerFor({ host: "smtp.163.com" })).endpoint,
    ).toEqual({
      host: "smtp.163.com",
      port: 587,
      security: "tls",
    });
    expect(providerFor({ host: "smtp.163.com", provider: null })).toBeNull();
    expect(providerFor({ host: "127.0.0.1" })).toBeNull();
    expect(providerFor({ host: "smtp.163.com", provider: "qq" })?.id).toBe("qq");
  });

  test("another address keeps the provider's knowledge", () => {
    const account = complete({ host: "127.0.0.1", port: 41_000 });
    expect(account.provider).toBe("gmail");
    expect(account.endpoint).toEqual({ host: "127.0.0.1", port: 41_000, security: "tls" });
    expect(account.serverName).toBeNull();
  });

  test("a password is of the provider's best kind of password, never of kind oauth2", () => {
    const outlook = provider("outlook");
    expect(complete({ username: "ann@outlook.com" }, outlook).secretKind).not.toBe("oauth2");
    const tokens: Secret = {
      kind: "oauth2",
      clientId: "c",
      refreshToken: "r",
      tokenEndpoint: "https://t.example/",
      scopes: [],
    };
    expect(complete({ username: "ann@outlook.com" }, outlook, tokens).secretKind).toBe("oauth2");
  });

  test.each<[string, Partial<AccountInput>, string]>([
    ["a name with capitals", { name: "Main" }, "bad-name"],
    ["a name with a path in it", { name: "../x" }, "bad-name"],
    ["a name too long", { name: "a".repeat(65) }, "bad-name"],
    ["no username", { username: null }, "bad-username"],
    ["a line break in the username", { username: "ann\r\nRCPT TO:<eve@example.com>" }, "bad-username"],
    ["a From that is no address", { from: "Ann" }, "bad-address"],
    ["a From with a line break", { from: "ann@example.com\r\nBcc: eve@example.com" }, "bad-address"],
    ["a certificate that is none", { ca: ["trust me"] }, "bad-certificate"],
    [
      "a certificate that is damaged",
      { ca: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] },
      "bad-certificate",
    ],
    ["a proxy without a port", { proxy: { kind: "http", host: "p.example", port: 0 } }, "bad-port"],
    ["a kind of secret that is not this one", { secretKind: "oauth2" }, "bad-secret"],
  ])("%s is refused", (_, input, expected) => {
    expect(problem(() => complete(input))).toBe(expected);
  });

  test("a username without a secret is refused; a server without sign-in has neither", () => {
    const none: Secret = { kind: "none" };
    expect(problem(() => complete({ username: "ann" }, null, none))).toBe("bad-secret");
    const open = complete(
      { username: undefined, host: "127.0.0.1", port: 2526, security: "none" },
      null,
      none,
    );
    expect([open.username, open.secretKind, open.from]).toEqual([null, "none", null]);
  });
});

describe("a secret", () => {
  test("loses the blanks that Google shows inside an app password, also the unbreakable ones", () => {
    const cleaned = cleanSecret({ kind: "password", password: "abcd efgh\u00a0ijkl mnop " }, gmail);
    expect(cleaned).toEqual(password);
  });

  test("keeps its blanks where the provider's form does not explain them", () => {
    const phrase: Secret = { kind: "password", password: "correct horse battery" };
    expect(cleanSecret(phrase, gmail)).toEqual(phrase);
    expect(cleanSecret(phrase, null)).toEqual(phrase);
  });

  test.each(["", "a\nb", "a\r\nb", "a\0b", "x".repeat(20_000)])("%j is refused, and not shown", (text) => {
    const clean = () => cleanSecret({ kind: "password", password: text }, null);
    expect(problem(clean)).toBe("bad-secret");
    if (text !== "") expect(clean).not.toThrow(text);
  });

  test("OAuth2 tokens take what is missing from the provider", () => {
    const outlook = provider("outlook");
    const oauth2 = { clientId: "c", refreshToken: "r" };
    expect(secretOf({ oauth2, provider: "outlook" })).toEqual({
      kind: "oauth2",
      ...oauth2,
      tokenEndpoint: outlook.oauth2?.token,
      scopes: outlook.oauth2?.scopes,
    });
    expect(problem(() => secretOf({ oauth2 }))).toBe("bad-secret");
    expect(problem(() => secretOf({ password: "p", oauth2, provider: "outlook" }))).toBe("bad-secret");
    expect(secretOf({})).toEqual({ kind: "none" });
  });

  test.each([
    "http://t.example/token",
    "ftp://t.example",
    "not a url",
  ])("a token endpoint %s is refused", (tokenEndpoint) => {
    const secret: Secret = { kind: "oauth2", clientId: "c", refreshToken: "r", tokenEndpoint, scopes: [] };
    expect(problem(() => cleanSecret(secret, null))).toBe("bad-secret");
  });
});
