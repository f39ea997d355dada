// What a person is told about a verdict, in their language and with their provider's own words.
import { nearestHost } from "../providers/hosts.ts";
import { nameOf } from "../providers/name.ts";
import type { Provider, Text } from "../providers/provider.ts";
import { knownReply } from "../providers/replies.ts";
import { cause } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import { verbatim } from "./log-line.ts";
import { fill, type Language, midSentence, valuesOf } from "./placeholders.ts";
import type { Remedy, Verdict } from "./verdict.ts";

export type { Language } from "./placeholders.ts";

const quotes: Readonly<Record<Language, (words: string) => string>> = {
  en: (words) => `The server's words: ${words}`,
  zh: (words) => `服务器原话：${words}`,
};

/**
 * Title, explanation and steps for this very account: the texts of the book with provider, host, port and rules filled
 * in, what this provider means by this reply where the catalogue knows it, and the reply as it came. Each of the three
 * is a paragraph of the explanation; paragraphs are separated by a line break.
 */
export function explain(verdict: Verdict, context: JudgeContext, language: Language): Remedy {
  const entry = cause(verdict.cause);
  const values = valuesOf(verdict, context, language);
  const say = (text: Text) => fill(text[language], values, language);
  const { provider } = context;
  const { reply, stage } = verdict;
  const known = provider === null || reply === null ? null : knownReply(provider, stage, reply);
  const meaning = known === null || provider === null ? [] : [meaningAt(provider, known.meaning, language)];
  const quote = reply === null ? [] : [quotes[language](verbatim(reply))];
  const explanation = reply === null ? entry.explanation : withoutDetail(entry.explanation);
  return {
    title: say(entry.title),
    explanation: [say(explanation), ...meaning, ...quote].join("\n"),
    steps: [...spellingOf(verdict, context, language), ...entry.steps.map(say)],
    links: linksOf(verdict, context),
  };
}

/** Whatever a name service says of a name that is nearly a known one, its spelling comes first. */
function spellingOf(
  { cause: id }: Verdict,
  { endpoint }: JudgeContext,
  language: Language,
): readonly string[] {
  const near = endpoint === undefined || cause(id).layer !== "dns" ? null : nearestHost(endpoint.host);
  if (near === null || endpoint === undefined) return [];
  return language === "en"
    ? [`Check the spelling of ${endpoint.host}: it is nearly ${near}.`]
    : [`检查 ${endpoint.host} 的拼写：它与 ${near} 非常接近。`];
}

/** Where a reply is quoted, the same words are not told twice. */
function withoutDetail(text: Text): Text {
  const cut = (words: string) => words.replace(/(?<=[.。]) ?\{detail\}$/, "");
  return { en: cut(text.en), zh: cut(text.zh) };
}

function meaningAt(provider: Provider, meaning: Text, language: Language): string {
  return language === "en"
    ? `At ${provider.name} this means: ${midSentence(meaning.en)}`
    : `${nameOf(provider, "zh")}的这条回复表示：${meaning.zh}`;
}

/** More than this is no help but a list. */
const mostLinks = 3;

/**
 * The page where the secret is made and the provider's own pages for a fault of the sign-in; the provider's other
 * pages for one of the mail.
 */
function linksOf({ cause: id }: Verdict, { provider }: JudgeContext): readonly string[] {
  const { layer, links = [] } = cause(id);
  const made = provider?.secret.obtain.url;
  const signIn = layer === "auth" || layer === "config" ? [made] : [];
  const about = layer === "auth" || layer === "envelope" || layer === "data" ? (provider?.links ?? []) : [];
  const all = [...links, ...signIn, ...about.filter((link) => signIn.length > 0 || link !== made)];
  return [...new Set(all)].filter((link) => typeof link === "string").slice(0, mostLinks);
}
