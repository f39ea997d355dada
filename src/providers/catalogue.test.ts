// The catalogue is data, so its tests are rules that every entry keeps.
import { readdirSync } from "node:fs";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { describe, expect, test } from "vitest";
import { providers } from "./catalogue/all.ts";
import type { Provider, Text as TextType } from "./provider.ts";
import { knownReply, sampleReply } from "./replies.ts";

const closed = { additionalProperties: false } as const;
const Words = Type.String({ minLength: 1, pattern: "^\\S([\\s\\S]*\\S)?$" });
const Https = Type.String({ pattern: "^https://[a-z0-9.-]+(/\\S*)?$" });
const Host = Type.String({ pattern: "^[a-z0-9-]+(\\.[a-z0-9-]+)+$" });
const Text = Type.Object({ en: Words, zh: Words }, closed);
const Count = Type.Integer({ minimum: 1 });
const one = <const T extends readonly string[]>(values: T) => Type.Enum(values);
const Mechanism = one(["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"]);
const Secret = one([
  "account-password",
  "app-password",
  "authorization-code",
  "api-key",
  "smtp-key",
  "smtp-password",
  "smtp-token",
  "oauth2",
  "none",
]);

const Entry = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$" }),
    name: Words,
    nameZh: Type.Optional(Words),
    kind: one(["mailbox", "hosted", "relay", "sandbox"]),
    aliases: Type.Array(Type.String({ pattern: "^[a-z0-9.-]+$" })),
    domains: Type.Array(Host),
    mxSuffixes: Type.Array(Host),
    endpoints: Type.Array(
      Type.Object(
        {
          host: Host,
          port: Type.Integer({ minimum: 1, maximum: 65535 }),
          security: one(["tls", "starttls", "none"]),
          note: Type.Optional(Text),
          legacy: Type.Optional(Type.Literal(true)),
        },
        closed,
      ),
      { minItems: 1 },
    ),
    regions: Type.Array(Type.Object({ region: Words, host: Host }, closed)),
    legacyHosts: Type.Array(Host),
    mechanisms: Type.Array(Mechanism, { minItems: 1, uniqueItems: true }),
    username: Type.Object(
      {
        kind: one(["address", "local-part", "literal", "key-id", "api-key", "name", "any"]),
        value: Type.Optional(Words),
        pattern: Type.Optional(Words),
        text: Text,
      },
      closed,
    ),
    secret: Type.Object(
      {
        kinds: Type.Array(Secret, { minItems: 1, uniqueItems: true }),
        pattern: Type.Optional(Words),
        text: Text,
        obtain: Type.Object({ url: Type.Union([Https, Type.Null()]), path: Text }, closed),
      },
      closed,
    ),
    prerequisites: Type.Array(Text),
    limits: Type.Object(
      {
        perSecond: Type.Optional(Count),
        perMinute: Type.Optional(Count),
        perHour: Type.Optional(Count),
        perDay: Type.Optional(Count),
        perDayUnit: Type.Optional(one(["messages", "recipients"])),
        perDayOf: Type.Optional(one(["smallest-plan"])),
        recipientsPerMessage: Type.Optional(Count),
        messageSizeBytes: Type.Optional(Count),
        concurrentConnections: Type.Optional(Count),
        messagesPerConnection: Type.Optional(Count),
        notes: Type.Optional(Words),
        source: Words,
      },
      closed,
    ),
    sender: Type.Object(
      { rule: one(["must-equal-login", "verified-identity", "rewritten", "free"]), text: Text },
      closed,
    ),
    oauth2: Type.Union([
      Type.Null(),
      Type.Object(
        {
          authorization: Https,
          token: Https,
          device: Type.Union([Https, Type.Null()]),
          scopes: Type.Array(Words, { minItems: 1 }),
          mechanism: one(["XOAUTH2", "OAUTHBEARER"]),
          notes: Type.Optional(Type.Array(Words)),
          source: Words,
        },
        closed,
      ),
    ]),
    dns: Type.Object(
      {
        spfInclude: Type.Union([Type.String({ pattern: "^[a-z0-9_.-]+$" }), Type.Null()]),
        dkimSelectors: Type.Array(Type.String({ pattern: "^[a-z0-9-]+$" })),
        notes: Type.Optional(Words),
        evidence: one(["sourced", "recalled", "none"]),
      },
      closed,
    ),
    replies: Type.Array(
      Type.Object(
        {
          code: Type.Integer({ minimum: 400, maximum: 559 }),
          enhanced: Type.Union([Type.String({ pattern: "^[45]\\.\\d{1,3}\\.\\d{1,3}$" }), Type.Null()]),
          words: Type.Array(Words, { minItems: 1 }),
          stage: Type.Union([
            Type.Null(),
            one(["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content"]),
          ]),
          cause: Type.String({ pattern: "^(banner|ehlo|auth|envelope|data)\\.[a-z0-9-]+$" }),
          sample: Words,
          meaning: Text,
          evidence: one(["verbatim", "reassembled", "paraphrase", "recalled"]),
          source: Words,
        },
        closed,
      ),
    ),
    wire: Type.Object(
      {
        greeting: Words,
        clear: Type.Array(Words),
        secured: Type.Array(Words, { minItems: 1 }),
        evidence: one(["verbatim", "derived"]),
      },
      closed,
    ),
    changes: Type.Array(
      Type.Object({ date: Type.String({ pattern: "^\\d{4}" }), text: Text, source: Words }, closed),
    ),
    notes: Type.Array(Text),
    quirks: Type.Array(Words),
    links: Type.Array(Https, { minItems: 1, uniqueItems: true }),
    checked: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }),
    recalled: Type.Optional(Type.Array(Words, { minItems: 1 })),
  },
  closed,
);

