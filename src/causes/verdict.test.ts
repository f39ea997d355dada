// What holds for every verdict, whatever happened on the wire.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { provider, providers } from "../providers/catalogue.ts";
import type { SecretKind } from "../providers/provider.ts";
import type { SmtpFailureFacts } from "../smtp/failure.ts";
import { stages } from "../smtp/stage.ts";
import { cause, causeIds, isCauseId } from "./book.ts";
import { explain } from "./explain.ts";
import { at, failure, refusal } from "./failures.fixture.ts";
import { type JudgeContext, judge } from "./judge.ts";

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(
    "quota",
    "spam",
    "try again in 5 minutes",
    "STARTTLS",
    "authentication",
    "5.7.8 no",
    "x".repeat(5_000),
  ),
);

const reply = fc.record({
  code: fc.integer({ min: 200, max: 599 }),
  enhanced: fc.option(
    fc.record({ class: fc.constantFrom(2, 4, 5), subject: fc.nat(999), detail: fc.nat(999) }),
  ),
  lines: fc.array(words, { minLength: 1, maxLength: 5 }),
}) as fc.Arbitrary<NonNullable<SmtpFailureFacts["reply"]>>;

const facts: fc.Arbitrary<SmtpFailureFacts> = fc
  .record({
    stage: fc.constantFrom(...stages),
    kind: fc.constantFrom(
      "reply",
      "resolve",
      "socket",
      "tls",
      "timeout",
      "protocol",
      "proxy",
      "local",
      "aborted",
    ),
    code: fc.option(
      fc.constantFrom("ECONNREFUSED", "TIMEOUT", "CLOSED", "BAD_INPUT", "CERT_HAS_EXPIRED", "ABORTED", "NEW"),
    ),
    certainty: fc.constantFrom("not-accepted", "accepted", "unknown"),
    reply: fc.option(reply),
    secured: fc.boolean(),
    challenge: fc.string(),
    received: words,
  })
  .map(({ challenge, received, ...rest }) => {
    const { kind } = rest;
    return {
      ...rest,
      reply: kind === "reply" ? (rest.reply ?? { code: 550, enhanced: null, lines: [""] }) : null,
      ...(rest.stage === "auth" && challenge !== "" ? { challenge } : {}),
      ...(kind === "protocol" ? { received } : {}),
    };
  }) as fc.Arbitrary<SmtpFailureFacts>;

const context: fc.Arbitrary<JudgeContext> = fc.record(
  {
    provider: fc.option(fc.constantFrom(...providers)),
    username: fc.string(),
    sender: fc.string(),
    secretKind: fc.constantFrom<SecretKind>("account-password", "app-password", "api-key", "oauth2", "none"),
    secretShape: fc.record({ matchesPattern: fc.boolean(), hasSpaces: fc.boolean() }),
    endpoint: fc.record({
      host: fc.string(),
      port: fc.integer({ min: 1, max: 65535 }),
      security: fc.constantFrom("tls", "starttls", "none"),
    }),
  },
  { requiredKeys: ["provider"] },
) as fc.Arbitrary<JudgeContext>;

