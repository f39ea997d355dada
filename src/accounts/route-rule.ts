// The rule by which a route is chosen for a message that names none.
import { parseAddress } from "../messages/addresses.ts";
import { parseDomain } from "../messages/domain.ts";
import { MessageError } from "../messages/error.ts";
import { type Lane, lanes } from "../messages/lanes.ts";
import type { AccountError } from "./error.ts";

/** Of each list that is there, one entry has to fit. */
export interface RouteRule {
  /** An address, or @ and a domain, which stands for all its addresses but not for its subdomains; in lower case. */
  readonly senders?: readonly string[];
  /** As a message's `origin`, `http:4f2a…`; or what stands behind its colon alone, a key's id, whichever door it comes by. */
  readonly origins?: readonly string[];
  readonly lanes?: readonly Lane[];
}

/** What is known of a message when its route is chosen. */
export interface Unrouted {
  /** The sender's bare address; empty when it has none. */
  readonly from: string;
  readonly origin: string;
  readonly lane: Lane;
}

/** More than that is a list for a program, not for a person. */
const mostEntries = 1000;
const longestOrigin = 256;

/** The rule as it is stored: checked, addresses in lower case. Throws AccountError `bad-route`. */
export function checkedRule(rule: RouteRule, refuse: (problem: string) => AccountError): RouteRule {
  const { senders, origins, lanes: only, ...rest } = rule;
  const stranger = Object.keys(rest)[0];
  if (stranger !== undefined)
    throw refuse(`a rule knows senders, origins and lanes, not ${JSON.stringify(stranger.slice(0, 100))}`);
  const checked = {
    ...(senders === undefined ? {} : { senders: list("senders", senders, checkedSender, refuse) }),
    ...(origins === undefined ? {} : { origins: list("origins", origins, checkedOrigin, refuse) }),
    ...(only === undefined ? {} : { lanes: list("lanes", only, checkedLane, refuse) }),
  };
  if (Object.keys(checked).length === 0)
    throw refuse(
      "its rule names no condition, so every message would fit. Name senders, origins or lanes, or no rule",
    );
  return checked;
}

/**
 * How well a rule fits, or null when it does not: the more kinds of conditions it names, the better, and between two
 * that name as many, an exact sender before a domain.
 */
export function fitness(rule: RouteRule, { from, origin, lane }: Unrouted): number | null {
  const address = from.toLowerCase();
  const exact = rule.senders?.includes(address) ?? false;
  const domain = address.slice(address.lastIndexOf("@"));
  if (rule.senders !== undefined && !exact && !rule.senders.includes(domain)) return null;
  const caller = origin.slice(origin.indexOf(":") + 1);
  if (rule.origins !== undefined && !rule.origins.some((one) => one === origin || one === caller))
    return null;
  if (rule.lanes !== undefined && !rule.lanes.includes(lane)) return null;
  return 2 * Object.keys(rule).length + (exact ? 1 : 0);
}

function list<Entry extends string>(
  name: keyof RouteRule,
  entries: readonly Entry[],
  check: (entry: Entry) => Entry | { readonly problem: string },
  refuse: (problem: string) => AccountError,
): readonly Entry[] {
  if (entries.length === 0) throw refuse(`when.${name} is empty, so no message would fit. Leave it out`);
  if (entries.length > mostEntries)
    throw refuse(`when.${name} has ${entries.length} entries; ${mostEntries} are allowed`);
  const checked = entries.map((entry) => {
    const result = check(entry);
    if (typeof result === "string") return result;
    throw refuse(`when.${name}: ${JSON.stringify(entry.slice(0, 100))} ${result.problem}`);
  });
  const twice = checked.find((entry, index) => checked.indexOf(entry) < index);
  if (twice !== undefined) throw refuse(`when.${name}: ${JSON.stringify(twice)} stands there twice`);
  return checked;
}

function checkedSender(pattern: string): string | { readonly problem: string } {
  if (pattern.startsWith("@")) {
    const parsed = parseDomain(pattern.slice(1));
    return "domain" in parsed
      ? `@${parsed.domain}`
      : { problem: `is no domain: ${parsed.problem}. Write @example.com` };
  }
  try {
    return parseAddress(pattern, "senders").address.toLowerCase();
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { problem: "is no sender. Write ann@example.com, or @example.com for all of a domain" };
  }
}

function checkedOrigin(origin: string): string | { readonly problem: string } {
  if (origin !== "" && origin.length <= longestOrigin && !/[\s\p{Cc}]/u.test(origin)) return origin;
  return { problem: `is no origin: 1 to ${longestOrigin} characters without blanks, as messages show it` };
}

function checkedLane(lane: Lane): Lane | { readonly problem: string } {
  return lanes.includes(lane) ? lane : { problem: `is no lane. There are ${lanes.join(", ")}` };
}
