// What a person is told about a verdict, in their language and with their provider's own words.
import { isHostOfToday, nearestHost } from "../providers/hosts.ts";
import type { Text } from "../providers/provider.ts";
import { knownReply } from "../providers/replies.ts";
import { cause } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import { verbatim } from "./log-line.ts";
import {
  type EvidenceValues,
  fill,
  inLanguage,
  type Language,
  midSentence,
  valuesOf,
} from "./placeholders.ts";
import type { Remedy, Verdict } from "./verdict.ts";

export type { Language } from "./placeholders.ts";

const quotes: Readonly<Record<Language, (words: string) => string>> = {
  en: (words) => `The server's words: ${words}`,
  zh: (words) => `服务器原话：${words}`,
};

const meaningHere: Text = { en: "At {provider} this means: ", zh: "{provider}的这条回复表示：" };

/**
 * Title, explanation and steps for this very account: the texts of the book with provider, host, port and rules filled
 * in, what this provider means by this reply where the catalogue knows it, and the reply as it came. Each of the three
 * is a paragraph of the explanation; paragraphs are separated by a line break. `found` is what the doctor's probes saw,
 * and outranks what the failure alone lets one know.
 */
export function explain(
  verdict: Verdict,
  context: JudgeContext,
  language: Language,
  found: EvidenceValues = {},
): Remedy {
  const entry = cause(verdict.cause);
  const values = { ...valuesOf(verdict, context, language), ...inLanguage(found, language) };
  const say = (text: Text) => fill(text[language], values, language);
  const { provider } = context;
  const { reply, stage } = verdict;
  const known = provider === null || reply === null ? null : knownReply(provider, stage, reply);
  const meaning = known === null ? [] : [say(meaningHere) + midSentence(known.meaning[language])];
  const quote = reply === null ? [] : [quotes[language](verbatim(reply))];
  const explanation = reply === null ? entry.explanation : withoutDetail(entry.explanation);
  return {
    title: say(entry.title),
    explanation: [say(explanation), ...meaning, ...quote].join("\n"),
    steps: stepsOf(verdict, context).map(say),
    links: linksOf(verdict, context),
  };
}

/**
 * Whatever a name service says of a name, its spelling comes first: nearly a known host, or one of today's and so
 * spelled right. The book's own advice on spelling then has nothing to add.
 */
function stepsOf({ cause: id }: Verdict, { endpoint }: JudgeContext): readonly Text[] {
  const { layer, steps } = cause(id);
  if (layer !== "dns" || endpoint === undefined) return steps;
  const spelling =
    nearestHost(endpoint.host) !== null ? misspelled : isHostOfToday(endpoint.host) ? spelledRight : null;
  if (spelling === null) return steps;
  return [spelling, ...(id === "dns.nxdomain" ? steps.slice(1) : steps)];
}

const misspelled: Text = {
  en: "Check the spelling of {host}: it is nearly {nearestHost}.",
  zh: "检查 {host} 的拼写：它与 {nearestHost} 非常接近。",
};

const spelledRight: Text = {
  en: "{host} is spelled right, so look at this machine's name server. Does it find any other public name (getent hosts example.com)? If not, set one that reaches the internet; in Docker by --dns or the dns entry of daemon.json.",
  zh: "{host} 的拼写没有问题，请检查本机使用的 DNS：能否解析其他公网域名（getent hosts example.com）？如果不能，请换用能访问外网的 DNS；Docker 中设置 --dns 或 daemon.json 的 dns 项。",
};

/** Where a reply is quoted, the same words are not told twice. */
function withoutDetail(text: Text): Text {
  const cut = (words: string) => words.replace(/(?<=[.。]) ?\{detail\}$/, "");
  return { en: cut(text.en), zh: cut(text.zh) };
}

/** More than this is no help but a list. */
const mostLinks = 3;

/**
 * The page where the secret is made and the provider's own pages where the remedy speaks of the secret; the provider's
 * other pages for a fault of the mail.
 */
function linksOf({ cause: id }: Verdict, { provider }: JudgeContext): readonly string[] {
  const { layer, links = [], explanation, steps } = cause(id);
  const made = provider?.secret.obtain.url;
  const speaksOfSecret =
    layer === "auth" ||
    [explanation, ...steps].some(({ en }) => /\{(?:obtain|secret|usernameRule)\}/.test(en));
  const about = speaksOfSecret || layer === "envelope" || layer === "data" ? (provider?.links ?? []) : [];
  const pages = speaksOfSecret ? [made, ...about] : about.filter((link) => link !== made);
  return [...new Set([...links, ...pages])].filter((link) => typeof link === "string").slice(0, mostLinks);
}
