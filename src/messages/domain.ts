// The part of an address after the @ (RFC 5321 §4.1.2, §4.1.3; RFC 5890 for names in other scripts).
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { shown } from "./error.ts";

export type DomainResult =
  /** As it goes over the wire: lower case, A-labels. */
  | { readonly domain: string }
  /** What is wrong, and at which character of the domain, from 0. */
  | { readonly problem: string; readonly at: number };

export function parseDomain(text: string): DomainResult {
  if (text.startsWith("[")) return parseLiteral(text);
  if (text === "") return { problem: "nothing stands after the @", at: 0 };
  const foreign = /[^\p{ASCII}]/u.test(text);
  const misfit = /[^A-Za-z0-9.\u0080-\u{10FFFF}-]/u.exec(text);
  if (misfit !== null)
    return {
      problem:
        misfit[0] === " " ? "a space stands in the domain" : `${shown(misfit[0])} cannot stand in a domain`,
      at: misfit.index,
    };
  const domain = (foreign ? domainToASCII(text) : text).toLowerCase();
  if (domain === "") return { problem: "the domain is no valid internationalised name", at: 0 };
  if (foreign && /[^a-z0-9.-]/.test(domain))
    return { problem: "the domain is no valid internationalised name", at: 0 };
  if (domain.length > 255)
    return { problem: `the domain is ${domain.length} octets long; 255 are allowed`, at: 0 };

  let at = 0;
  const labels = domain.split(".");
  for (const label of labels) {
    if (label === "") {
      if (at === 0) return { problem: "the domain begins with a dot", at };
      return at === domain.length
        ? { problem: "the domain ends with a dot", at: foreign ? 0 : at - 1 }
        : { problem: "two dots stand in a row", at: foreign ? 0 : at };
    }
    if (label.length > 63)
      return {
        problem: `a part of the domain is ${label.length} octets long; 63 are allowed`,
        at: foreign ? 0 : at,
      };
    if (label.startsWith("-") || label.endsWith("-")) {
      return { problem: "a part of the domain begins or ends with a hyphen", at: foreign ? 0 : at };
    }
    at += label.length + 1;
  }
  if (/^\d+$/.test(labels.at(-1)!)) {
    return {
      problem: "a domain does not end in a number; an IP address stands in brackets, as in [192.0.2.1]",
      at: 0,
    };
  }
  return { domain };
}

/** An address of a host instead of its name (RFC 5321 §4.1.3). */
function parseLiteral(text: string): DomainResult {
  if (!text.endsWith("]")) return { problem: "the bracket [ is not closed at the end", at: 0 };
  const inside = text.slice(1, -1);
  if (isIP(inside) === 4) return { domain: `[${inside}]` };
  if (/^ipv6:/i.test(inside) && isIP(inside.slice(5)) === 6 && !inside.includes("%")) {
    return { domain: `[IPv6:${inside.slice(5).toLowerCase()}]` };
  }
  return { problem: "the brackets hold no IP address ([192.0.2.1] or [IPv6:2001:db8::1])", at: 1 };
}
