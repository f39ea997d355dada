// Small parts of what the readings of the walk say.
import type { CauseId } from "../../causes/book.ts";
import { verbatim } from "../../causes/log-line.ts";
import { nameOf } from "../../providers/name.ts";
import type { Provider, Text } from "../../providers/provider.ts";
import type { Security } from "../../smtp/endpoint.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { Stage } from "../../smtp/stage.ts";
import type { WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** The same in both languages: a server's words, a number, a name. */
export function same(text: string): Text {
  return { en: text, zh: text };
}

export function named(provider: Provider | null): Text {
  if (provider === null) return { en: "the provider", zh: "服务商" };
  const zh = nameOf(provider, "zh");
  // Chinese is set with a space between its characters and Latin ones; `tidied` takes out those that are too many.
  return { en: nameOf(provider, "en"), zh: `${/^\w/.test(zh) ? " " : ""}${zh}${/\w$/.test(zh) ? " " : ""}` };
}

/** The finding with its Chinese set well, and its sentences begun with a capital. */
export function tidied(finding: Finding): Finding {
  const { detail, evidence } = finding;
  return {
    ...finding,
    detail: tidy(detail),
    ...(evidence === undefined ? {} : { evidence: evidence.map(tidy) }),
  };
}

function tidy({ en, zh }: Text): Text {
  return {
    // A host, an address and a code keep the spelling they have.
    en: /^[a-z]+(?=[ ,])/.test(en) ? en.charAt(0).toUpperCase() + en.slice(1) : en,
    zh: zh
      .trim()
      .replace(/ +(?=[，。；：、（）“”])/gu, "")
      .replace(/(?<=[，。；：、（）“”]) +/gu, "")
      .replace(/ {2,}/g, " "),
  };
}

export const securityNames: Readonly<Record<Security, Text>> = {
  tls: { en: "SSL/TLS", zh: "SSL/TLS" },
  starttls: { en: "STARTTLS", zh: "STARTTLS" },
  none: { en: "no encryption", zh: "不加密" },
};

/** The server's words, at most what stands on one line. */
export function words(reply: Reply | null): Text {
  return reply === null ? { en: "no reply", zh: "没有回复" } : same(verbatim(reply));
}

/** `14.3 MB`, as SIZE counts: whole bytes. */
export function megabytes(bytes: number): string {
  const millions = bytes / 1_000_000;
  return `${millions >= 10 ? Math.round(millions) : Math.round(millions * 10) / 10} MB`;
}

/** Milliseconds of the step, of several the sum; 0 for one that was not come to. */
export function msOf(walk: WalkFacts, ...names: readonly Stage[]): number {
  const steps = walk.result.steps.filter(({ name }) => names.includes(name));
  return Math.round(steps.reduce((sum, { ms }) => sum + ms, 0) * 10) / 10;
}

/** `8 s`, `0.4 s`. */
export function seconds(ms: number): string {
  return `${ms >= 2_000 ? Math.round(ms / 1_000) : Math.round(ms / 100) / 10} s`;
}

export function isAddress(text: string): boolean {
  return /^[^@\s<>]+@[^@\s<>]+$/u.test(text);
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}

/** Refusals of a sign-in that a wrong user name or secret can lie behind, whatever the server calls it. */
export const wrongSignIns: readonly CauseId[] = [
  "auth.bad-credentials",
  "auth.app-password-required",
  "auth.authorization-code-required",
  "auth.wrong-kind-of-key",
  "auth.malformed-sasl",
  "auth.xoauth2-challenge",
  "auth.connection-closed",
];

/** What a port says that is set to the wrong kind of encryption. */
export const wrongSecurities: readonly CauseId[] = [
  "banner.silent-server",
  "banner.closed-without-greeting",
  "banner.other-protocol",
  "config.plain-on-implicit-tls-port",
  "config.tls-on-starttls-port",
  "tls.handshake-timeout",
  "tls.handshake-failure",
  "tls.closed-during-handshake",
  "tls.failed",
];

/** Certificates that are another server's than the one that was meant. */
export const foreignCertificates: readonly CauseId[] = [
  "cert.hostname-mismatch",
  "cert.self-signed-leaf",
  "cert.self-signed-in-chain",
  "cert.unknown-root",
  "cert.not-trusted",
  "cert.missing-intermediate",
];