describe("for any failure and any account", () => {
  const always = (
    holds: (verdict: ReturnType<typeof judge>, facts: SmtpFailureFacts, context: JudgeContext) => void,
  ) =>
    fc.assert(
      fc.property(facts, context, (some, account) =>
        holds(judge(failure(some, "it failed\nbadly"), account), some, account),
      ),
      { numRuns: 2_000 },
    );

  test("the judge names a cause of the book and says it on one bounded line", () => {
    always((verdict) => {
      expect(isCauseId(verdict.cause)).toBe(true);
      expect(verdict.message.length).toBeLessThanOrEqual(400);
      expect(verdict.message).not.toMatch(/\p{Cc}/u);
    });
  });

  test("what failed before MAIL is never a message's or a recipient's fault", () => {
    const before = ["resolve", "connect", "proxy", "greeting", "ehlo", "starttls", "tls", "auth"];
    always(({ scope }, { stage }) => {
      if (before.includes(stage)) expect(["account", "endpoint", "ours"]).toContain(scope);
    });
  });

  test("only a message's or a recipient's fault is permanent", () => {
    always(({ scope, retry }) => {
      if (retry === "permanent") expect(["message", "recipient"]).toContain(scope);
    });
  });

  test("what a message or a recipient is blamed for is permanent or passes, and never pauses an account", () => {
    always(({ scope, retry }) => {
      if (scope === "message" || scope === "recipient") expect(["permanent", "transient"]).toContain(retry);
    });
  });

  test("certainty and reply are those of the failure, and the wait is bounded", () => {
    always((verdict, some) => {
      expect(verdict.certainty).toBe(some.certainty);
      expect(verdict.reply).toBe(some.reply);
      if (verdict.waitMs !== null) {
        expect(verdict.waitMs).toBeGreaterThanOrEqual(1_000);
        expect(verdict.waitMs).toBeLessThanOrEqual(86_400_000);
      }
    });
  });

  test("every verdict can be explained in both languages", () => {
    always((verdict, _, account) => {
      for (const language of ["en", "zh"] as const) {
        expect(explain(verdict, account, language).title).not.toBe("");
      }
    });
  });
});

test("an entry with a lasting fault never lets mail of an account or an endpoint be discarded", () => {
  for (const id of causeIds) {
    const { scope, retry } = cause(id);
    if (retry === "permanent") expect(["message", "recipient", "sender", "envelope"], id).toContain(scope);
  }
});

describe("a wrong password", () => {
  test.each([
    "535 5.7.8 no",
    "535 no",
    "550 no",
    "554 5.7.8 no",
    "530 5.7.0 no",
  ])("%s stops the account, not the mail", (wire) => {
    expect(judge(refusal("auth", wire), { provider: null })).toMatchObject({
      scope: "account",
      retry: "config",
    });
  });
});

describe("a reply nobody recognises", () => {
  test.each([
    "mail",
    "rcpt",
    "content",
    "auth",
    "noop",
  ] as const)("at %s is temporary and shown verbatim", (stage) => {
    const verdict = judge(refusal(stage, "599 flux capacitor empty"), { provider: null });
    expect(verdict).toMatchObject({ cause: "unknown.reply", retry: "transient" });
    expect(explain(verdict, { provider: null }, "en").explanation).toContain("599 flux capacitor empty");
  });
});

test("an enhanced status classes a code that no RFC knows", () => {
  const at = (stage: "mail" | "rcpt" | "content" | "auth", wire: string) =>
    judge(refusal(stage, wire), { provider: null }).cause;
  expect(at("rcpt", "599 5.9.9 flux")).toBe("envelope.recipient-refused");
  expect(at("content", "498 4.9.9 flux")).toBe("data.deferred");
  expect(at("auth", "599 5.9.9 flux")).toBe("auth.bad-credentials");
});

describe("a sender that the account may not use", () => {
  const refused = refusal("mail", "553 Mail from must equal authorized user");
  const account = { provider: null, username: "own@example.com" };

  test("is the account's fault when it is the account's own address", () => {
    expect(judge(refused, { ...account, sender: "Own@example.com" })).toMatchObject({
      scope: "account",
      retry: "config",
    });
    expect(
      judge(refused, { ...account, from: "news@example.com", sender: "news@example.com" }),
    ).toMatchObject({ scope: "account", retry: "config" });
    expect(judge(refused, account)).toMatchObject({ scope: "account", retry: "config" });
  });

  test("is the message's fault when the message chose it", () => {
    expect(judge(refused, { ...account, sender: "other@example.com" })).toMatchObject({
      scope: "message",
      retry: "permanent",
    });
  });

  test("stays so at RCPT, where some servers speak up", () => {
    const late = refusal(
      "rcpt",
      "553 5.7.1 <other@example.com>: Sender address rejected: not owned by user own@example.com",
    );
    expect(judge(late, { ...account, sender: "other@example.com" })).toMatchObject({
      scope: "message",
      retry: "permanent",
    });
  });
});

