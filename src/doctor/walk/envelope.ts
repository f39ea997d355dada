// Sender, recipient, size and the message itself.
import type { CauseId } from "../../causes/book.ts";
import type { Provider, Text } from "../../providers/provider.ts";
import type { Stage } from "../../smtp/stage.ts";
import type { WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Setting } from "../test.ts";
import { isAddress, megabytes, msOf, named, words } from "./told.ts";

/** Base64 makes four bytes of three, in lines of 76 with their ends (RFC 2045 §6.8). */
const inBase64 = (4 / 3) * (78 / 76);

/** What people attach without a second thought: 10 MB, and some text. Bytes as SIZE counts them. */
const usualNeed = Math.round(10_000_000 * inBase64) + 100_000;

export function readEnvelope(setting: Setting, walk: WalkFacts): readonly Finding[] {
  return [
    ...sender(setting, walk),
    ...foreignSender(setting, walk),
    ...rewritten(setting, walk),
    ...recipient(setting, walk),
    ...size(setting, walk),
    ...message(setting, walk),
  ];
}

function passed(walk: WalkFacts, stage: Stage): boolean {
  return walk.result.steps.some(({ name, ok }) => name === stage && ok);
}

function sender(setting: Setting, walk: WalkFacts): readonly Finding[] {
  const base = { probe: "sender", layer: "envelope", ms: msOf(walk, "mail") } as const;
  if (setting.from === null && walk.failure === null) {
    const detail: Text = {
      en: "The account has no From address, so no sender was tried: messages leave under the From that each names",
      zh: "账号没有设置发件人地址，因此没有测试发件人：每封邮件以自己的发件人发出",
    };
    return [{ ...base, status: "skipped", detail }];
  }
  if (!passed(walk, "mail")) return [];
  const detail = { en: `${setting.from} was taken as sender`, zh: `服务器接受 ${setting.from} 作为发件人` };
  return [{ ...base, status: "ok", detail }];
}

/** Refusals of a sender that do not say why. */
const bareRefusals: readonly CauseId[] = [
  "envelope.sender-refused",
  "envelope.relay-denied",
  "unknown.reply",
];

/** The login's own address taken where another was refused: the account may not send under that other one. */
function foreignSender({ from }: Setting, walk: WalkFacts): readonly Finding[] {
  const { failure, verdict, ownSender } = walk;
  if (failure?.facts.stage !== "mail" || ownSender?.accepted !== true || from === null) return [];
  if (verdict === null || !bareRefusals.includes(verdict.cause)) return [];
  return [
    {
      probe: "sender",
      layer: "envelope",
      status: "fail",
      ms: 0,
      detail: {
        en: `The server refuses ${from} as sender and takes ${ownSender.address}`,
        zh: `服务器拒绝以 ${from} 作为发件人，但接受 ${ownSender.address}`,
      },
      cause: "envelope.sender-not-owned",
      evidence: [
        {
          en: "Both were tried on the same connection, one right after the other.",
          zh: "两个地址在同一条连接上先后测试。",
        },
      ],
      explains: bareRefusals,
      values: { found: from, wanted: ownSender.address },
    },
  ];
}

/** Some providers put the account's own address into From without a word. */
function rewritten({ provider, from, credentials }: Setting, walk: WalkFacts): readonly Finding[] {
  const login = credentials?.username ?? "";
  if (provider?.sender.rule !== "rewritten" || from === null || !isAddress(login)) return [];
  if (from.toLowerCase() === login.toLowerCase() || !passed(walk, "mail")) return [];
  const name = named(provider);
  return [
    {
      probe: "sender",
      layer: "delivery",
      status: "warn",
      ms: 0,
      detail: {
        en: `${name.en} puts ${login} in place of ${from} unless that address is set up there as one to send as`,
        zh: `除非已在${name.zh}中把 ${from} 设为可用的发件地址，否则发件人会被改成 ${login}`,
      },
      cause: "delivery.from-rewritten",
      evidence: [
        {
          en: `From is ${from}, the account signs in as ${login}, and the server took it without a word; a refusal never comes.`,
          zh: `发件人是 ${from}，登录账号是 ${login}；服务器没有任何提示就接受，也不会拒绝。`,
        },
      ],
      values: { found: from, wanted: login },
    },
  ];
}

