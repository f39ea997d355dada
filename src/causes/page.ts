// One entry of the book as a page: what it means, how it shows, what a person does, and what becomes of the mail.
import type { Text } from "../providers/provider.ts";
import { type CauseId, cause } from "./book.ts";
import type { EntryScope, Retry, Sign } from "./entry.ts";
import { explain, type Language } from "./explain.ts";
import { judgeLocal } from "./judge.ts";
import { lookAlikesOf } from "./look-alikes.ts";
import { phrasesOf } from "./phrases.ts";
import type { Remedy } from "./verdict.ts";

/** Where the page of a cause lies in the documentation. */
export function causeLink(id: CauseId): string {
  return `docs/causes/${id}.md`;
}

/** What only a case can say. */
const varying = "…";

/** The remedy for an account that stands for any: you@example.com at smtp.example.com. An ellipsis stands for what was seen. */
export function exampleRemedy(id: CauseId, language: Language): Remedy {
  const { signs = [] } = cause(id);
  const port = signs.flatMap(({ ports = [] }) => ports)[0] ?? 587;
  const security = signs.flatMap((sign) => sign.security ?? [])[0] ?? (port === 587 ? "starttls" : "tls");
  const you = "you@example.com";
  const context = {
    provider: null,
    endpoint: { host: "smtp.example.com", port, security },
    username: you,
    sender: you,
  };
  return explain(judgeLocal({ cause: id, message: varying }), context, language, {
    blockedPorts: "25, 465, 587",
    openPorts: "2525",
    nameserver: "192.0.2.53",
    rule: varying,
    place: varying,
    command: varying,
    found: varying,
    wanted: varying,
  });
}

/** How it shows, a line each: codes, replies and words, as the book recognises them, or what a person sees. */
export function symptomsOf(id: CauseId, language: Language): readonly string[] {
  const { signs = [], symptom } = cause(id);
  const lines = signs.map((sign) => shown(sign, language)).filter((line) => line !== "");
  return [...new Set([...(symptom === undefined ? [] : [symptom[language]]), ...lines])];
}

const at: Text = { en: "at", zh: "阶段" };
const replyWord: Text = { en: "reply", zh: "回复" };
const classWord: Text = { en: "any reply that begins with", zh: "任何以此开头的回复：" };

/** Where the words of a sign stand. */
const places = {
  text: { en: "words like", zh: "文字中有" },
  received: { en: "the server begins with", zh: "服务器最先发来" },
  issuer: { en: "the certificate's issuer is called", zh: "证书签发者名为" },
  challenge: { en: "the challenge says", zh: "质询中有" },
  earlier: { en: "the server has sent", zh: "服务器曾发来" },
} as const satisfies Partial<Record<keyof Sign, Text>>;

const placesOfWords = Object.keys(places) as readonly (keyof typeof places)[];

function shown(sign: Sign, language: Language): string {
  const { codes, replies, enhanced, stages } = sign;
  const code = (words: readonly (string | number)[]) => words.map((word) => `\`${word}\``).join(", ");
  const parts = [
    codes === undefined ? "" : code(codes),
    replies === undefined ? "" : `${replyWord[language]} ${code(replies)}`,
    enhanced === undefined ? "" : code(enhanced),
    sign.class === undefined ? "" : `${classWord[language]} ${code([sign.class])}`,
    ...placesOfWords.map((place) => {
      const phrases = sign[place] === undefined ? [] : phrasesOf(sign[place]);
      if (phrases.length === 0) return "";
      return language === "en"
        ? `${places[place].en} ${either(phrases)}`
        : `${places[place].zh}${phrases.map((phrase) => `“${phrase}”`).join("、")}`;
    }),
  ].filter((part) => part !== "");
  if (parts.length === 0) return "";
  const told = parts.join(language === "en" ? ", " : "，");
  if (stages === undefined || stages.length > 4) return told;
  return language === "en" ? `${told} (${at.en} ${code(stages)})` : `${told}（${at.zh} ${code(stages)}）`;
}

/** "a", "b" or "c". */
function either(phrases: readonly string[]): string {
  const quoted = phrases.map((phrase) => `"${phrase}"`);
  const last = quoted.slice(-1);
  const others = quoted.slice(0, -1).join(", ");
  return others === "" ? last.join("") : `${others} or ${last.join("")}`;
}

const what: Readonly<Record<Retry, Text>> = {
  permanent: {
    en: "It ends the message or the recipient at once: the same again would meet the same.",
    zh: "立即结束该邮件或该收件人：重试只会得到同样的结果。",
  },
  transient: {
    en: "The mail waits and is tried again, more and more rarely.",
    zh: "邮件等待并重试，间隔逐渐变长。",
  },
  "pause-account": {
    en: "The account rests until the limit ends; its mail goes to the route's next account, or waits.",
    zh: "账号暂停到限制结束；其邮件改走路由中的下一个账号，或者等待。",
  },
  connection: {
    en: "The next address, the account's next endpoint or the route's next account is tried; else the mail waits and is tried again.",
    zh: "依次尝试下一个地址、账号的下一个服务器、路由中的下一个账号；都不行则等待重试。",
  },
  config: {
    en: "The account is parked, so that it is not locked by repetition; its mail goes to the route's next account, or waits until the setting is mended.",
    zh: "账号暂停使用，以免反复尝试被锁定；其邮件改走路由中的下一个账号，或等到设置修好。",
  },
};

const whose: Readonly<Record<EntryScope, Text>> = {
  account: { en: "It concerns the account.", zh: "问题在账号。" },
  recipient: { en: "It concerns this recipient alone.", zh: "问题只在该收件人。" },
  message: { en: "It concerns this message alone.", zh: "问题只在该邮件。" },
  endpoint: { en: "It concerns the server or the way to it.", zh: "问题在服务器或到达它的途中。" },
  ours: { en: "It concerns this machine.", zh: "问题在本机。" },
  sender: { en: "It concerns the sender's address.", zh: "问题在发件人地址。" },
  envelope: { en: "It concerns an address of the envelope.", zh: "问题在信封中的地址。" },
};

/** What Postrider itself does about mail that meets it. */
export function handlingOf(id: CauseId, language: Language): string {
  const { scope, retry } = cause(id);
  return [whose[scope][language], what[retry][language]].join(language === "en" ? " " : "");
}

/** What looks like it, a line for each group: the others, as `name` writes them, and what tells them apart. */
export function lookAlikesLines(
  id: CauseId,
  language: Language,
  name: (other: CauseId) => string,
): readonly string[] {
  return lookAlikesOf(id).map(({ causes, tells }) => {
    const others = causes.filter((other) => other !== id).map(name);
    return language === "en"
      ? `${others.join(", ")}: ${tells[language]}`
      : `${others.join("、")}：${tells[language]}`;
  });
}
