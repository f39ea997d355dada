// Every text of the book, in both languages, for every provider: written, filled, and about this provider.
import { describe, expect, test } from "vitest";
import { provider, providers } from "../providers/catalogue.ts";
import type { Provider } from "../providers/provider.ts";
import { type CauseId, cause, causeIds } from "./book.ts";
import { explain, type Language } from "./explain.ts";
import { at, refusal } from "./failures.fixture.ts";
import { type JudgeContext, judge, judgeLocal } from "./judge.ts";
import { fill, placeholders } from "./placeholders.ts";
import type { Remedy } from "./verdict.ts";

const languages: readonly Language[] = ["en", "zh"];
const han = /\p{Script=Han}/u;

const textsOf = ({ title, explanation, steps }: Remedy) => [title, explanation, ...steps];

/** All that can be known of an account at a provider, or nothing at all. */
function contexts(): readonly JudgeContext[] {
  const full = (entry: Provider): JudgeContext => ({
    provider: entry,
    endpoint: entry.endpoints[0] ?? at(587, "starttls"),
    username: "user@example.com",
    sender: "sender@example.org",
  });
  return [{ provider: null }, { provider: null, endpoint: at(465, "tls") }, ...providers.map(full)];
}

test("every entry is written in English and in Chinese", () => {
  for (const id of causeIds) {
    const { title, explanation, steps } = cause(id);
    expect(steps.length, id).toBeGreaterThan(0);
    for (const text of [title, explanation, ...steps]) {
      expect(text.en, id).not.toMatch(han);
      expect(text.zh, id).toMatch(han);
      expect(text.zh, id).not.toBe(text.en);
      expect(text.zh, `${id}: half-width punctuation after a Chinese character`).not.toMatch(
        /\p{Script=Han}[,;:?!]/u,
      );
    }
    expect(title.en, id).not.toMatch(/[.。]$/);
    expect(title.zh, id).not.toMatch(/[.。]$/);
  }
});

test("every language of an entry tells of the same things", () => {
  const names = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
  for (const id of causeIds) {
    const { title, explanation, steps } = cause(id);
    for (const { en, zh } of [title, explanation, ...steps])
      expect(names(zh), `${id}: ${en}`).toEqual(names(en));
  }
});

describe.each(languages)("remedies in %s", (language) => {
  test("no placeholder is left open for any cause at any provider", () => {
    for (const context of contexts()) {
      for (const id of causeIds) {
        const remedy = explain(judgeLocal({ cause: id, message: "settings: it failed" }), context, language);
        for (const text of textsOf(remedy)) {
          expect(text, `${id} at ${context.provider?.id ?? "an unknown server"}`).not.toMatch(
            /\{\w*\}|undefined|null\b/,
          );
          expect(text.trim(), id).toBe(text);
        }
      }
    }
  });
});

test("a placeholder that does not exist is an error, never printed", () => {
  expect(() => fill("Ask {nobody}", {}, "en")).toThrow("{nobody}");
});

test("every placeholder has words of its own where nothing is known", () => {
  for (const name of placeholders) {
    expect(fill(`x {${name}}`, {}, "en")).toMatch(/^x \S/);
    expect(fill(`x {${name}}`, {}, "zh")).toMatch(han);
  }
});

test("a fallback at the beginning of a sentence begins with a capital", () => {
  expect(fill("{provider} refused", {}, "en")).toBe("The mail provider refused");
  expect(fill("ask {provider}", {}, "en")).toBe("ask the mail provider");
});

test("Chinese is spaced from a Latin name and not from a Chinese one", () => {
  expect(fill("请询问{provider}是否", { provider: "Gmail" }, "zh")).toBe("请询问 Gmail 是否");
  expect(fill("请询问{provider}是否", {}, "zh")).toBe("请询问邮件服务商是否");
});

describe("the remedy names this provider and this port", () => {
  const gmail = provider("gmail");
  const at587: JudgeContext = {
    provider: gmail,
    endpoint: at(587, "starttls", "smtp.gmail.com"),
    username: "a@gmail.com",
  };
  const refused = refusal(
    "auth",
    "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp",
  );

  test("535 5.7.8 at Gmail on an account password leads to Gmail's own way to an app password", () => {
    const context: JudgeContext = { ...at587, secretKind: "account-password" };
    const remedy = explain(judge(refused, context), context, "en");
    expect(remedy.title).toBe("Gmail wants an app password, not the account's own password");
    expect(remedy.steps.join()).toContain("2-Step Verification");
    expect(remedy.explanation).toContain("Username and Password not accepted");
    expect(remedy.links).toContain("https://myaccount.google.com/apppasswords");
  });

  test("the same in Chinese", () => {
    const context: JudgeContext = { ...at587, secretKind: "account-password" };
    const remedy = explain(judge(refused, context), context, "zh");
    expect(remedy.title).toContain("应用专用密码");
    expect(remedy.steps.join()).toContain("两步验证");
    expect(remedy.explanation).toContain("服务器原话：535 5.7.8 Username and Password not accepted");
  });

  test("what the provider means by its reply is told beside what it says", () => {
    const context: JudgeContext = { provider: provider("163"), endpoint: at(465, "tls", "smtp.163.com") };
    const remedy = explain(judge(refusal("auth", "550 User has no permission"), context), context, "zh");
    expect(remedy.explanation).toContain("授权码");
    expect(remedy.explanation).toContain("550 User has no permission");
  });

  test("a timeout names the host, the port and the other ways in", () => {
    const remedy = explain(
      judgeLocal({ cause: "tcp.timeout", message: "connect: TIMEOUT", stage: "connect" }),
      at587,
      "en",
    );
    expect(remedy.title).toContain("smtp.gmail.com on port 587");
    expect(remedy.steps[0]).toContain("port 465 (SSL/TLS)");
    expect(remedy.steps[0]).not.toContain("587");
  });
});