describe("whose fault a refusal is", () => {
  const scopeOf = (sample: ReturnType<typeof refusal>) => judge(sample, { provider: null }).scope;
  test.each([
    ["an unknown mailbox is the recipient's", refusal("rcpt", "550 5.1.1 no such user"), "recipient"],
    ["spam is the message's", refusal("content", "554 5.7.1 spam"), "message"],
    ["spam at RCPT is the recipient's", refusal("rcpt", "554 5.7.1 spam"), "recipient"],
    [
      "a daily limit at RCPT is the account's",
      refusal("rcpt", "550 5.4.5 Daily sending quota exceeded"),
      "account",
    ],
    ["421 is the endpoint's, at RCPT too", refusal("rcpt", "421 closing"), "endpoint"],
    [
      "a recipient who gets too much mail is no fault of the account",
      refusal("rcpt", "450 4.2.1 The user is receiving mail too quickly"),
      "recipient",
    ],
    [
      "a malformed address at RCPT is the recipient's",
      refusal("rcpt", "501 5.1.3 Bad recipient address syntax"),
      "recipient",
    ],
    [
      "an unknown recipient told after the dot is the message's",
      refusal("content", "550 5.1.1 no"),
      "message",
    ],
  ] as const)("%s", (_, sample, scope) => {
    expect(scopeOf(sample)).toBe(scope);
  });
});

describe("the first digit", () => {
  test("4 stays temporary when only the status sounds final", () => {
    expect(judge(refusal("rcpt", "450 4.1.2 Recipient domain not found"), { provider: null }).retry).toBe(
      "transient",
    );
    expect(judge(refusal("content", "451 4.7.1 looks like spam"), { provider: null }).retry).toBe(
      "transient",
    );
  });

  test("yields to words that say otherwise", () => {
    const context = { provider: provider("aliyun"), username: "a@example.com", sender: "b@example.com" };
    const refused = refusal(
      "mail",
      "440 mail from account doesn't conform with authentication (Auth Account:a@example.com|Mail Account:b@example.com)",
    );
    expect(judge(refused, context)).toMatchObject({ cause: "envelope.sender-not-owned", retry: "permanent" });
    expect(
      judge(refusal("content", "550 5.4.5 Daily user sending limit exceeded."), { provider: null }).retry,
    ).toBe("pause-account");
  });
});

describe("a refused sign-in", () => {
  const refused = refusal("auth", "535 5.7.8 Authentication failed");
  const causeAt = (id: string, rest: Partial<JudgeContext>) =>
    judge(refused, { provider: provider(id), ...rest }).cause;

  test.each([
    ["gmail", { username: "a@gmail.com", secretKind: "account-password" }, "auth.app-password-required"],
    [
      "gmail",
      {
        username: "a@gmail.com",
        secretKind: "app-password",
        secretShape: { matchesPattern: false, hasSpaces: false },
      },
      "auth.app-password-required",
    ],
    [
      "gmail",
      {
        username: "a@gmail.com",
        secretKind: "app-password",
        secretShape: { matchesPattern: true, hasSpaces: true },
      },
      "config.app-password-spaces",
    ],
    [
      "gmail",
      {
        username: "a@gmail.com",
        secretKind: "app-password",
        secretShape: { matchesPattern: true, hasSpaces: false },
      },
      "auth.bad-credentials",
    ],
    ["gmail", { username: "a", secretKind: "app-password" }, "config.username-not-full-address"],
    ["gmail", { username: "a@gmail.com", secretKind: "oauth2" }, "auth.xoauth2-challenge"],
    ["qq", { username: "1@qq.com", secretKind: "account-password" }, "auth.authorization-code-required"],
    ["163", { username: "a@163.com", secretKind: "account-password" }, "auth.authorization-code-required"],
    ["outlook", { username: "a@outlook.com", secretKind: "account-password" }, "auth.basic-auth-disabled"],
    ["hotmail", { username: "a@hotmail.com", secretKind: "app-password" }, "auth.basic-auth-disabled"],
    ["sendgrid", { username: "me@example.com", secretKind: "api-key" }, "config.username-not-full-address"],
    ["sendgrid", { username: "apikey", secretKind: "account-password" }, "auth.wrong-kind-of-key"],
    [
      "amazon-ses",
      { username: "me@example.com", secretKind: "smtp-password" },
      "config.username-not-full-address",
    ],
    ["zoho", { username: "a@example.com", secretKind: "account-password" }, "auth.bad-credentials"],
  ] as const)("at %s with %j", (id, rest, wanted) => {
    expect(causeAt(id, rest)).toBe(wanted);
  });

  test("a lapsed token is told by the mechanism alone", () => {
    const token = refusal("auth", "535 5.7.3 Authentication unsuccessful", { mechanism: "XOAUTH2" });
    expect(judge(token, { provider: provider("outlook") }).cause).toBe("auth.xoauth2-challenge");
  });
});

