import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secretProblem, usernameProblem } from "./advice.ts";
import { providers } from "./catalogue/all.ts";
import { provider } from "./lookup.ts";

describe("the user name", () => {
  test.each([
    ["sendgrid", "apikey"],
    ["gmail", "someone@gmail.com"],
    ["gmail", "someone@company.example"],
    ["web-de", "someone"],
    ["web-de", "someone@web.de"],
    ["amazon-ses", "AKIAIOSFODNN7EXAMPLE"],
    ["brevo", "7a1b2c001@smtp-brevo.com"],
    ["mandrill", "whatever"],
  ])("%s has nothing against %s", (id, username) => {
    expect(usernameProblem(provider(id), username)).toBeNull();
  });

  test.each([
    ["sendgrid", "me@example.com", "apikey"],
    ["resend", "me@example.com", "resend"],
    ["gmail", "someone", "full"],
    ["qq", "12345", "full"],
    ["brevo", "me@example.com", "smtp-brevo.com"],
    ["amazon-ses", "admin", "usual form"],
    ["yahoo-japan", "me@example.com", "another provider"],
  ])("%s objects to %s and says what it wants (%s)", (id, username, says) => {
    const problem = usernameProblem(provider(id), username);
    expect(problem?.en).toContain(says);
    expect(problem?.zh).toMatch(/\p{Script=Han}/u);
  });

  test("line breaks, stray blanks and nothing at all are wrong everywhere", () => {
    for (const entry of [null, ...providers]) {
      expect(usernameProblem(entry, "")).not.toBeNull();
      expect(usernameProblem(entry, "me@example.com\r\n")?.en).toContain("line break");
      expect(usernameProblem(entry, " me@example.com")?.en).toContain("space");
    }
    expect(usernameProblem(null, "anything")).toBeNull();
  });
});

describe("the secret", () => {
  test.each([
    ["gmail", "abcdefghijklmnop"],
    ["qq", "abcdefghijklmnop"],
    ["icloud", "abcd-efgh-ijkl-mnop"],
    ["sendgrid", "SG.abc_def-123"],
    ["zoho", "Any Pass Word 1!"],
    ["microsoft-365", "password"],
  ])("%s has nothing against %s", (id, secret) => {
    expect(secretProblem(provider(id), secret)).toBeNull();
  });

  test("the blanks in which Gmail shows an app password are told apart from a wrong kind", () => {
    expect(secretProblem(provider("gmail"), "abcd efgh ijkl mnop")?.en).toContain("Take them out");
    expect(secretProblem(provider("gmail"), "Summer2026!")?.en).toContain("app password");
    expect(secretProblem(provider("qq"), "Summer2026!")?.zh).toContain("授权码");
  });

  test("a provider that only takes OAuth2 is told to anyone with a password", () => {
    for (const id of ["outlook", "hotmail"]) {
      expect(secretProblem(provider(id), "Summer2026!")?.en).toContain("takes no password");
    }
  });

  test("line breaks, stray blanks and nothing at all are wrong everywhere", () => {
    for (const secret of ["", "secret\n", "sec\u0000ret", " secret"]) {
      for (const entry of [null, ...providers]) expect(secretProblem(entry, secret)).not.toBeNull();
    }
    expect(secretProblem(null, "anything at all")).toBeNull();
  });

  test("no advice repeats the secret", () => {
    fc.assert(
      fc.property(fc.constantFrom(null, ...providers), fc.string({ minLength: 12 }), (entry, secret) => {
        const said = secretProblem(entry, secret);
        if (said !== null && secret.trim() !== "") {
          expect(said.en).not.toContain(secret);
          expect(said.zh).not.toContain(secret);
        }
      }),
    );
  });
});
