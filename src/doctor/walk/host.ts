// The host by its looks: a name that cannot be one, is nearly another, or belongs to another service.
import { providers } from "../../providers/catalogue/all.ts";
import { isHostOfToday, nearestHost, providerOfHost } from "../../providers/hosts.ts";
import type { Provider, Text } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { Setting } from "../test.ts";
import type { Flaw } from "./flaw.ts";
import { foreignCertificates, named } from "./told.ts";

/** Not a block of the port everywhere, which is news of its own. */
const unreachable = [
  "tcp.timeout",
  "tcp.timeout-provider-drops-your-ip",
  "tcp.refused-by-server",
  "tcp.admin-prohibited",
  "tcp.no-route",
  "tcp.reset",
  "tcp.failed",
] as const;

const unresolved = ["dns.nxdomain", "dns.no-address-record", "dns.servfail", "config.bad-option"] as const;

export function readHost(setting: Setting): readonly Flaw[] {
  const { host } = setting.endpoint;
  const flaw =
    emptyHost(setting) ??
    mangledHost(host) ??
    malformed(setting) ??
    ownMachine(setting) ??
    // Before the spelling: imap.gmail.com is two letters from smtp.gmail.com, and real.
    otherService(setting) ??
    misspelled(setting) ??
    formerName(setting);
  return flaw === null ? [] : [flaw];
}

function emptyHost({ endpoint: { host }, provider }: Setting): Flaw | null {
  if (host.trim() !== "") return null;
  return {
    cause: "config.falls-back-to-localhost",
    detail: {
      en: "The host is empty; many programs then try this very machine",
      zh: "主机名为空；许多程序这时会改连本机",
    },
    evidence: [
      {
        en: "No host came with the setting: the variable is unset, or the file with it was not read.",
        zh: "设置中没有主机名：变量未设置，或者配置文件没有被读取。",
      },
    ],
    explains: [...unresolved, "config.host-typo", "tcp.refused-by-server"],
    values: { wanted: provider?.endpoints[0]?.host ?? "smtp.example.com" },
    disprovedBy: "greeting",
    hopeless: true,
  };
}

