import { expect, test } from "vitest";
import type { Verdict } from "../../causes/verdict.ts";
import { told } from "./log.ts";

const verdict: Verdict = {
  stage: "auth",
  scope: "account",
  certainty: "not-accepted",
  retry: "pause-account",
  cause: "auth.bad-credentials",
  reply: null,
  code: null,
  message: "auth: 535 refused\u001b[2J",
  waitMs: null,
};
const time = new Date(2026, 0, 2, 3, 4, 5).getTime();
const of = {
  level: 30,
  time,
  at: time,
  id: "id-1",
  lane: "normal",
  index: 0,
  address: "a@b.example",
} as const;
const bare = (_: unknown, text: string) => text;
const lines = (line: Parameters<typeof told>[0]) => told(line, bare, 100).split("\n");

test("a recipient's outcome is one line, with the cause below when there is one", () => {
  expect(lines({ ...of, msg: "sent", type: "sent", account: "main", from: null })).toEqual([
    "03:04:05 sent      id-1  a@b.example  main",
  ]);
  expect(lines({ ...of, msg: "sent", type: "sent", account: "main", from: "own@c.example" })).toEqual([
    "03:04:05 sent      id-1  a@b.example  main  as own@c.example",
  ]);
  expect(
    lines({ ...of, msg: "deferred", type: "deferred", account: "main", dueAt: time + 60_000, verdict }),
  ).toEqual([
    "03:04:05 deferred  id-1  a@b.example  main  again at 03:05:05",
    "         auth: 535 refused\u{fffd}[2J  [auth.bad-credentials]",
  ]);
  expect(lines({ ...of, msg: "expired", type: "expired", account: null, verdict: null })).toEqual([
    "03:04:05 expired   id-1  a@b.example",
  ]);
});

test("an account at fault is told with the way out", () => {
  const told = lines({
    level: 30,
    time,
    at: time,
    msg: "",
    type: "account-parked",
    account: "main",
    verdict,
  });
  expect(told[0]).toBe("03:04:05 account main is at fault");
  expect(told.at(-1)).toContain("postrider account change main");
});

test("what waits, rests or is down says until when, and what to do", () => {
  const at = { level: 40, time, at: time, msg: "", account: "main" } as const;
  const until = time + 60_000;
  expect(lines({ ...at, type: "account-rests", until, verdict })).toEqual([
    "03:04:05 account main rests until 03:05:05",
    "         auth: 535 refused\u{fffd}[2J  [auth.bad-credentials]",
    expect.stringContaining("nothing to do"),
  ]);
  const endpoint = "smtp.example.com:587";
  expect(lines({ ...at, type: "endpoint-down", endpoint, until, verdict })).toEqual([
    "03:04:05 endpoint smtp.example.com:587 of account main is down",
    "         auth: 535 refused\u{fffd}[2J  [auth.bad-credentials]",
    "         Tried again at 03:05:05. What is wrong: postrider test main",
  ]);
  expect(lines({ ...at, type: "endpoint-up", endpoint })).toEqual([
    "03:04:05 endpoint smtp.example.com:587 of account main is up again",
  ]);
  expect(lines({ ...at, type: "budget-low", window: "day", limit: 500, spent: 450 })[0]).toBe(
    "03:04:05 account main has spent 450 of 500 a day",
  );
  const tomorrow = Date.now() + 30 * 3_600_000;
  expect(lines({ ...at, type: "budget-spent", window: "day", until: tomorrow })[1]).toMatch(
    /^ {9}From \d\d:\d\d:\d\d on \w{3} \d\d on it sends again/,
  );
});

test("an address on the suppression list is told with the way off it, safe to copy", () => {
  const address = `o'x$(touch\${IFS}y)@b.example`;
  expect(lines({ ...of, address, msg: "", type: "suppressed", account: null }).join("")).toContain(
    `'o'\\''x$(touch\${IFS}y)@b.example'`,
  );
});

test("what the server notes itself is shown as it is", () => {
  expect(lines({ level: 30, time, msg: "stopping" })).toEqual(["03:04:05 stopping"]);
  expect(lines({ level: 50, time, msg: "request failed", err: { message: "disk" } })).toEqual([
    "03:04:05 request failed: disk",
  ]);
});