describe("a remedy reads as one text", () => {
  const context: JudgeContext = {
    provider: provider("qq"),
    endpoint: at(465, "tls", "smtp.qq.com"),
    username: "a@qq.com",
  };

  test("the server's words stand in it once, in a paragraph of their own", () => {
    const failure = refusal("content", "550 Mail content denied. https://service.mail.qq.com/1000726");
    for (const language of languages) {
      const remedy = explain(judge(failure, context), context, language);
      const all = [...textsOf(remedy)].join("\n");
      expect(all.split("550 Mail content denied").length).toBe(2);
      expect(remedy.explanation.split("\n").at(-1)).toContain("550 Mail content denied");
    }
    const large = explain(judge(refusal("content", "552 5.3.4 Message too large"), context), context, "zh");
    expect(large.explanation.split("552").length).toBe(2);
  });

  test("the catalogue's sentences go on in small letters, names and menus keep theirs", () => {
    const remedy = explain(judge(refusal("auth", "535 Login fail."), context), context, "en");
    expect(remedy.steps[0]).toBe(
      "Check the user name: the full email address (the bare QQ number may work too).",
    );
    expect(remedy.steps[1]).toContain("make a new one: Settings (设置) > ");
    expect(fill("{host} is down", { host: "smtp.qq.com" }, "en")).toBe("smtp.qq.com is down");
  });

  test("in Chinese the provider has its Chinese name", () => {
    const remedy = explain(judge(refusal("auth", "535 Login fail."), context), context, "zh");
    expect(remedy.title).toBe("QQ邮箱拒绝登录：用户名或密码不对");
  });
});

test("a host that is nearly a known one is told of, whatever the name service says", () => {
  const context: JudgeContext = { provider: null, endpoint: at(587, "starttls", "smtp.gmial.com") };
  for (const id of ["config.host-typo", "dns.nxdomain", "dns.resolver-unreachable"] as const) {
    for (const language of languages) {
      const remedy = explain(judgeLocal({ cause: id, message: "x", stage: "resolve" }), context, language);
      expect(remedy.steps[0], id).toContain("smtp.gmail.com");
    }
  }
});

test("a provider's own host is never called misspelled, whatever the name service says", () => {
  const of = (host: string) => {
    const context: JudgeContext = { provider: null, endpoint: at(465, "tls", host) };
    const verdict = judgeLocal({ cause: "dns.nxdomain", message: "x", stage: "resolve" });
    return explain(verdict, context, "en").steps.join("\n");
  };
  expect(of("smtp.gmail.com")).toMatch(/^smtp\.gmail\.com is spelled right/);
  expect(of("smtp.gmail.com")).not.toContain("Check the spelling");
  // A host that only old documents name may be gone.
  expect(of("smtp.live.com")).toContain("Check the spelling");
});

test("a refused certificate is told of by names, issuer and days", () => {
  const certificate = {
    subject: "CN=mail.example.com",
    issuer: "CN=Some authority",
    altNames: ["mail.example.com"],
    validFrom: "2025-01-01T00:00:00.000Z",
    validTo: "2025-04-01T12:34:56.000Z",
    fingerprint256: "AA",
  };
  const verdict = {
    ...judgeLocal({ cause: "cert.expired", message: "tls: expired", stage: "tls" }),
    certificate,
  };
  const { explanation } = explain(verdict, { provider: null }, "en");
  expect(explanation).toContain("issued to mail.example.com by CN=Some authority");
  expect(explanation).toContain("valid from 2025-01-01 to 2025-04-01.");
});

test("a user name that is the key itself is shown nowhere", () => {
  const postmark = provider("postmark");
  const key = "0f6f6a5e-1111-2222-3333-444455556666";
  for (const id of causeIds) {
    for (const language of languages) {
      const context: JudgeContext = { provider: postmark, endpoint: at(587, "starttls"), username: key };
      const remedy = explain(judgeLocal({ cause: id as CauseId, message: "x" }), context, language);
      expect(JSON.stringify(remedy)).not.toContain(key);
    }
  }
});

test("what the probes found outranks what the failure tells, in the language asked for", () => {
  const verdict = judgeLocal({ cause: "tcp.timeout-cloud-egress-block", message: "connect: no answer" });
  const context: JudgeContext = { provider: null, endpoint: at(587, "starttls") };
  const found = {
    platform: { en: "Example Cloud", zh: "示例云" },
    blockedPorts: "25, 465",
    host: "found.example",
  };
  expect(explain(verdict, context, "en", found).title).toContain(
    "Example Cloud blocks outgoing mail on port 25, 465",
  );
  expect(explain(verdict, context, "zh", found).title).toContain("示例云");
  expect(explain(verdict, context, "zh", found).title).not.toContain("Example Cloud");
  expect(explain(verdict, context, "en").title).not.toContain("Example Cloud");
  const lost = judgeLocal({ cause: "tcp.mtu-blackhole", message: "tls: no answer" });
  expect(explain(lost, context, "en").title).toContain(at(587, "starttls").host);
  expect(explain(lost, context, "en", found).title).toContain("found.example");
});