/** Every text of an entry, with the way to it. */
function texts(value: unknown, path = ""): readonly { readonly path: string; readonly text: TextType }[] {
  if (typeof value !== "object" || value === null) return [];
  if (Value.Check(Text, value)) return [{ path, text: value }];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

const each = providers.map((entry): [string, Provider] => [entry.id, entry]);

describe.each(each)("%s", (_id, entry) => {
  test("has the form of an entry", () => {
    expect(
      [...Value.Errors(Entry, entry)].map(({ instancePath, message }) => `${instancePath} ${message}`),
    ).toEqual([]);
  });

  test("puts the security on each port that the port speaks", () => {
    const odd = new Set([
      "smtp.163.com:587",
      "smtp.126.com:587",
      "smtp.yeah.net:587",
      "smtp.189.cn:587",
      "smtp.sina.com:587",
      "sandbox.smtp.mailtrap.io:465",
    ]);
    for (const { host, port, security } of entry.endpoints) {
      const implicit = [465, 994, 2465].includes(port) !== odd.has(`${host}:${port}`);
      expect(`${host}:${port} ${security === "tls"}`).toBe(`${host}:${port} ${implicit}`);
    }
  });

  test("lists each endpoint once, and prefers one that is encrypted and current", () => {
    const keys = entry.endpoints.map(({ host, port, security }) => `${host}:${port}/${security}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(entry.endpoints[0]?.security).not.toBe("none");
    expect(entry.endpoints[0]?.legacy).toBeUndefined();
    for (const { legacy, note } of entry.endpoints) if (legacy) expect(note).toBeDefined();
  });

  test("has patterns that compile and match whole values", () => {
    for (const pattern of [entry.username.pattern, entry.secret.pattern]) {
      if (pattern === undefined) continue;
      expect(pattern).toMatch(/^\^.*\$$/);
      expect(() => new RegExp(pattern)).not.toThrow();
    }
    expect(entry.username.kind === "literal").toBe(entry.username.value !== undefined);
  });

  test("offers OAuth2 exactly when it says how", () => {
    expect(entry.secret.kinds.includes("oauth2")).toBe(entry.oauth2 !== null);
    if (entry.oauth2 !== null) expect(entry.mechanisms).toContain(entry.oauth2.mechanism);
  });

  test("recognises each known reply by its own sample", () => {
    for (const known of entry.replies) {
      expect(knownReply(entry, known.stage ?? "content", sampleReply(known))).toBe(known);
    }
  });

  test("has samples whose status stands in the text and agrees with the code", () => {
    for (const { code, enhanced, sample } of entry.replies) {
      if (enhanced === null) expect(sample).not.toMatch(/^[245]\.\d{1,3}\.\d{1,3}\b/);
      else {
        expect(sample.startsWith(`${enhanced} `)).toBe(true);
        expect(enhanced[0]).toBe(String(code)[0]);
      }
      for (const line of sample.split("\n")) expect(line).not.toMatch(new RegExp(`^${code}[ -]`));
    }
  });

  test("shows capabilities that fit its endpoints and mechanisms", () => {
    const has = (security: string) => entry.endpoints.some((endpoint) => endpoint.security === security);
    const { clear, secured } = entry.wire;
    if (has("starttls")) expect(clear).toContain("STARTTLS");
    if (has("none")) expect(clear.some((line) => line.startsWith("AUTH "))).toBe(true);
    const offered = secured.find((line) => line.startsWith("AUTH "))?.split(" ") ?? [];
    for (const mechanism of entry.mechanisms) expect(offered).toContain(mechanism);
    const size = secured.find((line) => line.startsWith("SIZE "));
    if (size !== undefined && entry.limits.messageSizeBytes !== undefined) {
      expect(size).toBe(`SIZE ${entry.limits.messageSizeBytes}`);
    }
  });

  test("says in Chinese what it says in English", () => {
    for (const { path, text } of texts(entry)) {
      expect(text.zh, path).not.toBe(text.en);
      expect(text.zh, path).toMatch(/\p{Script=Han}/u);
      expect(text.en, path).not.toMatch(/^[^A-Za-z]*\p{Script=Han}+[^A-Za-z]*$/u);
    }
  });
});

describe("the catalogue", () => {
  const twice = (values: readonly string[]) =>
    values.filter((value, index) => values.indexOf(value) !== index);

  test("begins with the ten that people ask for most", () => {
    expect(providers.slice(0, 10).map(({ id }) => id)).toEqual([
      "sendgrid",
      "gmail",
      "outlook",
      "hotmail",
      "yahoo",
      "icloud",
      "zoho",
      "qq",
      "163",
      "aliyun",
    ]);
    expect(providers).toHaveLength(59);
  });

  test("lists every file of its folder", () => {
    const files = readdirSync(new URL("./catalogue/", import.meta.url)).map((file) =>
      file.replace(/\.ts$/, ""),
    );
    expect(files.filter((file) => file !== "all").sort()).toEqual(providers.map(({ id }) => id).sort());
  });

  test("names nothing twice: ids and aliases, domains, MX endings", () => {
    expect(twice(providers.flatMap(({ id, aliases }) => [id, ...aliases]))).toEqual([]);
    expect(twice(providers.flatMap(({ domains }) => domains))).toEqual([]);
    expect(twice(providers.flatMap(({ mxSuffixes }) => mxSuffixes))).toEqual([]);
  });

  test("keeps the documented names of old usable, with a note", () => {
    for (const [id, host] of [
      ["hotmail", "smtp.live.com"],
      ["aliyun", "smtp.mxhichina.com"],
    ]) {
      const entry = providers.find((candidate) => candidate.id === id);
      expect(entry?.legacyHosts).toContain(host);
      expect(entry?.endpoints.some((endpoint) => endpoint.host === host && endpoint.legacy === true)).toBe(
        true,
      );
    }
  });
});
