// The texts of the book with this account's own words put in.
import { nearestHost } from "../providers/hosts.ts";
import { nameOf } from "../providers/name.ts";
import type { Provider, ProviderEndpoint, Text } from "../providers/provider.ts";
import type { Security } from "../smtp/endpoint.ts";
import type { CertificateFacts } from "../smtp/failure.ts";
import { cause } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import { oneLine, verbatim } from "./log-line.ts";
import type { Verdict } from "./verdict.ts";

export type Language = keyof Text;

export const placeholders = [
  /** The provider's name. */
  "provider",
  "host",
  "port",
  /** The security that the account is set to. */
  "security",
  "username",
  "sender",
  /** What the provider wants as user name. */
  "usernameRule",
  /** What the provider wants as secret. */
  "secret",
  /** Where and how the person gets the secret. */
  "obtain",
  /** How a sign-in with OAuth 2.0 is prepared there. */
  "oauth",
  /** What the provider demands of the From address. */
  "senderRule",
  /** Every endpoint of today, best first. */
  "endpoints",
  /** Those beside the one in use. */
  "otherEndpoints",
  /** The server's own words. */
  "reply",
  /** The known host that the one in use is nearly spelled like. */
  "nearestHost",
  /** Whose certificate was shown, by whom, for how long: a sentence. */
  "certificate",
  /** The verdict's line: the error, the certificate's names. */
  "detail",
  /** The cloud or platform that this machine runs on. */
  "platform",
  /** How that platform has the port opened. */
  "unblock",
  /** Ports that nothing comes through, `25, 465`. */
  "blockedPorts",
  /** Ports of this provider that do answer, `587, 2525`. */
  "openPorts",
  /** The firewall's rule, as its tool writes it. */
  "rule",
  /** Where that rule stands: `nftables, table inet filter, chain output`. */
  "place",
  /** The command that mends or shows it on this machine. */
  "command",
  /** The name server at fault. */
  "nameserver",
  /** What was found: a record, a name, an offset. */
  "found",
  /** What should be there instead. */
  "wanted",
] as const;

/** What only the doctor's probes can fill in. */
export type EvidenceValues = Partial<
  Readonly<
    Record<
      | "platform"
      | "unblock"
      | "blockedPorts"
      | "openPorts"
      | "rule"
      | "place"
      | "command"
      | "nameserver"
      | "found"
      | "wanted",
      string | Text
    >
  >
>;

export type Placeholder = (typeof placeholders)[number];

