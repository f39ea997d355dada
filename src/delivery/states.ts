// How an account stands, for those who look.
import type { Account } from "../accounts/account.ts";
import { endpointsOf } from "../accounts/limits.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Line } from "./line.ts";
import type { Known } from "./lines.ts";

export interface AccountState {
  readonly name: string;
  /** Until when nothing is sent, as its provider met a limit; null when it does not rest. */
  readonly restsUntil: number | null;
  readonly restVerdict: Verdict | null;
  /** Messages a minute, after a complaint of the provider about the rate; null when there is none. */
  readonly slowedTo: number | null;
  /** Best first. */
  readonly endpoints: readonly {
    /** `host:port`. */
    readonly endpoint: string;
    /** Until when nothing is tried there, and why; null while it works, or nobody has tried. */
    readonly down: { readonly until: number; readonly verdict: Verdict } | null;
  }[];
  /** Messages that wait for their turn or are under way. */
  readonly inHand: number;
  /** Connections that stand. */
  readonly connections: number;
}

/** `line` is null while nothing has been sent through the account here; `known` is what others found out about it. */
export function accountState(account: Account, line: Line | null, known: Known, now: number): AccountState {
  const rest = known.rest !== null && known.rest.until > now ? known.rest : null;
  const resting = line === null ? rest : line.resting(now);
  const named = ({ host, port }: Account["endpoint"]) => `${host}:${port}`;
  return {
    name: account.name,
    restsUntil: resting?.until ?? null,
    restVerdict: resting?.verdict ?? null,
    slowedTo: line?.budget.slowedTo ?? null,
    endpoints:
      line === null
        ? endpointsOf(account).map((endpoint, at) => ({ endpoint: named(endpoint), down: downOf(known, at) }))
        : line.ways.map(({ endpoint, breaker }) => ({ endpoint: named(endpoint), down: breaker.down })),
    inHand: line?.inHand ?? 0,
    connections: line?.ways.reduce((sum, way) => sum + way.connections, 0) ?? 0,
  };
}

function downOf({ downs }: Known, at: number): AccountState["endpoints"][number]["down"] {
  const down = downs[at] ?? null;
  return down === null ? null : { until: down.until, verdict: down.verdict };
}
