// Greeting, introduction and encryption: whether they are the server's own, or somebody's on the way.
import type { CauseId } from "../../causes/book.ts";
import { providerOfHost } from "../../providers/hosts.ts";
import type { Text } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { Facts, WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Setting } from "../test.ts";
import { strangerIn } from "./strangers.ts";
import {
  foreignCertificates,
  msOf,
  named,
  same,
  seconds,
  securityNames,
  words,
  wrongSecurities,
} from "./told.ts";

/** A greeting later than this is kept back on purpose or by a name look-up that fails. Milliseconds. */
const slowGreeting = 5_000;

export function readOffers(facts: Facts, walk: WalkFacts): readonly Finding[] {
  const { setting } = facts;
  return [
    ...greeting(setting, walk),
    ...otherSecurity(facts, walk),
    ...webServer(walk),
    ...hello(setting, walk),
    ...starttls(setting, walk),
    ...tls(walk),
  ];
}

function greeting(setting: Setting, walk: WalkFacts): readonly Finding[] {
  if (walk.greeting === null || walk.failure?.facts.stage === "greeting") return [];
  const base = { probe: "greeting", layer: "banner", ms: msOf(walk, "greeting") } as const;
  if (isMasked(walk)) return [masked(setting, walk)];
  const stranger = strangerIn(setting, walk);
  if (stranger !== null) {
    const expected = named(setting.provider ?? providerOfHost(setting.endpoint.host));
    const whose: Text =
      stranger.interceptor !== null
        ? { en: `a program on the way, ${stranger.interceptor}`, zh: `途中的程序 ${stranger.interceptor}` }
        : stranger.provider !== null
          ? named(stranger.provider)
          : { en: "somebody else", zh: "其他服务器" };
    return [
      {
        ...base,
        status: walk.failure === null ? "warn" : "fail",
        detail: {
          en: `${stranger.name} answers where ${expected.en} should: that is ${whose.en}`,
          zh: `应答的是 ${stranger.name}（${whose.zh}），而不是${expected.zh}`,
        },
        cause: "banner.not-the-expected-provider",
        evidence: [
          { en: `It greeted with: ${words(walk.greeting).en}`, zh: `问候语：${words(walk.greeting).zh}` },
          {
            en: "No certificate has proved that it is the server it should be.",
            zh: "没有有效证书能证明它就是要连接的服务器。",
          },
        ],
        explains: [...foreignCertificates, "auth.not-offered-at-all", "ehlo.starttls-missing"],
        values: { found: stranger.name, wanted: setting.endpoint.host },
      },
    ];
  }
  const ms = walk.greetingMs ?? 0;
  if (ms >= slowGreeting)
    return [
      {
        ...base,
        status: "warn",
        detail: {
          en: `The greeting came after ${seconds(ms)}`,
          zh: `问候语在 ${seconds(ms)} 后才到`,
        },
        cause: "banner.slow-tarpit",
        evidence: [
          {
            en: "It did come, so the server works and keeps strangers waiting; programs with a short timeout give up before.",
            zh: "问候语最终到达，说明服务器正常，只是让陌生来源等待；超时较短的程序会提前放弃。",
          },
        ],
        values: { found: seconds(ms) },
      },
    ];
  return [{ ...base, status: "ok", detail: words(walk.greeting) }];
}

function isMasked({ greeting: reply }: WalkFacts): boolean {
  return /^\*{4,}|^[*02 ]{8,}/.test(reply?.lines[0] ?? "");
}

/** Cisco's inspection takes away EHLO or STARTTLS; where mail passes all the same, it passes in clear. */
function masked(setting: Setting, walk: WalkFacts): Finding {
  const inClear = walk.protocol === null;
  return {
    probe: "greeting",
    layer: "banner",
    status: walk.failure === null && !(inClear && isPublic(setting)) ? "warn" : "fail",
    ms: msOf(walk, "greeting"),
    detail: {
      en: `The greeting is masked: ${words(walk.greeting).en}`,
      zh: `问候语被遮盖：${words(walk.greeting).zh}`,
    },
    cause: "banner.cisco-fixup",
    evidence: [
      {
        en: "No mail server greets with asterisks; a Cisco firewall that inspects SMTP does.",
        zh: "邮件服务器不会用星号问候；检查 SMTP 的 Cisco 防火墙会这样做。",
      },
    ],
    explains: [
      "ehlo.starttls-missing",
      "ehlo.not-implemented",
      "ehlo.starttls-stripped-xxxxxxxa",
      "ehlo.silent-plaintext-downgrade",
      "auth.not-offered-at-all",
      "auth.not-offered-before-tls",
    ],
  };
}

