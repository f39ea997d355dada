// Which rule did it: the one that surely stops the setting's port, and whose effect is what was seen.
import type { Facts, FirewallFacts, Rule } from "../facts.ts";

/** How one try to connect to the setting's port ended. */
export interface Attempt {
  /** Null where it is not known. */
  readonly address: string | null;
  /** `TIMEOUT`, the system's code, or null when it stood. */
  readonly code: string | null;
}

/** By the knocks; where there are none, by the dialogue. */
export function attempts({ reach, walk }: Facts): readonly Attempt[] {
  const own = reach.seen?.own ?? [];
  if (own.length > 0) return own.map(({ address, code }) => ({ address, code }));
  if (walk.seen === null) return [];
  if (walk.seen.peer !== null || walk.seen.result.ok) return [{ address: null, code: null }];
  const { failure } = walk.seen;
  return failure?.facts.stage === "connect" ? [{ address: null, code: failure.facts.code ?? "TIMEOUT" }] : [];
}

/**
 * Null when no rule surely acts, or when what was seen speaks against it. A rule that only some addresses meet counts
 * when the others are free: it is told as a weakness then.
 */
export function actingRule(
  { setting }: Facts,
  { rules }: FirewallFacts,
  tried: readonly Attempt[],
): Rule | null {
  const { port } = setting.endpoint;
  const sure = rules.filter(({ certain, ports }) => certain && ports.includes(port));
  for (const attempt of tried) {
    const concerned = sure.filter(({ addresses }) => concerns(addresses, attempt));
    // A redirect comes first and the connection goes on from there; what stops it then is the later one.
    const stops = concerned.find(({ action }) => action !== "redirect");
    if (stops !== undefined && agrees(stops, attempt)) return stops;
    const turns = concerned.find(({ action }) => action === "redirect");
    if (turns !== undefined && stops === undefined) return turns;
  }
  return null;
}

function concerns(addresses: readonly string[], { address }: Attempt): boolean {
  return addresses.length === 0 || address === null || addresses.includes(address);
}

function agrees({ action }: Rule, { code }: Attempt): boolean {
  return action === "drop" ? code === "TIMEOUT" || code === "ETIMEDOUT" : code !== null && code !== "TIMEOUT";
}
