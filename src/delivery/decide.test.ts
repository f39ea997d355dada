import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Retry, Scope, Verdict } from "../causes/verdict.ts";
import { lanes } from "../messages/lanes.ts";
import type { Reply } from "../smtp/reply.ts";
import { decide, needsPerson } from "./decide.ts";

const reply: Reply = { code: 550, enhanced: null, lines: ["no"] };
const verdict = (more: Partial<Verdict>): Verdict => ({
  stage: "rcpt",
  scope: "recipient",
  certainty: "not-accepted",
  retry: "transient",
  cause: "unknown.reply",
  reply,
  code: null,
  message: "no",
  waitMs: null,
  ...more,
});
const alone = { lane: "normal", hasNext: false, attempts: 0 } as const;
const withNext = { lane: "normal", hasNext: true, attempts: 0 } as const;

describe("what becomes of a recipient", () => {
  test.each<[Scope, Retry, string, string]>([
    ["recipient", "permanent", "bounce", "bounce"],
    ["recipient", "transient", "retry", "retry"],
    ["message", "permanent", "bounce", "bounce"],
    ["message", "transient", "retry", "retry"],
    ["account", "config", "park", "next-account"],
    ["account", "pause-account", "park", "next-account"],
    ["account", "transient", "retry", "next-account"],
    ["endpoint", "transient", "retry", "next-account"],
    ["endpoint", "connection", "retry", "next-account"],
    ["endpoint", "config", "retry", "next-account"],
    ["ours", "transient", "retry", "retry"],
    ["ours", "permanent", "fail", "fail"],
  ])("a fault of scope %s, %s: %s alone, %s with another account", (scope, retry, single, next) => {
    expect(decide(verdict({ scope, retry }), alone)).toBe(single);
    expect(decide(verdict({ scope, retry }), withNext)).toBe(next);
  });

  test("what we refuse ourselves fails, what the server refuses bounces", () => {
    const own = verdict({ scope: "message", retry: "permanent", reply: null, code: "TOO_LARGE" });
    expect(decide(own, alone)).toBe("fail");
  });

  test("limits that pass with time are waited out; locks wait for a person", () => {
    const limit = (more: Partial<Verdict>) => verdict({ scope: "account", retry: "pause-account", ...more });
    expect(decide(limit({ cause: "envelope.rate-limited" }), alone)).toBe("retry");
    expect(decide(limit({ cause: "envelope.daily-quota" }), alone)).toBe("retry");
    expect(decide(limit({ cause: "auth.too-many-logins" }), alone)).toBe("retry");
    expect(decide(limit({ cause: "auth.account-blocked-or-unpaid", waitMs: 60_000 }), alone)).toBe("retry");
    expect(decide(limit({ cause: "auth.account-blocked-or-unpaid" }), alone)).toBe("park");
  });

  test("after the final dot only an urgent message is sent again", () => {
    const lost = verdict({ scope: "endpoint", certainty: "unknown" });
    expect(lanes.map((lane) => decide(lost, { lane, hasNext: true, attempts: 0 }))).toEqual([
      "retry",
      "lose",
      "lose",
    ]);
  });

  test("an urgent message goes out four times at most where every last reply is lost", () => {
    const lost = verdict({ scope: "endpoint", certainty: "unknown" });
    const ends = [0, 1, 2, 3, 4].map((attempts) =>
      decide(lost, { lane: "urgent", hasNext: false, attempts }),
    );
    expect(ends).toEqual(["retry", "retry", "retry", "lose", "lose"]);
  });

  test("what we cut ourselves is given back", () => {
    expect(decide(verdict({ scope: "ours", code: "ABORTED", reply: null }), alone)).toBe("release");
  });

  test("an account's fault never ends a message, whatever the rest of the verdict says", () => {
    const retries: readonly Retry[] = ["permanent", "transient", "pause-account", "connection", "config"];
    fc.assert(
      fc.property(
        fc.constantFrom<Scope>("account", "endpoint"),
        fc.constantFrom(...retries),
        fc.constantFrom(...lanes),
        fc.boolean(),
        fc.option(fc.nat(1_000_000)),
        (scope, retry, lane, hasNext, waitMs) => {
          const fault = verdict({ scope, retry, waitMs });
          const decision = decide(fault, { lane, hasNext, attempts: 0 });
          expect(["park", "retry", "next-account"]).toContain(decision);
          expect(decision === "park").toBe(!hasNext && needsPerson(fault));
        },
      ),
    );
  });
});
