// The From address by its looks, and by what the provider demands of it.
import type { CauseId } from "../../causes/book.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { Setting } from "../test.ts";
import type { Flaw } from "./flaw.ts";
import { domainOf, isAddress, named } from "./told.ts";

const refusedSenders: readonly CauseId[] = [
  "envelope.sender-refused",
  "envelope.sender-deferred",
  "envelope.relay-denied",
  "envelope.recipient-refused",
  "data.refused",
];

/** Domains without a place in the DNS of the Internet (RFC 6761, RFC 6762, RFC 9476). */
const nowhere = /^[^.]+$|\.(?:local|localhost|localdomain|internal|invalid|lan|home|corp|test)$/i;

export function readFrom(setting: Setting): readonly Flaw[] {
  const flaw = noAddress(setting) ?? noDomain(setting) ?? notOwned(setting);
  return flaw === null ? [] : [flaw];
}

function noAddress({ from }: Setting): Flaw | null {
  if (from === null || isAddress(from)) return null;
  return {
    cause: "envelope.syntax",
    layer: "envelope",
    detail: {
      en: `The From address ${JSON.stringify(from.slice(0, 100))} is none: it should read name@example.com`,
      zh: `发件人 ${JSON.stringify(from.slice(0, 100))} 不是邮箱地址，应为 name@example.com 的形式`,
    },
    evidence: [],
    explains: [...refusedSenders, "config.bad-option", "message.malformed", "envelope.domain-not-found"],
    disprovedBy: "mail",
    hopeless: true,
  };
}

function noDomain({ endpoint, from }: Setting): Flaw | null {
  // A domain for tests at a server of this very machine: such mail is not to reach anybody (RFC 6761 §6.2).
  if (isLoopback(endpoint.host) && from?.endsWith(".test")) return null;
  if (from === null || /@\[.*\]$/.test(from) || !nowhere.test(domainOf(from))) return null;
  return {
    cause: "envelope.domain-not-found",
    layer: "envelope",
    detail: {
      en: `The domain of ${from} exists on no public name server`,
      zh: `${from} 的域名在公网 DNS 中不存在`,
    },
    evidence: [
      {
        en: "Servers look up a sender's domain and refuse one without an address; answers could not arrive either.",
        zh: "服务器会查询发件人的域名，不存在则拒收；对方的回复也无法送达。",
      },
    ],
    explains: [...refusedSenders, "envelope.sender-not-owned", "data.unauthenticated-sender"],
    disprovedBy: "delivery",
  };
}

function notOwned({ provider, from, credentials }: Setting): Flaw | null {
  const login = credentials?.username ?? "";
  if (provider?.sender.rule !== "must-equal-login" || from === null || !isAddress(login)) return null;
  if (from.toLowerCase() === login.toLowerCase()) return null;
  const name = named(provider);
  return {
    cause: "envelope.sender-not-owned",
    layer: "envelope",
    detail: {
      en: `From is ${from} and the account signs in as ${login}; ${name.en} takes its own address only, or one that it knows as an alias`,
      zh: `发件人是 ${from}，登录账号是 ${login}；${name.zh}只接受账号自己的地址或已登记的别名`,
    },
    evidence: [
      {
        en: `${name.en} on the From address: ${provider.sender.text.en}`,
        zh: `${name.zh}对发件人的要求：${provider.sender.text.zh}`,
      },
    ],
    explains: refusedSenders,
    values: { found: from, wanted: login },
    disprovedBy: "delivery",
  };
}
