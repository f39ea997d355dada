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
  expect(lines({ ...of, msg: "sent", type: "sent", account: "main" })).toEqual([
    "03:04:05 sent      id-1  a@b.example  main",
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

test("what the server notes itself is shown as it is", () => {
  expect(lines({ level: 30, time, msg: "stopping" })).toEqual(["03:04:05 stopping"]);
  expect(lines({ level: 50, time, msg: "request failed", err: { message: "disk" } })).toEqual([
    "03:04:05 request failed: disk",
  ]);
});
