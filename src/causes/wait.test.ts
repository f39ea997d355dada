// Texts as servers write them.
import { expect, test } from "vitest";
import { refusal } from "./failures.fixture.ts";
import { judge } from "./judge.ts";
import { waitMs } from "./wait.ts";

test.each([
  ["Greylisted for 300 seconds (see http://postgrey.schweikert.ch/help/example.com.html)", 300_000],
  ["You have been greylisted for 300 seconds", 300_000],
  ["please try again in 5 minutes", 300_000],
  ["Please try again in 1 hour", 3_600_000],
  ["Greylisting in action, please come back in 00:04:59", 299_000],
  ["retry after 300 s", 300_000],
  ["Rate limit exceeded, retry-after: 120", 120_000],
  ["Temporarily deferred, wait 30 sec before retrying", 30_000],
  ["Too many failures: blocked for 15 min", 900_000],
  ["发信过于频繁，请在 10 分钟后重试", 600_000],
  ["try again in 90 hours", 86_400_000],
])("%s", (text, ms) => {
  expect(waitMs(text)).toBe(ms);
});

test.each([
  "Try again later",
  "only 10 messages per 5 minutes are allowed",
  "retry timeout exceeded",
  "Account 1234 deferred",
  "try again in 0 seconds",
  "see https://example.com/again/5/minutes-of-meeting",
])("%s names no wait", (text) => {
  expect(waitMs(text)).toBeNull();
});

test("the wait of a reply is in the verdict", () => {
  const verdict = judge(refusal("rcpt", "450 4.2.0 Greylisted, try again in 4 minutes"), { provider: null });
  expect(verdict).toMatchObject({ cause: "envelope.greylisted", waitMs: 240_000, retry: "transient" });
});
