// SPF records: what stands in them, and what an evaluation would look up (RFC 7208).
import { isIP } from "node:net";
import type { Text } from "../../providers/provider.ts";
import type { Answered } from "../facts.ts";

export interface Term {
  readonly name: string;
  /** What stands behind `:` or `=`; empty without. */
  readonly value: string;
  readonly qualifier: "-" | "~" | "?" | "+";
}

export interface Record {
  readonly terms: readonly Term[];
  readonly problems: readonly Text[];
}

/** Longer ones are nobody's; a receiver may stop far earlier. Characters. */
const longest = 8_192;

const asking = ["include", "a", "mx", "ptr", "exists", "redirect"];
const mechanisms = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];

/** Whether a TXT record is one of SPF (§4.5). */
export const isSpf = (text: string) => /^v=spf1(?: |$)/i.test(text);

/** Never throws. A modifier that nobody knows is allowed (§6), a mechanism is not. */
export function parseSpf(text: string): Record {
  const terms: Term[] = [];
  const problems: Text[] = [];
  const words = text.slice(0, longest).trim().split(/ +/).slice(1);
  for (const word of words) {
    const [, sign = "", name = "", separator = "", value = ""] =
      /^([-~?+]?)([a-z][a-z0-9._-]*)([:/=]?)(.*)$/i.exec(word) ?? [];
    const term: Term = {
      name: name.toLowerCase(),
      value: separator === "/" ? `/${value}` : value,
      qualifier: (sign || "+") as Term["qualifier"],
    };
    if (separator === "=" && sign === "") {
      if (term.name === "redirect" || term.name === "exp") terms.push(term);
      if (term.name === "redirect" && value === "") problems.push(odd(word));
      continue;
    }
    if (!mechanisms.includes(term.name) || separator === "=" || !isWhole(term)) problems.push(odd(word));
    else terms.push(term);
  }
  return { terms, problems };
}

function isWhole({ name, value }: Term): boolean {
  if (name === "all") return value === "";
  if (name === "include" || name === "exists") return value !== "" && !value.startsWith("/");
  if (name !== "ip4" && name !== "ip6") return true;
  const [address = "", bits, ...rest] = value.split("/");
  const family = name === "ip4" ? 4 : 6;
  const most = family === 4 ? 32 : 128;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return isIP(address) === family && fits && rest.length === 0;
}

function odd(word: string): Text {
  const shown = word.slice(0, 60);
  return { en: `“${shown}” is no part of an SPF record`, zh: `“${shown}” 不是合法的 SPF 内容` };
}

export interface Evaluation {
  /** How many questions an evaluation asks at most, beside the first (§4.6.4). */
  readonly lookups: number;
  /** How many of the records that were asked for are not there (§4.6.4). */
  readonly voids: number;
  /** Every name whose record is taken in, lower case. */
  readonly included: readonly string[];
  readonly problems: readonly Text[];
  /** What the record says of everybody else; null when it says nothing. */
  readonly all: Term["qualifier"] | null;
}

/** RFC 7208 §4.6.4. */
const mostLookups = 10;
const mostVoids = 2;
/** Of records that were asked for: a record whose includes go round in a circle ends here. */
const mostRecords = 15;

/** Follows includes and redirects; names with macros (§7) are counted and not asked for. */
export async function evaluate(
  domain: string,
  text: string,
  ask: (name: string) => Promise<Answered>,
): Promise<Evaluation> {
  const problems: Text[] = [];
  const included = new Set<string>();
  let lookups = 0;
  let voids = 0;
  let all: Evaluation["all"] = null;
  const open: { readonly name: string; readonly text: string; readonly top: boolean }[] = [
    { name: domain, text, top: true },
  ];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const record = parseSpf(next.text);
    problems.push(...record.problems.map((problem) => within(problem, next!)));
    const ending = record.terms.find(({ name }) => name === "all");
    if (next.top) all = ending?.qualifier ?? null;
    lookups += record.terms.filter(({ name }) => asking.includes(name)).length;
    const following = record.terms.filter(
      // A redirect counts only where nothing says all (§6.1).
      ({ name }) => name === "include" || (name === "redirect" && ending === undefined),
    );
    for (const { name: kind, value } of following) {
      const name = value.toLowerCase().replace(/\.$/, "");
      if (name.includes("%") || included.has(name) || included.size >= mostRecords) continue;
      included.add(name);
      const { values, code } = await ask(name);
      const found = values.find(isSpf);
      if (found !== undefined) {
        open.push({ name, text: found, top: next.top && kind === "redirect" });
        continue;
      }
      if (code === "ENOTFOUND" || code === "ENODATA") voids += 1;
      if (code === null || code === "ENOTFOUND" || code === "ENODATA")
        problems.push({
          en: `${kind} of ${name}, which has no SPF record`,
          zh: `${kind} 指向的 ${name} 没有 SPF 记录`,
        });
    }
  }
  if (lookups > mostLookups)
    problems.push({
      en: `It takes ${lookups} look-ups, and receivers stop at ten`,
      zh: `需要 ${lookups} 次查询，而收件方最多查询十次`,
    });
  if (voids > mostVoids)
    problems.push({
      en: `${voids} of its look-ups find nothing, and receivers stop at two`,
      zh: `有 ${voids} 次查询没有结果，而收件方最多容许两次`,
    });
  if (all === "+")
    problems.push({
      en: "+all lets everybody send in this domain's name",
      zh: "+all 允许任何人以该域名发信",
    });
  return { lookups, voids, included: [...included], problems, all };
}

function within({ en, zh }: Text, { name, top }: { readonly name: string; readonly top: boolean }): Text {
  return top ? { en, zh } : { en: `${en} (in ${name})`, zh: `${zh}（位于 ${name}）` };
}