describe("a name that does not resolve", () => {
  const missing = failure({ stage: "resolve", kind: "resolve", code: "ENOTFOUND" });
  const causeFor = (host: string, id: string | null) =>
    judge(missing, { provider: id === null ? null : provider(id), endpoint: at(465, "tls", host) }).cause;

  test("is a slip when it is not this provider's, or nearly some provider's", () => {
    expect(causeFor("smtp.gmial.com", "gmail")).toBe("config.host-typo");
    expect(causeFor("smtp.gmial.com", null)).toBe("config.host-typo");
  });

  test("else simply does not exist", () => {
    expect(causeFor("smtp.gmail.com", "gmail")).toBe("dns.nxdomain");
    expect(causeFor("mail.intranet.example", null)).toBe("dns.nxdomain");
  });
});

test("a public provider's name that leads to this machine is a sinkhole, a replica there is not", () => {
  const refused = failure({
    stage: "connect",
    code: "ECONNREFUSED",
    attempts: [{ address: "127.0.0.1", code: "ECONNREFUSED", message: "no" }],
  });
  expect(
    judge(refused, { provider: provider("gmail"), endpoint: at(465, "tls", "smtp.gmail.com") }).cause,
  ).toBe("dns.sinkholed");
  expect(judge(refused, { provider: provider("gmail"), endpoint: at(4465, "tls", "127.0.0.1") }).cause).toBe(
    "tcp.refused-by-server",
  );
});

test("a host that receives mail is told from a blocked port", () => {
  const silent = failure({ stage: "connect", kind: "timeout", code: "TIMEOUT" });
  const causeAt = (host: string) => judge(silent, { provider: null, endpoint: at(465, "tls", host) }).cause;
  expect(causeAt("gmail-smtp-in.l.google.com")).toBe("config.host-exists-but-wrong-role");
  expect(causeAt("smtp.gmail.com")).toBe("tcp.timeout");
  expect(causeAt("mail.example.com")).toBe("tcp.timeout");
});

test("Amazon SES on trial is told from a sender that is not verified", () => {
  const refused = refusal(
    "content",
    "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: friend@example.org",
  );
  const causeFor = (sender: string) => judge(refused, { provider: provider("amazon-ses"), sender }).cause;
  expect(causeFor("me@example.com")).toBe("envelope.sandbox");
  expect(causeFor("friend@example.org")).toBe("envelope.sender-not-verified");
});

test("a certificate's names are in the line a person reads", () => {
  const mismatch = failure({
    stage: "tls",
    kind: "tls",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    certificate: {
      subject: "CN=x",
      issuer: "CN=Root",
      altNames: ["DNS:mail.host.example"],
      validFrom: "a",
      validTo: "b",
      fingerprint256: "0",
    },
  });
  const context: JudgeContext = { provider: null, endpoint: at(465, "tls", "mail.my.example") };
  expect(explain(judge(mismatch, context), context, "en").explanation).toContain("mail.host.example");
  const named = { ...context, endpoint: at(465, "tls", "127.0.0.1"), serverName: "mail.my.example" };
  expect(explain(judge(mismatch, named), named, "en").title).toContain("mail.my.example");
});
