// Which way this machine sends packets to an address, and the routes and rules of routing that forbid it.
import type { Family } from "../facts.ts";
import { numberOf, spanOf } from "./address.ts";
import { isRecord, listOf, numberIn, parsed, textIn } from "./json.ts";

export interface Way {
  /** The interface that it leaves by. */
  readonly device: string;
  /** This machine's own address on it; null where the kernel did not say. */
  readonly source: string | null;
  /** Whether the address is this machine's own. */
  readonly isLocal: boolean;
}

/** What `ip -j route get` printed; null for anything else. */
export function wayOf(output: string): Way | null {
  const [route] = listOf(parsed(output));
  if (!isRecord(route) || textIn(route.dev) === "") return null;
  const source = textIn(route.prefsrc);
  return {
    device: textIn(route.dev),
    source: source === "" ? null : source,
    isLocal: route.type === "local",
  };
}

export type ForbiddenKind = "prohibit" | "unreachable" | "blackhole";

/** How the kernel answers a look-up that ends at each kind (fib_props; a rule that says unreachable has another error than a route). */
const answers: readonly (readonly [ForbiddenKind, RegExp])[] = [
  ["prohibit", /RTNETLINK answers: Permission denied/],
  ["unreachable", /RTNETLINK answers: (?:No route to host|Network is unreachable)/],
  ["blackhole", /RTNETLINK answers: Invalid argument/],
];

/** Null when no route of these kinds answered. No route at all answers like one that says unreachable. */
export function forbiddenBy(stderr: string): ForbiddenKind | null {
  return answers.find(([, words]) => words.test(stderr))?.[0] ?? null;
}

/** A route, or a rule of routing, that answers with an error. */
export interface Forbidding {
  readonly kind: ForbiddenKind;
  readonly place: string;
  readonly text: string;
  readonly remove: string;
}

/** The longest prefix of that kind around the address, out of `ip -j route show table all`. */
export function forbiddingRoute(output: string, address: string, kind: ForbiddenKind): Forbidding | null {
  const wanted = numberOf(address);
  if (wanted === null) return null;
  const around = listOf(parsed(output)).flatMap((route) => {
    if (!isRecord(route) || route.type !== kind) return [];
    const destination = textIn(route.dst);
    const found =
      destination === "default" ? { family: wanted.family, span: everything } : spanOf(destination);
    if (found === null || found.family !== wanted.family) return [];
    const { low, high } = found.span;
    if (low > wanted.value || high < wanted.value) return [];
    return [{ destination, table: textIn(route.table) || "main", size: high - low }];
  });
  const [best] = around.sort((one, other) => (one.size < other.size ? -1 : 1));
  if (best === undefined) return null;
  const of = best.table === "main" ? "" : ` table ${best.table}`;
  return {
    kind,
    place: `table ${best.table}`,
    text: `${kind} ${best.destination}${of}`,
    remove: `sudo ip${six(wanted.family)} route del ${kind} ${best.destination}${of}`,
  };
}

const everything = { low: 0n, high: (1n << 128n) - 1n };

const six = (family: Family) => (family === 6 ? " -6" : "");

/** The first rule of that kind in `ip -j rule show` that takes in this port and user. Addresses in it are left to the kernel, which has already answered. */
export function forbiddingRule(
  output: string,
  family: Family,
  kind: ForbiddenKind,
  port: number,
  user: number | null,
): Forbidding | null {
  for (const rule of listOf(parsed(output))) {
    if (!isRecord(rule) || rule.action !== kind) continue;
    const only = numberIn(rule.dport);
    const from = numberIn(rule.dport_start) ?? only ?? 0;
    const to = numberIn(rule.dport_end) ?? only ?? 65_535;
    const firstUser = numberIn(rule.uid_start) ?? 0;
    const lastUser = numberIn(rule.uid_end) ?? 0xffff_ffff;
    if (port < from || port > to || (user !== null && (user < firstUser || user > lastUser))) continue;
    const priority = numberIn(rule.priority) ?? 0;
    const of = only === null ? "" : ` dport ${only}`;
    return {
      kind,
      place: `rule ${priority}`,
      text: `${priority}: from ${textIn(rule.src) || "all"}${of} ${kind}`,
      remove: `sudo ip${six(family)} rule del priority ${priority}`,
    };
  }
  return null;
}