/** What stands where nothing better is known; ordinary words that fit in the middle of a sentence. */
const fallbacks: Readonly<Record<Placeholder, Text>> = {
  provider: { en: "the mail provider", zh: "邮件服务商" },
  host: { en: "the mail server", zh: "邮件服务器" },
  port: { en: "in use", zh: "（当前设置）" },
  security: { en: "another kind of security", zh: "其他加密方式" },
  username: { en: "the account's user name", zh: "账号的用户名" },
  sender: { en: "the sender's address", zh: "发件人地址" },
  usernameRule: {
    en: "for most mailboxes the full email address, for sending services the name that their console shows",
    zh: "一般邮箱填完整的邮箱地址，发信服务填其控制台给出的用户名",
  },
  secret: {
    en: "the password, app password or key that the provider gives out for SMTP",
    zh: "服务商为 SMTP 提供的密码、应用专用密码或密钥",
  },
  obtain: {
    en: "in the provider's account settings, under security, app passwords, or SMTP",
    zh: "在服务商的账号设置中，查看安全、应用专用密码或 SMTP 相关页面",
  },
  oauth: {
    en: "register an application with the provider, with the permission to send mail over SMTP",
    zh: "在服务商处注册一个应用，并授予通过 SMTP 发信的权限",
  },
  senderRule: {
    en: "the address must be one that the account is allowed to send as",
    zh: "发件人必须是该账号有权使用的地址",
  },
  endpoints: {
    en: "port 465 with SSL/TLS or port 587 with STARTTLS, at the SMTP host that the provider names",
    zh: "服务商给出的 SMTP 主机，465 端口配 SSL/TLS，或 587 端口配 STARTTLS",
  },
  otherEndpoints: {
    en: "port 465 with SSL/TLS, port 587 with STARTTLS, or port 2525 where the provider has it",
    zh: "465 端口配 SSL/TLS、587 端口配 STARTTLS，或服务商支持的 2525 端口",
  },
  reply: { en: "the server gave no words", zh: "服务器没有给出说明" },
  nearestHost: { en: "the SMTP host that the provider names", zh: "服务商给出的 SMTP 主机名" },
  certificate: {
    en: "The certificate itself was not seen.",
    zh: "没有看到证书的内容。",
  },
  detail: { en: "no more is known", zh: "没有更多信息" },
  platform: { en: "the hosting company", zh: "主机服务商" },
  unblock: {
    en: "ask its support to open outgoing SMTP for this account",
    zh: "联系其客服，申请为该账号开放出站 SMTP",
  },
  blockedPorts: { en: "this port", zh: "该端口" },
  openPorts: { en: "the provider's other ports", zh: "服务商的其他端口" },
  rule: { en: "a rule that rejects or drops outgoing mail", zh: "一条拒绝或丢弃出站邮件的规则" },
  place: { en: "the local firewall", zh: "本机防火墙" },
  command: {
    en: "the command that lists the firewall's rules (nft list ruleset, iptables-save -c)",
    zh: "列出防火墙规则的命令（nft list ruleset、iptables-save -c）",
  },
  nameserver: { en: "the name server in use", zh: "当前使用的 DNS 服务器" },
  found: { en: "something else", zh: "其他内容" },
  wanted: { en: "what the provider documents", zh: "服务商文档给出的内容" },
};

const securityNames: Readonly<Record<Security, Text>> = {
  tls: { en: "SSL/TLS", zh: "SSL/TLS" },
  starttls: { en: "STARTTLS", zh: "STARTTLS" },
  none: { en: "no encryption", zh: "不加密" },
};

/** What holds whole sentences, not a name or a number. */
const prose: readonly Placeholder[] = ["usernameRule", "secret", "obtain", "oauth", "senderRule", "unblock"];

export type Values = Partial<Readonly<Record<Placeholder, string>>>;

/** What is known of each placeholder in this case. */
export function valuesOf(verdict: Verdict, context: JudgeContext, language: Language): Values {
  const { provider, endpoint } = context;
  const known: Record<string, string | undefined> = {
    provider: provider === null ? undefined : nameOf(provider, language),
    host:
      cause(verdict.cause).layer === "certificate" ? (context.serverName ?? endpoint?.host) : endpoint?.host,
    port: endpoint?.port.toString(),
    security: endpoint && securityNames[endpoint.security][language],
    username: shownUsername(context),
    sender: context.sender ?? context.from,
    reply: verdict.reply === null ? undefined : verbatim(verdict.reply),
    detail: detailOf(verdict),
    nearestHost: endpoint && (nearestHost(endpoint.host) ?? provider?.endpoints[0]?.host),
    certificate: verdict.certificate && certificateLine(verdict.certificate, language),
    ...(provider === null ? {} : rulesOf(provider, context, language)),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined && value !== ""));
}

/** What probes saw, as a text holds it: servers and DNS records may have sent anything. */
export function inLanguage(found: EvidenceValues, language: Language): Values {
  const told = Object.entries(found).map(([name, value]) => {
    const words = typeof value === "string" ? value : value[language];
    return [name, name === "unblock" ? clause(words) : oneLine(words)];
  });
  return Object.fromEntries(told.filter(([, words]) => words !== ""));
}

/** The log's line without the stage, which the person has just seen fail. */
function detailOf({ stage, message }: Verdict): string {
  return message.startsWith(`${stage}: `) ? message.slice(stage.length + 2) : message;
}

