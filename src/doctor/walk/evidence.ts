// What shows that the walk met this cause and not one that looks like it.
import { verbatim } from "../../causes/log-line.ts";
import type { Verdict } from "../../causes/verdict.ts";
import { providerOfHost } from "../../providers/hosts.ts";
import type { KnownReply, Provider, Text } from "../../providers/provider.ts";
import { knownReply } from "../../providers/replies.ts";
import type { WalkFacts } from "../facts.ts";
import type { Setting } from "../test.ts";
import { named, same, seconds } from "./told.ts";

/** Whole sentences, the most telling first; at most six. */
export function evidenceOf(setting: Setting, walk: WalkFacts, verdict: Verdict): readonly Text[] {
  const all = [
    ...theirWords(setting, verdict),
    ...bytes(walk),
    ...silence(walk, verdict),
    ...offers(setting, walk, verdict),
    ...shapes(setting, verdict),
    ...otherSender(walk),
    ...lookAlikes(setting.provider, verdict),
    ...whatStood(walk, verdict),
  ];
  return all.slice(0, 6);
}

function theirWords({ provider }: Setting, { stage, reply, cause }: Verdict): readonly Text[] {
  if (reply === null) return [];
  const said: Text = { en: `The server said: ${verbatim(reply)}`, zh: `服务器原话：${verbatim(reply)}` };
  const known = provider === null ? null : knownReply(provider, stage, reply);
  if (provider === null || known?.cause !== cause) return [said];
  const name = named(provider);
  return [
    said,
    known.evidence === "recalled"
      ? {
          en: `${name.en} is reported to answer like this in just this case.`,
          zh: `据反映，${name.zh}在这种情况下通常就是这样回复。`,
        }
      : {
          en: `That is how ${name.en} answers in just this case.`,
          zh: `${name.zh}正是在这种情况下才这样回复。`,
        },
  ];
}

function bytes({ failure }: WalkFacts): readonly Text[] {
  const received = failure?.facts.received;
  if (received === undefined || received === "") return [];
  return [{ en: `The first bytes that came: ${received}`, zh: `最先收到的内容：${received}` }];
}

/** A port that says nothing has five causes; how it takes a line in clear parts them. */
function silence({ spoken, failure }: WalkFacts, { stage }: Verdict): readonly Text[] {
  if (stage !== "greeting" || spoken === undefined || spoken === null) return [];
  const { received, closed } = spoken;
  if (received !== null)
    return [
      {
        en: `Spoken to first, it answered: ${received}`,
        zh: `我们先发一行内容后，对方回复：${received}`,
      },
    ];
  if (closed)
    return [
      {
        en: "Spoken to first in clear, it closed without a byte, as a port does that waits for TLS.",
        zh: "我们先发一行明文后，对方没有回复就断开了；等待 TLS 的端口正是如此。",
      },
    ];
  return failure?.facts.kind === "timeout"
    ? [
        {
          en: "Spoken to first, it stayed silent too, so it is no web server.",
          zh: "我们先发一行内容后，对方仍然没有应答，因此不是网页服务器。",
        },
      ]
    : [];
}

function offers(setting: Setting, walk: WalkFacts, { cause }: Verdict): readonly Text[] {
  const offered = walk.secured ?? walk.clear;
  const provider = setting.provider ?? providerOfHost(setting.endpoint.host);
  const { port } = setting.endpoint;
  if (cause === "ehlo.starttls-missing" && provider !== null && hasStarttls(provider)) {
    const name = named(provider);
    return [
      {
        en: `${name.en} always offers STARTTLS; where it is missing, something on the way removed it.`,
        zh: `${name.zh}一直提供 STARTTLS；现在没有，说明途中有设备把它去掉了。`,
      },
      ...list(offered?.keywords),
    ];
  }
  if (offered !== null && (cause === "auth.mechanism-unsupported" || cause === "auth.not-offered-at-all")) {
    const mechanisms = offered.auth.join(", ");
    return mechanisms === ""
      ? [
          {
            en: `No AUTH stands in its reply to EHLO${walk.secured === null ? "" : ", inside TLS either"}, although the account has credentials; a test that passes over this proves nothing.`,
            zh: `账号设有登录信息，但服务器对 EHLO 的回复中没有 AUTH${walk.secured === null ? "" : "，加密之后也没有"}；忽略这一点的测试不能说明问题。`,
          },
          ...list(offered.keywords),
        ]
      : [{ en: `It offers ${mechanisms} only.`, zh: `服务器只提供 ${mechanisms}。` }];
  }
  if (walk.clear?.starttls === true && walk.secured === null && setting.endpoint.security === "none")
    return [
      {
        en: `It offers STARTTLS on port ${port}, and the setting does not use it.`,
        zh: `服务器在端口 ${port} 上提供 STARTTLS，而当前设置没有使用。`,
      },
    ];
  return [];
}

function list(keywords: ReadonlyMap<string, readonly string[]> | undefined): readonly Text[] {
  const all = [...(keywords?.keys() ?? [])].slice(0, 20).join(", ").slice(0, 400);
  return all === "" ? [] : [{ en: `What it does offer: ${all}.`, zh: `它提供的能力：${all}。` }];
}