/** A silent port on which a handshake stands is one for TLS from the first byte, whatever its number. */
function otherSecurity({ setting, tls: scan }: Facts, walk: WalkFacts): readonly Finding[] {
  const { failure, verdict, spoken } = walk;
  if (failure?.facts.stage !== "greeting" || setting.endpoint.security === "tls") return [];
  if (verdict?.cause === "config.plain-on-implicit-tls-port") return [];
  const handshake = scan.seen?.implicit ?? null;
  const stands = handshake !== null && handshake.code === null;
  const isAlert = /^\\x15\\x03/.test(spoken?.received ?? "");
  if (!stands && !isAlert) return [];
  const { port, security } = setting.endpoint;
  return [
    {
      probe: "greeting",
      layer: "config",
      status: "fail",
      ms: 0,
      detail: {
        en: `Port ${port} expects SSL/TLS from the first byte, and the setting is ${securityNames[security].en}`,
        zh: `端口 ${port} 要求一开始就使用 SSL/TLS，而当前设置是${securityNames[security].zh}`,
      },
      cause: "config.plain-on-implicit-tls-port",
      evidence: [
        stands
          ? {
              en: `A TLS handshake right after connecting stood (${handshake.version ?? "TLS"}), where a greeting in clear never came.`,
              zh: `连接后直接进行 TLS 握手成功（${handshake.version ?? "TLS"}），而明文问候语一直没有到来。`,
            }
          : {
              en: "Spoken to in clear, it answered with a TLS alert.",
              zh: "我们用明文发送内容后，对方回复的是 TLS 警报。",
            },
      ],
      explains: wrongSecurities,
    },
  ];
}

function webServer({ failure, verdict, spoken }: WalkFacts): readonly Finding[] {
  const received = spoken?.received ?? "";
  if (failure === null || verdict?.cause === "banner.http-server") return [];
  if (!/^(?:HTTP\/|<!doctype|<html)/i.test(received)) return [];
  return [
    {
      probe: "greeting",
      layer: "banner",
      status: "fail",
      ms: 0,
      detail: { en: `A web server answers: ${received}`, zh: `应答的是网页服务器：${received}` },
      cause: "banner.http-server",
      evidence: [
        {
          en: "It waited to be spoken to, and then answered in HTTP.",
          zh: "它等我们先发送内容，然后以 HTTP 回复。",
        },
      ],
      explains: ["banner.silent-server", "banner.closed-without-greeting", "banner.slow-tarpit"],
    },
  ];
}