/** Days are enough: a person compares them with a calendar. */
function certificateLine(seen: CertificateFacts, language: Language): string {
  const day = (time: string) => time.slice(0, 10);
  const { altNames, validFrom, validTo } = seen;
  const issuer = oneLine(seen.issuer);
  const names = oneLine(altNames.length === 0 ? seen.subject : altNames.slice(0, 4).join(", "));
  return language === "en"
    ? `The certificate shown is issued to ${names} by ${issuer} and valid from ${day(validFrom)} to ${day(validTo)}.`
    : `对方出示的证书颁发给 ${names}，签发者 ${issuer}，有效期 ${day(validFrom)} 至 ${day(validTo)}。`;
}

function rulesOf(provider: Provider, { endpoint }: JudgeContext, language: Language): Values {
  const today = provider.endpoints.filter(({ legacy }) => !legacy);
  const others = today.filter(({ host, port }) => host !== endpoint?.host || port !== endpoint?.port);
  return {
    usernameRule: clause(provider.username.value ?? provider.username.text[language]),
    secret: clause(provider.secret.text[language]),
    obtain: clause(provider.secret.obtain.path[language]),
    senderRule: clause(provider.sender.text[language]),
    ...(provider.secret.kinds[0] === "oauth2"
      ? { oauth: clause(provider.secret.obtain.path[language]) }
      : {}),
    ...(today.length === 0 ? {} : { endpoints: list(today, language) }),
    ...(others.length === 0 ? {} : { otherEndpoints: list(others, language) }),
  };
}

/** At some providers the user name is the key itself, and then it is never shown. */
function shownUsername({ username, provider }: JudgeContext): string | undefined {
  const kind = provider?.username.kind;
  return kind === "api-key" || kind === "any" ? undefined : username;
}

function list(endpoints: readonly ProviderEndpoint[], language: Language): string {
  const shown = endpoints.slice(0, 4).map(({ host, port, security }) => {
    const name = securityNames[security][language];
    return language === "en" ? `${host} port ${port} (${name})` : `${host} 端口 ${port}（${name}）`;
  });
  return shown.join(language === "en" ? ", " : "，");
}

/** The catalogue's sentences become parts of ours. */
function clause(text: string): string {
  return text.trim().replace(/[.。；;]+$/u, "");
}

/** Fills a text of the book. Throws on a name that is no placeholder: a mistake in the book, which its tests find. */
export function fill(text: string, values: Values, language: Language): string {
  return text.replace(/\{(\w+)\}/g, (whole: string, name: string, at: number) => {
    const placeholder = placeholders.find((known) => known === name);
    if (placeholder === undefined) throw new Error(`no placeholder is called {${name}}`);
    const before = text.slice(0, at);
    const known = values[placeholder];
    const isProse = known === undefined || prose.includes(placeholder);
    const words = known ?? fallbacks[placeholder][language];
    const value = isProse ? inSentence(words, before) : words;
    return spaced(before.slice(-1), value, text.charAt(at + whole.length));
  });
}

function inSentence(words: string, before: string): string {
  const begins = before === "" || /[.!?] $/.test(before);
  return begins ? words.charAt(0).toUpperCase() + words.slice(1) : midSentence(words);
}

/** Without the capital of a sentence's beginning; a name or a menu keeps its own. */
export function midSentence(words: string): string {
  return words.replace(
    /^(?:An?|The|One|Any|Every|Both|You|Your|This|Only|Too|Not|Nothing|Many|For|With|At|Sent|Choose|Register|Usually) /,
    (word) => word.toLowerCase(),
  );
}

/** Chinese is set with a space between its characters and Latin ones; the texts cannot know which a name has. */
function spaced(before: string, value: string, after: string): string {
  const gap = (a: string, b: string) =>
    /\p{Script=Han}[A-Za-z0-9(]|[A-Za-z0-9)]\p{Script=Han}/u.test(a + b) ? " " : "";
  return gap(before, value.charAt(0)) + value + gap(value.slice(-1), after);
}