/** What a program makes of a variable that is not set or not filled in. */
function mangledHost(host: string): Flaw | null {
  if (!/^(?:undefined|null|nan|\[object object\]|none|true|false)$|[${}<>"'“”‘’%]/i.test(host.trim()))
    return null;
  return {
    cause: "config.env-value-mangled",
    detail: {
      en: `The host reads ${JSON.stringify(host.slice(0, 60))}: the value was lost or changed on its way into the program`,
      zh: `主机名是 ${JSON.stringify(host.slice(0, 60))}：这个值在传入程序时丢失或被改动`,
    },
    evidence: [
      {
        en: "No host is called so: a variable is unset, was not filled in, or kept its quotation marks.",
        zh: "没有主机会叫这个名字：变量未设置、没有被替换，或者保留了引号。",
      },
    ],
    explains: [...unresolved, "config.host-typo", ...unreachable],
    values: {
      found: {
        en: `the host reads ${JSON.stringify(host.slice(0, 60))}`,
        zh: `主机名是 ${JSON.stringify(host.slice(0, 60))}`,
      },
    },
    disprovedBy: "greeting",
  };
}

function malformed({ endpoint: { host }, provider }: Setting): Flaw | null {
  const isName = /^[a-z0-9._-]+$/i.test(host) && !/^[.-]|\.\.|[.]{2,}/.test(host);
  const isIpv6 = /^[0-9a-f:.]+(?:%[\w.-]+)?$/i.test(host) && host.split(":").length > 2;
  if (isName || isIpv6 || (/[^\p{ASCII}]/u.test(host) === true && !/[\s/@,;:]/u.test(host))) return null;
  const bare = bareName(host);
  const wrong = wrongIn(host);
  return {
    cause: "config.host-typo",
    detail: {
      en: `The host holds ${wrong.en}; it should read ${bare}`,
      zh: `主机名中含有${wrong.zh}；应为 ${bare}`,
    },
    evidence: [
      {
        en: `${JSON.stringify(host.slice(0, 100))} cannot be a host name, so no name server was at fault.`,
        zh: `${JSON.stringify(host.slice(0, 100))} 不可能是主机名，与 DNS 服务器无关。`,
      },
    ],
    explains: unresolved,
    values: { found: host.slice(0, 100), wanted: bare || (provider?.endpoints[0]?.host ?? "") },
    disprovedBy: "resolve",
    hopeless: true,
  };
}

function wrongIn(host: string): Text {
  if (/:\/\//.test(host)) return { en: "a scheme, as a web address has one", zh: "协议前缀（像网址那样）" };
  if (host.includes("@")) return { en: "an @, as an address has one", zh: "@（像邮箱地址那样）" };
  if (/\s/u.test(host)) return { en: "a blank", zh: "空白字符" };
  if (/:\d+$/.test(host)) return { en: "the port", zh: "端口" };
  return { en: "characters that no host name has", zh: "主机名中不允许的字符" };
}

/** The name that was probably meant by `smtps://user@smtp.example.com:465/`. */
function bareName(typed: string): string {
  return (
    typed
      .trim()
      .replace(/^["'“”‘’]+|["'“”‘’]+$/gu, "")
      .replace(/^[a-z][a-z0-9+.-]*:\/\//i, "")
      .replace(/^[^@/]*@/, "")
      .split(/[/?#,;\s]/u)
      .find((part) => part !== "")
      ?.replace(/:\d*$/, "")
      .toLowerCase() ?? ""
  );
}

/** Connecting to oneself is right for a relay of one's own, and wrong where a provider was meant. */
function ownMachine({ endpoint: { host }, provider }: Setting): Flaw | null {
  const ofProvider = provider?.endpoints.some((known) => known.host === host) ?? false;
  if (!(isLoopback(host) || host === "0.0.0.0") || provider === null || ofProvider) return null;
  const wanted = provider.endpoints[0]?.host ?? "";
  return {
    cause: "config.falls-back-to-localhost",
    detail: {
      en: `The host is ${host}, this very machine, although the account is ${named(provider).en}'s`,
      zh: `主机名是 ${host}，即本机，而账号属于${named(provider).zh}`,
    },
    evidence: [
      {
        en: `${named(provider).en} is reached at ${wanted}; a program without a host falls back to this machine.`,
        zh: `${named(provider).zh}的主机是 ${wanted}；没有主机名的程序会改连本机。`,
      },
    ],
    explains: ["tcp.refused-by-server", "tcp.refused-by-local-rule", "dns.sinkholed"],
    values: { found: host, wanted },
    disprovedBy: "greeting",
    onlyIfFailed: true,
  };
}

function misspelled({ endpoint: { host }, provider }: Setting): Flaw | null {
  const near = nearestHost(host);
  if (near === null || isLoopback(host)) return null;
  // A mail host of one's own may well be called mail.gmx.io; that the names are near is then no sign.
  if (provider !== null && !hosts(provider).includes(near)) return null;
  return {
    cause: "config.host-typo",
    detail: {
      en: `The host ${host} is spelled nearly like ${near}`,
      zh: `主机名 ${host} 与 ${near} 只差一两个字母`,
    },
    evidence: [
      {
        en: `${near} is a host of ${named(providerOfHost(near)).en}, and nobody in the catalogue has ${host}.`,
        zh: `${near} 是${named(providerOfHost(near)).zh}的主机，而服务商目录中没有 ${host}。`,
      },
    ],
    explains: [...unresolved, ...unreachable, ...foreignCertificates, "auth.not-offered-at-all"],
    values: { found: host, wanted: near },
    disprovedBy: "auth",
  };
}

function hosts({ endpoints, regions, legacyHosts }: Provider): readonly string[] {
  return [...endpoints, ...regions].map(({ host }) => host).concat(legacyHosts);
}

function otherService({ endpoint: { host, port }, provider }: Setting): Flaw | null {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (isLoopback(name) || isHostOfToday(name) || providerOfHost(name) !== null) return null;
  const [first = ""] = name.split(".");
  const reads = /^(?:imap|imap4|imaps|pop|pop3|pops)\d*$/.test(first);
  if (reads)
    return {
      ...wrongRole(name, provider, { en: "a host for reading mail", zh: "收信主机" }),
      cause: "config.imap-or-pop-host",
      explains: [
        ...unreachable,
        ...unresolved,
        "banner.other-protocol",
        "banner.silent-server",
        "cert.hostname-mismatch",
      ],
    };
  const receiver = providers.find(({ mxSuffixes }) =>
    mxSuffixes.some((suffix) => `.${name}`.endsWith(`.${suffix}`)),
  );
  if (receiver !== undefined && port !== 25)
    return wrongRole(name, provider ?? receiver, {
      en: "a host that receives mail (MX)",
      zh: "收信（MX）主机",
    });
  const owner = providers.find(({ domains }) =>
    domains.some((domain) => name === domain || name === `www.${domain}`),
  );
  const isWeb = /^(?:www|webmail|owa|autodiscover|autoconfig)$/.test(first);
  if (owner !== undefined || isWeb)
    return wrongRole(name, provider ?? owner ?? null, { en: "a web site", zh: "网站" });
  const webmail = providers.find(({ domains }) => domains.some((domain) => name === `mail.${domain}`));
  if (webmail !== undefined || name === "mail.google.com")
    return wrongRole(name, provider ?? webmail ?? null, { en: "a web mail site", zh: "网页邮箱" });
  return null;
}

function wrongRole(host: string, provider: Provider | null, role: Text): Flaw {
  const wanted = provider?.endpoints[0]?.host ?? null;
  const rather =
    wanted === null
      ? { en: "", zh: "" }
      : { en: `; for sending it is ${wanted}`, zh: `；发信主机是 ${wanted}` };
  return {
    cause: "config.host-exists-but-wrong-role",
    detail: { en: `${host} looks like ${role.en}${rather.en}`, zh: `${host} 看起来是${role.zh}${rather.zh}` },
    evidence: [
      {
        en: "Such a name resolves, and a host that is not for sending stays silent or refuses just like a blocked port.",
        zh: "这样的名称可以解析，但不用于发信的主机会没有应答或拒绝连接，看起来就像端口被封。",
      },
    ],
    explains: [
      ...unreachable,
      ...unresolved,
      "auth.not-offered-at-all",
      "envelope.relay-denied",
      "cert.hostname-mismatch",
      "banner.silent-server",
      "banner.closed-without-greeting",
      "banner.http-server",
      "banner.554-refused",
    ],
    ...(wanted === null ? { values: { found: host } } : { values: { found: host, wanted } }),
    disprovedBy: "auth",
  };
}

/** A name of old may be switched off any day; that is worth a word while it still answers. */
function formerName({ endpoint: { host } }: Setting): Flaw | null {
  const owner = providerOfHost(host);
  if (owner === null || isHostOfToday(host)) return null;
  const wanted = owner.endpoints.find(({ legacy }) => !legacy)?.host ?? "";
  return {
    detail: {
      en: `${host} is a former name of ${named(owner).en}; today it is ${wanted}`,
      zh: `${host} 是${named(owner).zh}的旧主机名，现在是 ${wanted}`,
    },
    evidence: [],
    explains: [],
    values: { found: host, wanted },
    disprovedBy: "greeting",
  };
}