function hasStarttls(provider: Provider): boolean {
  return provider.wire.clear.some((line) => line.toUpperCase() === "STARTTLS");
}

/** The secret's form parts a mistyped app password from an account's own password. */
function shapes({ provider, secret, credentials }: Setting, { stage, cause }: Verdict): readonly Text[] {
  const { secretShape } = secret;
  const hasPattern = provider?.secret.pattern !== undefined;
  if (stage !== "auth" || provider === null || !hasPattern || secretShape === undefined) return [];
  if (credentials === null || !("password" in credentials)) return [];
  const name = named(provider);
  const { length } = [...credentials.password];
  if (!secretShape.matchesPattern)
    return [
      {
        en: `The secret of ${length} characters does not have the form of those that ${name.en} gives out for SMTP.`,
        zh: `密码共 ${length} 个字符，不是${name.zh}为 SMTP 提供的密码的形式。`,
      },
    ];
  if (cause !== "auth.bad-credentials") return [];
  return [
    {
      en: `The secret has the form of those that ${name.en} gives out for SMTP, so it is not the account's own password: it is mistyped, revoked, or another account's.`,
      zh: `密码的形式符合${name.zh}为 SMTP 提供的密码，因此并不是误用了账号登录密码，而是输错、已被撤销，或属于其他账号。`,
    },
  ];
}

function otherSender({ ownSender }: WalkFacts): readonly Text[] {
  if (ownSender === undefined || ownSender === null) return [];
  const { address, accepted } = ownSender;
  return accepted
    ? [
        {
          en: `With ${address}, the address that signs in, the same server took the sender at once.`,
          zh: `改用登录地址 ${address} 作为发件人，同一台服务器立即接受。`,
        },
      ]
    : [
        {
          en: `${address}, the address that signs in, was refused as well, so it is not only this From.`,
          zh: `改用登录地址 ${address} 作为发件人同样被拒绝，因此不只是当前发件人的问题。`,
        },
      ];
}

/** Causes that people take for one another, and that some providers answer differently. */
const mistaken: readonly (readonly string[])[] = [
  [
    "auth.bad-credentials",
    "auth.app-password-required",
    "auth.authorization-code-required",
    "auth.smtp-service-not-enabled",
    "auth.smtp-auth-disabled-tenant",
    "auth.basic-auth-disabled",
    "auth.web-login-required",
  ],
  ["envelope.sender-not-owned", "envelope.sender-not-verified", "envelope.sandbox"],
  ["envelope.daily-quota", "envelope.rate-limited", "data.unusual-activity-lock"],
];

function lookAlikes(provider: Provider | null, { cause, reply }: Verdict): readonly Text[] {
  const group = mistaken.find((one) => one.includes(cause));
  if (provider === null || reply === null || group === undefined) return [];
  const said = verbatim(reply).toLowerCase();
  const others = provider.replies.filter(
    (known) =>
      known.cause !== cause &&
      group.includes(known.cause) &&
      known.evidence !== "recalled" &&
      known.words.length > 0 &&
      !known.words.every((word) => said.includes(word.toLowerCase())),
  );
  const firsts = others.filter(({ cause: id }, at) => others.findIndex((one) => one.cause === id) === at);
  return firsts.slice(0, 2).map((known) => excluded(provider, known));
}

function excluded(provider: Provider, known: KnownReply): Text {
  const name = named(provider);
  const sample = `${known.code} ${known.sample.split("\n")[0] ?? ""}`.slice(0, 120);
  return {
    en: `It is not ${known.cause}: ${name.en} answers that with "${sample}".`,
    zh: `不是 ${known.cause}：那种情况下${name.zh}会回复“${sample}”。`,
  };
}

/** What came before the failure stood, and is not to blame. */
function whatStood(walk: WalkFacts, { stage, cause }: Verdict): readonly Text[] {
  const { protocol, cipher, greetingMs, failure } = walk;
  if (protocol !== null && stage !== "tls")
    return [
      {
        en: `Connection and encryption stood before (${protocol}, ${cipher ?? "cipher unknown"}, certificate verified): neither network nor certificate is at fault.`,
        zh: `此前连接和加密都已建立（${protocol}，${cipher ?? "套件未知"}，证书已验证）：网络和证书没有问题。`,
      },
    ];
  if (greetingMs !== null && stage !== "greeting")
    return [
      {
        en: `The server greeted ${greetingMs < 1_000 ? "at once" : `after ${seconds(greetingMs)}`}, so the network lets SMTP through.`,
        zh: `服务器${greetingMs < 1_000 ? "立即" : `在 ${seconds(greetingMs)} 后`}发送了问候语，说明网络允许 SMTP 通过。`,
      },
    ];
  if (stage === "greeting" && failure?.facts.kind === "timeout" && cause === "banner.silent-server")
    return [
      {
        en: "TCP connected at once; it is the greeting that did not come.",
        zh: "TCP 连接正常，没有到来的是问候语。",
      },
    ];
  return failure?.facts.code ? [same(`${failure.facts.code}: ${failure.message}`)] : [];
}
