// How long nothing is sent through an account after its endpoint failed or a limit was met.
import type { Verdict } from "../causes/verdict.ts";

const second = 1000;
const minute = 60 * second;

/** Milliseconds: the first rest, by how much the next is longer, the longest. */
interface Rest {
  readonly first: number;
  readonly growth: number;
  readonly longest: number;
}

/** No longer than an urgent message waits for its fourth try: it must find the endpoint awake when it comes back. */
const afterFailure: Rest = { first: second, growth: 2, longest: minute };
/** Rates are counted by the minute and by the hour. */
const afterLimit: Rest = { first: minute, growth: 4, longest: 60 * minute };
/** Each new sign-in lengthens such a lock at several providers. */
const afterLogins: Rest = { first: 15 * minute, growth: 2, longest: 120 * minute };

const longestAsked = 24 * 60 * minute;

/** `failures`: how many in a row, this one included. The first failure of an endpoint may be that of one connection: no rest. */
export function restMs(verdict: Verdict, failures: number): number {
  const limited = verdict.scope === "account";
  const rest = !limited ? afterFailure : verdict.cause === "auth.too-many-logins" ? afterLogins : afterLimit;
  const nth = limited ? failures - 1 : failures - 2;
  const grown = nth < 0 ? 0 : Math.min(rest.first * rest.growth ** nth, rest.longest);
  return Math.max(grown, Math.min(verdict.waitMs ?? 0, longestAsked));
}
