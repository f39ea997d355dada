// Which problem a failure is, and whether a connection is used again after it.
import { expect, test } from "vitest";
import { StoreError } from "../store.ts";
import { codeOf, isPassing, isRetryable, leavesConnectionSound, toStoreError } from "./failure.ts";

const failed = (code: string, message = "so it said") => Object.assign(new Error(message), { code });

test.each([
  ["ECONNREFUSED", "unreachable", false],
  ["ENOTFOUND", "unreachable", false],
  ["EPIPE", "unreachable", false],
  ["ECONNRESET", "unreachable", false],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unreachable", false],
  ["08006", "unreachable", false],
  ["53300", "unreachable", true],
  ["57P01", "unreachable", false],
  ["57P03", "unreachable", false],
  ["57014", "unreachable", true],
  ["25006", "read-only", false],
  ["28P01", "denied", true],
  ["3D000", "denied", true],
  ["42501", "denied", true],
  ["53100", "disk-full", true],
  ["58030", "io", false],
  ["XX001", "io", true],
  ["23505", "io", true],
])("%s is %s; the connection is used again: %s", (code, problem, sound) => {
  const error = failed(code);
  expect(toStoreError(error, "db:5432/mail")).toMatchObject({
    problem,
    message: expect.stringMatching(/db:5432\/mail.*so it said/),
    cause: error,
  });
  expect(leavesConnectionSound(error)).toBe(sound);
});

test("what is worth another try at once, and what passes with time", () => {
  expect(["40001", "40P01", "23505"].map((code) => isRetryable(failed(code)))).toEqual([true, true, false]);
  expect(isRetryable(failed("0A000", "cached plan must not change result type"))).toBe(true);
  expect(isRetryable(failed("0A000", "not supported"))).toBe(false);
  const problems = (["unreachable", "read-only", "denied", "closed"] as const).map((problem) =>
    isPassing(new StoreError(problem, "")),
  );
  expect(problems).toEqual([true, true, false, false]);
});

test("of several addresses that were tried, the first one's failure counts, and all are told", () => {
  const all = new AggregateError(
    [failed("ECONNREFUSED", "refused by ::1"), failed("ETIMEDOUT", "silent")],
    "",
  );
  expect(codeOf(all)).toBe("ECONNREFUSED");
  expect(toStoreError(all, "db")).toMatchObject({
    message: expect.stringContaining("refused by ::1; silent"),
  });
});

test("a bug stays a bug", () => {
  const bug = new TypeError("x is not a function");
  expect(toStoreError(bug, "db")).toBe(bug);
});