function hello(setting: Setting, walk: WalkFacts): readonly Finding[] {
  const { clear, secured, failure, helo } = walk;
  const offered = secured ?? clear;
  if (offered === null) return [];
  const base = { probe: "ehlo", layer: "ehlo", ms: msOf(walk, "ehlo") } as const;
  const overwritten =
    clear === null ? undefined : [...clear.keywords.keys()].find((word) => /^X{6,}[A-Z]?$/.test(word));
  const inClear = walk.protocol === null;
  const status = failure === null && !(inClear && isPublic(setting)) ? "warn" : "fail";
  if (overwritten !== undefined && walk.verdict?.cause !== "ehlo.starttls-stripped-xxxxxxxa")
    return [
      {
        ...base,
        status,
        detail: {
          en: `Where a capability belongs stands ${overwritten}`,
          zh: `本应是服务器能力的地方变成了 ${overwritten}`,
        },
        cause: "ehlo.starttls-stripped-xxxxxxxa",
        evidence: [
          {
            en: `No server announces ${overwritten}; a device on the way wrote it over STARTTLS.`,
            zh: `没有服务器会声明 ${overwritten}；这是途中的设备覆盖 STARTTLS 留下的。`,
          },
        ],
        explains: ["ehlo.starttls-missing", "ehlo.starttls-refused", "ehlo.silent-plaintext-downgrade"],
      },
    ];
  if (helo === true && !isMasked(walk) && walk.verdict?.cause !== "ehlo.not-implemented")
    return [
      {
        ...base,
        status,
        detail: {
          en: "The server refused EHLO and took HELO, so it offers neither encryption nor sign-in",
          zh: "服务器拒绝 EHLO，只接受 HELO，因此不提供加密和登录",
        },
        cause: "ehlo.not-implemented",
        evidence: [
          {
            en: "EHLO was refused and HELO taken on the same connection.",
            zh: "在同一条连接上，EHLO 被拒绝而 HELO 被接受。",
          },
        ],
        explains: ["ehlo.starttls-missing", "auth.not-offered-at-all", "auth.not-offered-before-tls"],
      },
    ];
  if (failure?.facts.stage === "ehlo") return [];
  const keywords = [...offered.keywords.keys()].slice(0, 24).join(", ").slice(0, 400);
  // AUTH that shows itself only inside TLS is as it should be, and never an error.
  const hidden = clear !== null && secured !== null && clear.auth.length === 0 && secured.auth.length > 0;
  return [
    {
      ...base,
      status: "ok",
      detail: {
        en: `${keywords === "" ? "It offers no extensions" : `It offers ${keywords}`}${hidden ? "; AUTH only inside TLS, as it should be" : ""}`,
        zh: `${keywords === "" ? "没有提供任何扩展" : `提供 ${keywords}`}${hidden ? "；AUTH 仅在 TLS 内提供，这是正常的" : ""}`,
      },
    },
  ];
}

function starttls(setting: Setting, walk: WalkFacts): readonly Finding[] {
  const { clear, failure, protocol } = walk;
  const { security, port } = setting.endpoint;
  const base = { probe: "starttls", layer: "ehlo", ms: msOf(walk, "starttls") } as const;
  const went = walk.result.steps.some(({ name, ok }) => name === "starttls" && ok);
  if (security === "starttls" && went)
    return [{ ...base, status: "ok", detail: { en: "Offered and accepted", zh: "服务器提供并接受" } }];
  if (security !== "none" || clear?.starttls !== true || protocol !== null) return [];
  if (isLoopback(setting.endpoint.host)) return [];
  // Where the client refused to go on, or the server did, that is told already.
  const told: readonly (CauseId | undefined)[] = ["client.secret-in-clear", "ehlo.starttls-required"];
  if (told.includes(walk.verdict?.cause)) return [];
  return [
    {
      ...base,
      status: isPublic(setting) ? "fail" : "warn",
      detail: {
        en: `Mail travels in clear on port ${port}, although the server offers STARTTLS`,
        zh: `服务器提供 STARTTLS，但邮件在端口 ${port} 上明文传输`,
      },
      cause: "ehlo.silent-plaintext-downgrade",
      evidence: [
        {
          en: "STARTTLS stands in the reply to EHLO, and the security of the setting is none.",
          zh: "服务器对 EHLO 的回复中有 STARTTLS，而设置中的加密方式是不加密。",
        },
        ...(failure === null
          ? [{ en: "Nothing was refused, so nobody would notice.", zh: "全程没有被拒绝，因此不会有人察觉。" }]
          : []),
      ],
      values: { found: securityNames.none, wanted: same("STARTTLS") },
    },
  ];
}

function tls(walk: WalkFacts): readonly Finding[] {
  const { protocol, cipher, chain } = walk;
  if (protocol === null) return [];
  const [leaf] = chain;
  const until = leaf === undefined ? "" : leaf.validTo.slice(0, 10);
  const detail: Text =
    until === ""
      ? same([protocol, cipher].filter(Boolean).join(", "))
      : {
          en: `${protocol}, ${cipher ?? "cipher unknown"}; certificate verified, valid until ${until}`,
          zh: `${protocol}，${cipher ?? "套件未知"}；证书已验证，有效期至 ${until}`,
        };
  return [{ probe: "tls", layer: "tls", status: "ok", ms: msOf(walk, "tls"), detail }];
}

/** A provider that everybody can reach: in clear, the mail crosses the open network. */
function isPublic({ provider, endpoint: { host } }: Setting): boolean {
  return !isLoopback(host) && (provider ?? providerOfHost(host)) !== null;
}
