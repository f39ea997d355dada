// What DNS says of the domain that mail is from: who may send for it, which keys sign for it, what receivers are to do.
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { providers } from "../../providers/catalogue.ts";
import { providerOfHost } from "../../providers/hosts.ts";
import type { Provider } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { Answered, SenderFacts } from "../facts.ts";
import { parseResolverFile } from "../names/files.ts";
import { ownerOf, ownersOf } from "../reach/others.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { parseDmarc } from "./dmarc.ts";
import { evaluate, isSpf } from "./spf.ts";

/** Milliseconds; one try. */
const ofQuestion = 2_000;
/** All of them together, milliseconds. */
const whole = 6_000;
const mostQuestions = 25;

/** Names that nobody can look up (RFC 6761, RFC 6762). */
const nobodys = /(?:^|\.)(?:test|localhost|invalid|local)$/;

/** Null where there is nothing to look up: no sender, or mail that does not leave this machine. */
export async function lookAtSender(
  setting: Setting,
  { ended, read }: Surroundings,
): Promise<SenderFacts | null> {
  const { from, endpoint, provider } = setting;
  const domain = domainToASCII((from ?? "").slice((from ?? "").lastIndexOf("@") + 1)).toLowerCase();
  const stays = isLoopback(endpoint.host) || provider?.kind === "sandbox" || nobodys.test(domain);
  if (from === null || !from.includes("@") || !domain.includes(".") || stays) return null;
  const signal = AbortSignal.any([ended, AbortSignal.timeout(whole)]);
  const resolver = new Resolver({ timeout: ofQuestion, tries: 1 });
  const { servers } = parseResolverFile((await read("/etc/resolv.conf")) ?? "");
  // Those that are no addresses are left to the look at names.
  const usable = servers.filter((server) => isIP(server.replace(/:\d+$/, "")) !== 0 || isIP(server) !== 0);
  if (usable.length > 0) resolver.setServers(usable);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await asked(setting, domain, asker(resolver, signal));
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

interface Asker {
  readonly texts: (name: string) => Promise<Answered>;
  readonly exchangers: (name: string) => Promise<Answered>;
}

function asker(resolver: Resolver, signal: AbortSignal): Asker {
  let questions = 0;
  const ask = async (answer: () => Promise<readonly string[]>): Promise<Answered> => {
    const began = performance.now();
    questions += 1;
    if (signal.aborted || questions > mostQuestions) return { values: [], code: "ECANCELLED", ms: 0 };
    try {
      return { values: await answer(), code: null, ms: performance.now() - began };
    } catch (error) {
      const { code = "UNKNOWN" } = error as NodeJS.ErrnoException;
      return { values: [], code, ms: performance.now() - began };
    }
  };
  return {
    // A text of more than 255 bytes comes in pieces (RFC 7208 §3.3).
    texts: (name) => ask(async () => (await resolver.resolveTxt(name)).map((pieces) => pieces.join(""))),
    exchangers: (name) =>
      ask(async () => {
        const found = await resolver.resolveMx(name);
        return found.toSorted((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
      }),
  };
}

async function asked(
  { provider, endpoint }: Setting,
  domain: string,
  { texts, exchangers }: Asker,
): Promise<SenderFacts> {
  const selectors = provider?.dns.dkimSelectors ?? [];
  const [mx, own, dmarc, ...keys] = await Promise.all([
    exchangers(domain),
    texts(domain),
    dmarcOf(domain, texts),
    ...selectors.map((selector) => texts(`${selector}._domainkey.${domain}`)),
  ]);
  const records = own.values.filter(isSpf);
  const [first] = records;
  const evaluation = first === undefined ? null : await evaluate(domain, first, texts);
  const wanted = provider?.dns.spfInclude?.toLowerCase() ?? null;
  const several = {
    en: `There are ${records.length} SPF records, and only one may be`,
    zh: `有 ${records.length} 条 SPF 记录，而只能有一条`,
  };
  return {
    domain,
    mx,
    spf: {
      records,
      code: own.code,
      lookups: evaluation?.lookups ?? 0,
      voids: evaluation?.voids ?? 0,
      covers: wanted === null ? null : (evaluation?.included.includes(wanted) ?? false),
      problems: [...(records.length > 1 ? [several] : []), ...(evaluation?.problems ?? [])],
      all: evaluation?.all ?? null,
    },
    dkim: selectors.map((selector, nth) => ({
      selector,
      code: keys[nth]!.code,
      record: keys[nth]!.values.find((text) => /(?:^|;)\s*p=/i.test(text)) ?? null,
    })),
    dmarc,
    own: isOwn(domain, provider ?? providerOfHost(endpoint.host)),
    freemail: freemailOf(domain)?.id ?? null,
  };
}

async function dmarcOf(domain: string, texts: Asker["texts"]): Promise<SenderFacts["dmarc"]> {
  // The organisational domain as far as labels tell; a list of public suffixes would know more (RFC 7489 §3.2).
  const names = [...new Set([domain, ownerOf(domain)])];
  let code: string | null = null;
  for (const name of names) {
    const answer = await texts(`_dmarc.${name}`);
    const record = answer.values.find((text) => /^v=DMARC1\b/i.test(text)) ?? null;
    if (record !== null) return { domain: name, record, code: null, ...parseDmarc(record) };
    code = answer.code;
  }
  return { domain, record: null, code, policy: null, problems: [] };
}

const freemailOf = (domain: string) =>
  providers.find(({ domains, kind }) => domains.includes(domain) && kind !== "relay" && kind !== "sandbox");

/** Whether the domain and the server belong to one company, whose business its records are. */
function isOwn(domain: string, through: Provider | null): boolean {
  const owner = freemailOf(domain);
  if (owner === undefined || through === null) return false;
  const theirs = ownersOf(through);
  return owner.id === through.id || ownersOf(owner).some((one) => theirs.includes(one));
}
