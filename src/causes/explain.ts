// What a person is told about a verdict, in their language and with their provider's own words.
import { knownReply } from "../providers/replies.ts";
import { cause } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import { verbatim } from "./log-line.ts";
import { fill, type Language, valuesOf } from "./placeholders.ts";
import type { Remedy, Verdict } from "./verdict.ts";

export type { Language } from "./placeholders.ts";

const quotes: Readonly<Record<Language, (words: string) => string>> = {
  en: (words) => `The server's words: ${words}`,
  zh: (words) => `服务器原话：${words}`,
};

/**
 * Title, explanation and steps for this very account: the texts of the book with provider, host, port and rules filled
 * in, what this provider means by this reply where the catalogue knows it, and the reply as it came.
 */
export function explain(verdict: Verdict, context: JudgeContext, language: Language): Remedy {
  const entry = cause(verdict.cause);
  const values = valuesOf(verdict, context, language);
  const say = (text: Readonly<Record<Language, string>>) => fill(text[language], values, language);
  const { provider } = context;
  const { reply, stage } = verdict;
  const known = provider === null || reply === null ? null : knownReply(provider, stage, reply);
  const meaning =
    known === null || provider === null ? [] : [meaningAt(provider.name, known.meaning[language], language)];
  const quote = reply === null ? [] : [quotes[language](verbatim(reply))];
  return {
    title: say(entry.title),
    explanation: [say(entry.explanation), ...meaning, ...quote].join(language === "en" ? " " : ""),
    steps: entry.steps.map(say),
    links: linksOf(verdict, context),
  };
}

function meaningAt(name: string, meaning: string, language: Language): string {
  return language === "en" ? `At ${name} this means: ${meaning}` : `在 ${name}，这表示：${meaning}`;
}

/** The page where the secret is made for a fault of the setting, the provider's pages for one of the mail. */
function linksOf({ cause: id }: Verdict, { provider }: JudgeContext): readonly string[] {
  const { layer, links = [] } = cause(id);
  const signIn = layer === "auth" || layer === "config" ? [provider?.secret.obtain.url] : [];
  const about = layer === "auth" || layer === "envelope" || layer === "data" ? (provider?.links ?? []) : [];
  return [...new Set([...signIn, ...links, ...about])].filter((link) => typeof link === "string");
}
