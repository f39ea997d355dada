import { expect, test } from "vitest";
import { provider } from "./lookup.ts";
import { knownReply, sampleReply } from "./replies.ts";

const status = { class: 5, subject: 2, detail: 0 } as const;
const outlook = (verdict: string) => ({
  code: 554,
  enhanced: status,
  lines: [
    `5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Actual verdict is ${verdict}, ShowTierUpgrade. [Hostname=X]`,
  ],
});

test("one code with different words means different things", () => {
  expect(knownReply(provider("outlook"), "content", outlook("RefuseQuota"))?.cause).toBe(
    "envelope.daily-quota",
  );
  expect(knownReply(provider("outlook"), "content", outlook("Suspend"))?.cause).toBe(
    "data.unusual-activity-lock",
  );
  expect(knownReply(provider("outlook"), "content", outlook("HipSend"))).toBeNull();
});

test("codes lie: the words of the provider decide", () => {
  const cause = (id: string, code: number, line: string) =>
    knownReply(provider(id), "auth", { code, enhanced: null, lines: [line] })?.cause;
  expect(cause("sendgrid", 451, "Authentication failed: Maximum credits exceeded")).toBe(
    "auth.account-blocked-or-unpaid",
  );
  expect(
    cause(
      "aliyun",
      440,
      "mail from account doesn't conform with authentication (Auth Account:a|Mail Account:b)",
    ),
  ).toBe("envelope.sender-not-owned");
  expect(
    cause("mailgun", 421, "Domain x is not allowed to send: Sandbox subdomains are for test purposes only."),
  ).toBe("envelope.sandbox");
  expect(cause("amazon-ses", 454, "Throttling failure: Daily message quota exceeded.")).toBe(
    "envelope.daily-quota",
  );
  expect(cause("amazon-ses", 454, "Temporary authentication failure")).toBe("auth.temporary-failure");
});

test("ids, hosts and line breaks around the words play no part, letter case neither", () => {
  const reply = {
    code: 535,
    enhanced: { class: 5, subject: 7, detail: 8 } as const,
    lines: ["5.7.8 USERNAME AND PASSWORD NOT ACCEPTED.", "5.7.8 elsewhere abc123 - gsmtp"],
  };
  expect(knownReply(provider("gmail"), "auth", reply)?.cause).toBe("auth.bad-credentials");
});

test("another code, another status or a missing word is not recognised", () => {
  const gmail = provider("gmail");
  const known = gmail.replies.find(({ code }) => code === 534);
  if (known === undefined) throw new Error("Gmail's 534 is gone from the catalogue");
  const reply = sampleReply(known);
  expect(knownReply(gmail, "auth", reply)).toBe(known);
  expect(knownReply(gmail, "auth", { ...reply, code: 535 })).toBeNull();
  expect(knownReply(gmail, "auth", { ...reply, enhanced: null })).toBeNull();
  expect(knownReply(gmail, "auth", { ...reply, lines: ["5.7.9 No."] })).toBeNull();
});

test("a refusal that comes a stage later than usual is still recognised", () => {
  const reply = { code: 553, enhanced: null, lines: ["Mail from must equal authorized user"] };
  expect(knownReply(provider("163"), "rcpt", reply)?.cause).toBe("envelope.sender-not-owned");
});
