import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { provider, providers } from "../providers/catalogue.ts";
import type { Account, AccountLimits, Secret } from "./account.ts";
import { AccountError } from "./error.ts";
import { demandsOwnSender, endpointsOf, limitSourcesOf, limitsOf, serverNameAt } from "./limits.ts";
import { changedLimits, type LimitsInput, limitNames } from "./limits-input.ts";
import { type AccountInput, completeAccount } from "./settings.ts";

const password: Secret = { kind: "password", password: "abcdefghijklmnop" };

function account(id: string | null, input: Partial<AccountInput> = {}): Account {
  const known = id === null ? null : provider(id);
  const place = known === null ? { host: "mail.example.com" } : {};
  const username = known?.username.value ?? "ann@example.com";
  return completeAccount({ name: "main", username, ...place, ...input }, password, known, 0);
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AccountError) return `${error.problem}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("effective limits", () => {
  test("are the defaults for a server that nobody knows", () => {
    expect(limitsOf(account(null))).toEqual({
      perSecond: null,
      perMinute: null,
      perHour: null,
      perDay: null,
      unit: "messages",
      connections: 5,
      reservedConnections: 1,
      messagesPerConnection: 100,
      recipientsPerMessage: 100,
      messageSizeBytes: null,
      urgentShare: 0.1,
      keepAliveMs: null,
    });
    expect(new Set(Object.values(limitSourcesOf(account(null))))).toEqual(new Set(["default"]));
  });

  test("are the provider's where it says something", () => {
    expect(limitsOf(account("gmail"))).toMatchObject({
      perDay: 500,
      unit: "messages",
      recipientsPerMessage: 100,
      messageSizeBytes: 35_882_577,
      connections: 5,
    });
    expect(limitSourcesOf(account("gmail"))).toMatchObject({ perDay: "provider", connections: "default" });
    expect(limitsOf(account("outlook"))).toMatchObject({ unit: "recipients", connections: 3 });
    expect(limitsOf(account("purelymail")).perHour).toBe(300);
    expect(limitsOf(account("tencent-ses")).perSecond).toBe(20);
  });

  test("are the account's own before all others; null lifts one", () => {
    const own = account("gmail", {
      limits: {
        perDay: 2000,
        messageSizeBytes: null,
        connections: 2,
        keepAliveSeconds: 60,
        unit: "recipients",
      },
    });
    expect(limitsOf(own)).toMatchObject({
      perDay: 2000,
      messageSizeBytes: null,
      connections: 2,
      keepAliveMs: 60_000,
      unit: "recipients",
    });
    expect(limitSourcesOf(own)).toMatchObject({
      perDay: "account",
      messageSizeBytes: "account",
      recipientsPerMessage: "provider",
      perHour: "default",
    });
  });

  test("know no more than fifty connections, whatever a provider would allow", () => {
    expect(limitsOf(account("sendgrid")).connections).toBe(50);
    expect(limitSourcesOf(account("sendgrid")).connections).toBe("default");
  });

  test("leave out the daily number of the smallest plan", () => {
    expect(provider("resend").limits.perDay).toBe(100);
    expect(limitsOf(account("resend")).perDay).toBeNull();
    expect(limitsOf(account("resend", { limits: { perDay: 100 } })).perDay).toBe(100);
  });

  test.each([
    [1, 10, 0],
    [2, 10, 1],
    [5, 10, 1],
    [5, 90, 4],
    [20, 10, 2],
    [50, 30, 15],
    [2, 0, 0],
  ])("of %i connections, with %i percent, keep %i for urgent mail", (connections, urgentPercent, kept) => {
    const limits = limitsOf(account(null, { limits: { connections, urgentPercent } }));
    expect(limits.reservedConnections).toBe(kept);
    expect(limits.urgentShare).toBe(urgentPercent / 100);
  });

  test("let a message through whose recipients would cost more than a budget ever holds", () => {
    expect(limitsOf(account("microsoft-365"))).toMatchObject({
      unit: "recipients",
      perMinute: 30,
      recipientsPerMessage: 27,
    });
    expect(limitSourcesOf(account("microsoft-365")).recipientsPerMessage).toBe("budget");
    const one = account(null, { limits: { unit: "recipients", perDay: 1 } });
    expect(limitsOf(one).recipientsPerMessage).toBe(1);
  });

  test("are whole for every provider", () => {
    for (const { id } of providers) {
      const limits = limitsOf(account(id, { from: "ann@example.com" }));
      expect(limits.connections).toBeGreaterThan(limits.reservedConnections);
      expect(limits.recipientsPerMessage).toBeGreaterThan(0);
    }
  });
});

describe("entered limits", () => {
  test.each<[LimitsInput, RegExp]>([
    [{ perDay: 0 }, /^bad-limit: limits\.perDay: 0 .* whole number from 1 to .*, or null/],
    [{ perSecond: 1.5 }, /limits\.perSecond/],
    [{ perMinute: -1 }, /limits\.perMinute/],
    [{ perHour: Number.NaN }, /limits\.perHour/],
    [{ connections: 51 }, /limits\.connections: 51 .* from 1 to 50\./],
    [{ connections: null as never }, /limits\.connections: null/],
    [{ recipientsPerMessage: 100_000 }, /limits\.recipientsPerMessage/],
    [{ messageSizeBytes: 2 ** 40 }, /limits\.messageSizeBytes/],
    [{ urgentPercent: 91 }, /limits\.urgentPercent: 91 .* from 0 to 90/],
    [{ keepAliveSeconds: 301 }, /limits\.keepAliveSeconds/],
    [{ unit: "bytes" as never }, /limits\.unit: "bytes" .* messages or recipients/],
    [{ perDay: "500" as never }, /limits\.perDay: "500"/],
    [{ perFortnight: 1 } as never, /limits\.perFortnight: there is no such limit\. There are perSecond, /],
  ])("%o is refused by name", (input, expected) => {
    expect(refusal(() => account(null, { limits: input }))).toMatch(expected);
  });

  const value: Partial<Record<string, fc.Arbitrary<unknown>>> = {
    unit: fc.constantFrom("messages", "recipients", "provider", undefined),
    connections: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom("provider", undefined)),
    recipientsPerMessage: fc.oneof(
      fc.integer({ min: 1, max: 9_999 }),
      fc.constantFrom("provider", undefined),
    ),
    urgentPercent: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.constantFrom("provider", undefined)),
  };
  const other = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(null, "provider", undefined));
  const input = fc.record(Object.fromEntries(limitNames.map((name) => [name, value[name] ?? other])), {
    requiredKeys: [],
  }) as fc.Arbitrary<LimitsInput>;

  test("change one by one: what is given holds, what is undefined stays, `provider` takes it back", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 5 }), (inputs) => {
        const after = inputs.reduce<AccountLimits>(changedLimits, {});
        for (const name of limitNames) {
          const last = inputs.map((one) => one[name]).findLast((one) => one !== undefined);
          expect(after[name]).toBe(last === "provider" ? undefined : last);
        }
        expect(Object.values(after)).not.toContain("provider");
      }),
    );
  });

  test("all go at once with null", () => {
    expect(changedLimits({ perDay: 1, connections: 2 }, null)).toEqual({});
    expect(changedLimits({ perDay: 1 }, undefined)).toEqual({ perDay: 1 });
  });
});

describe("the ways to an account's service", () => {
  const shown = (of: Account) =>
    endpointsOf(of).map(({ host, port, security }) => `${host}:${port} ${security}`);

  test("are the chosen one, then the catalogue's others on the same host", () => {
    expect(shown(account("gmail"))).toEqual(["smtp.gmail.com:465 tls", "smtp.gmail.com:587 starttls"]);
    expect(shown(account("gmail", { port: 587 }))).toEqual([
      "smtp.gmail.com:587 starttls",
      "smtp.gmail.com:465 tls",
    ]);
    expect(shown(account("gmail", { host: "127.0.0.1", port: 4465 }))).toEqual(["127.0.0.1:4465 tls"]);
    expect(shown(account(null))).toEqual(["mail.example.com:587 starttls"]);
  });

  test("never lead into the clear, nor to another host, nor twice to one place", () => {
    for (const { id, endpoints } of providers) {
      for (const { host, port, security } of endpoints) {
        const of = account(id, { host, port, security, from: "ann@example.com" });
        const [chosen, ...others] = endpointsOf(of);
        expect(chosen).toEqual({ host, port, security });
        for (const each of others) expect([each.host, each.security]).not.toContain("none");
        expect(others.every((each) => each.host === host)).toBe(true);
        expect(new Set(shown(of)).size).toBe(others.length + 1);
      }
    }
  });

  test("are those that the person names; an empty list is the chosen one alone", () => {
    const named = account("gmail", {
      alternates: [
        { host: "SMTP.gmail.com", port: 587 },
        { host: "relay.example.com", port: 465 },
      ],
    });
    expect(shown(named)).toEqual([
      "smtp.gmail.com:465 tls",
      "smtp.gmail.com:587 starttls",
      "relay.example.com:465 tls",
    ]);
    expect(shown(account("gmail", { alternates: [] }))).toEqual(["smtp.gmail.com:465 tls"]);
  });

  test.each<[string, Partial<AccountInput>, RegExp]>([
    [
      "one in clear beside one that is not",
      { alternates: [{ host: "mail.example.com", port: 25, security: "none" }] },
      /^bad-alternate: .*mail\.example\.com:25 would be in clear/,
    ],
    ["no host", { alternates: [{ host: "smtp://a" }] }, /^bad-host/],
    ["no port", { alternates: [{ host: "a.example", port: 0 }] }, /^bad-port/],
    [
      "a port of another kind of security",
      { alternates: [{ host: "a.example", port: 465, security: "starttls" }] },
      /^port-security/,
    ],
    [
      "the endpoint again",
      { alternates: [{ host: "mail.example.com", port: 587 }] },
      /^bad-alternate: mail\.example\.com:587 stands there twice/,
    ],
    [
      "one twice",
      { alternates: [{ host: "a.example" }, { host: "A.example." }] },
      /^bad-alternate: a\.example:587 stands there twice/,
    ],
    [
      "too many",
      { alternates: Array.from({ length: 11 }, (_, index) => ({ host: `a${index}.example` })) },
      /^bad-alternate: There are 11 alternates; 10/,
    ],
  ])("%s is refused", (_, input, expected) => {
    expect(refusal(() => account(null, input))).toMatch(expected);
  });

  test("may be in clear on this machine, or where the endpoint is", () => {
    const local = account(null, { alternates: [{ host: "127.0.0.1", port: 4025, security: "none" }] });
    expect(local.alternates).toHaveLength(1);
    const clear = account(null, {
      security: "none",
      alternates: [{ host: "b.example", port: 25, security: "none" }],
    });
    expect(clear.alternates).toHaveLength(1);
  });

  test("each has a certificate of its own host; the name that was entered is the first one's", () => {
    const of = account(null, {
      serverName: "mx.example.com",
      alternates: [{ host: "mail.example.com", port: 465 }, { host: "other.example.com" }],
    });
    expect(endpointsOf(of).map((each) => serverNameAt(of, each))).toEqual([
      "mx.example.com",
      "mx.example.com",
      null,
    ]);
  });
});

test.each([
  ["163", true],
  ["yahoo", true],
  ["gmail", true],
  ["amazon-ses", false],
  ["google-workspace-relay", false],
  [null, false],
])("%s lets nothing but the account's own address stand in From: %s", (id, expected) => {
  expect(demandsOwnSender(account(id, { from: "ann@example.com" }))).toBe(expected);
  expect(demandsOwnSender(account(id, { from: "ann@example.com", senderPolicy: "refuse" }))).toBe(true);
  expect(demandsOwnSender({ ...account(id, { senderPolicy: "own-address" }), from: null })).toBe(false);
});

test("a sender policy is one of two, or none", () => {
  expect(account(null, { senderPolicy: "own-address" }).senderPolicy).toBe("own-address");
  expect(account(null, { senderPolicy: null }).senderPolicy).toBeNull();
  expect(refusal(() => account(null, { senderPolicy: "own" as never }))).toMatch(/^bad-sender-policy: "own"/);
});
