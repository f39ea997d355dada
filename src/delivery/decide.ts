// From a verdict to what happens with one recipient. Scope and certainty decide.
import type { Verdict } from "../causes/verdict.ts";
import type { Lane } from "../messages/lanes.ts";

/**
 * - `next-account`: it goes on to the route's next account, in the same turn.
 * - `retry`: later, by the schedule.
 * - the others as in the events of a recipient.
 */
export type Decision = "next-account" | "retry" | "park" | "lose" | "bounce" | "fail" | "release";

export interface Situation {
  readonly lane: Lane;
  /** Whether the route has another account that can be tried now. */
  readonly hasNext: boolean;
  /** Attempts made before this one. */
  readonly attempts: number;
}

/** From this attempt on an urgent message that may have arrived is not sent again: a server that loses every last reply would send dozens. */
const lastResend = 3;

/** Limits that pass with time. Every other lock of an account needs a person. */
const passingLimits: ReadonlySet<string> = new Set([
  "envelope.rate-limited",
  "envelope.daily-quota",
  "auth.too-many-logins",
]);

/** Whether an account's fault waits for a person; otherwise time mends it. */
export function needsPerson(verdict: Verdict): boolean {
  if (verdict.scope !== "account") return false;
  if (verdict.retry === "config" || verdict.retry === "permanent") return true;
  return verdict.retry === "pause-account" && verdict.waitMs === null && !passingLimits.has(verdict.cause);
}

/** Whether a limit of the account's was met that ends by itself. */
export function passesWithTime(verdict: Verdict): boolean {
  return verdict.scope === "account" && !needsPerson(verdict);
}

export function decide(verdict: Verdict, situation: Situation): Decision {
  // The server may have it. A sign-in code that comes twice does little harm and one that never comes does much;
  // with everything else a person looks first.
  if (verdict.certainty === "unknown")
    return situation.lane === "urgent" && situation.attempts < lastResend ? "retry" : "lose";
  if (verdict.code === "ABORTED") return "release";
  switch (verdict.scope) {
    case "recipient":
      return isFinal(verdict) ? "bounce" : "retry";
    case "message":
      if (!isFinal(verdict)) return "retry";
      return verdict.reply === null ? "fail" : "bounce";
    case "account":
      if (situation.hasNext) return "next-account";
      return needsPerson(verdict) ? "park" : "retry";
    case "endpoint":
      return situation.hasNext ? "next-account" : "retry";
    case "ours":
      return isFinal(verdict) ? "fail" : "retry";
  }
}

function isFinal(verdict: Verdict): boolean {
  return verdict.retry === "permanent" || verdict.retry === "config";
}