function recipient(setting: Setting, walk: WalkFacts): readonly Finding[] {
  if (!passed(walk, "rcpt")) return [];
  const address = walk.to ?? setting.from ?? "";
  const detail: Text = {
    en: `${address} was taken as recipient`,
    zh: `服务器接受 ${address} 作为收件人`,
  };
  return [{ probe: "recipient", layer: "envelope", status: "ok", ms: msOf(walk, "rcpt"), detail }];
}

function size({ provider }: Setting, walk: WalkFacts): readonly Finding[] {
  const offered = walk.secured ?? walk.clear;
  if (offered === null) return [];
  const base = { probe: "size", layer: "envelope", ms: 0 } as const;
  const documented = provider === null ? null : usualSize(provider);
  const bounds = [walk.size, documented].filter((bytes) => bytes !== null);
  if (bounds.length === 0)
    return [
      {
        ...base,
        status: "ok",
        detail: { en: "The server names no limit of size", zh: "服务器没有声明大小限制" },
      },
    ];
  const limit = Math.min(...bounds);
  const files = megabytes(Math.max(0, limit - 100_000) / inBase64);
  const needed = Math.min(usualNeed, documented ?? usualNeed);
  if (walk.size !== null && walk.size < needed) {
    const wanted = documented === null ? null : megabytes(documented);
    return [
      {
        ...base,
        status: "warn",
        detail: {
          en: `The server takes messages of up to ${megabytes(walk.size)}, which is ${files} of attachments${wanted === null ? "" : `; at ${named(provider).en} ${wanted} are usual`}`,
          zh: `服务器接受的邮件最大 ${megabytes(walk.size)}，附件约 ${files}${wanted === null ? "" : `；${named(provider).zh}通常为 ${wanted}`}`,
        },
        values: { found: megabytes(walk.size), wanted: wanted ?? megabytes(usualNeed) },
      },
    ];
  }
  return [
    {
      ...base,
      status: "ok",
      detail: {
        en: `Messages of up to ${megabytes(limit)}, which is ${files} of attachments`,
        zh: `邮件最大 ${megabytes(limit)}，附件约 ${files}`,
      },
    },
  ];
}

/** What the provider documents, or announces as a rule. */
function usualSize({ limits, wire }: Provider): number | null {
  const [, announced] = /^SIZE (\d+)$/im.exec([...wire.secured, ...wire.clear].join("\n")) ?? [];
  return limits.messageSizeBytes ?? (Number(announced ?? 0) || null);
}

function message({ provider }: Setting, walk: WalkFacts): readonly Finding[] {
  const base = { probe: "message", layer: "data", ms: msOf(walk, "data", "content") } as const;
  if (walk.failure !== null) return [];
  if (walk.accepted === undefined || walk.accepted === null) {
    if (walk.to !== undefined) return [];
    const detail: Text = {
      en: "No message was sent, as none was asked for",
      zh: "没有要求发送，因此没有发出邮件",
    };
    return [{ ...base, status: "skipped", detail }];
  }
  const said = words(walk.accepted);
  const keeps = provider?.kind === "sandbox";
  return [
    {
      ...base,
      status: "ok",
      detail: {
        en: `Accepted for ${walk.to}: ${said.en}; ${keeps ? `${named(provider).en} keeps mail and delivers none` : "acceptance is not yet arrival in the inbox"}`,
        zh: `服务器已接受发往 ${walk.to} 的邮件：${said.zh}；${keeps ? `${named(provider).zh}只保存邮件，不会投递` : "接受不等于已到达收件箱"}`,
      },
    },
  ];
}
