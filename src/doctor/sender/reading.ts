// Whether mail of this sender is believed where it arrives. It leaves in any case: nothing here is more than a warning.

import { provider as providerById } from "../../providers/catalogue.ts";
import { nameOf } from "../../providers/name.ts";
import type { Text } from "../../providers/provider.ts";
import type { Facts, SenderFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Setting } from "../test.ts";

/** Codes by which a name server says that there is nothing; with any other it has said nothing. */
const says = (code: string | null) => code === null || code === "ENOTFOUND" || code === "ENODATA";

export function readSender({ setting, sender }: Facts): readonly Finding[] {
  const seen = sender.seen;
  if (seen === null) return [];
  const about = { layer: "delivery", ms: Math.round(sender.ms) } as const;
  const { domain } = seen;
  if (!says(seen.mx.code) && !says(seen.spf?.code ?? null))
    return [
      {
        ...about,
        probe: "spf",
        status: "skipped",
        detail: {
          en: `No name server told of ${domain} (${seen.mx.code})`,
          zh: `没有 DNS 服务器答复 ${domain} 的情况（${seen.mx.code}）`,
        },
      },
    ];
  if (seen.own)
    return [
      {
        ...about,
        probe: "spf",
        status: "ok",
        detail: {
          en: `${domain} and this server belong to one company, which sees to SPF, DKIM and DMARC`,
          zh: `${domain} 与该服务器属于同一家公司，SPF、DKIM 和 DMARC 由其负责`,
        },
      },
    ];
  if (seen.freemail !== null) return [freemail(setting, seen, about)];
  return [
    ...mx(seen, about),
    ...spf(setting, seen, about),
    ...dkim(setting, seen, about),
    ...dmarc(seen, about),
  ];
}

type About = Pick<Finding, "layer" | "ms">;

function freemail(
  { from }: Setting,
  { domain, freemail: id, dmarc: policy }: SenderFacts,
  about: About,
): Finding {
  const owner = providerById(id!);
  const found: Text = { en: nameOf(owner, "en"), zh: nameOf(owner, "zh") };
  const asks = policy?.policy ?? null;
  return {
    ...about,
    probe: "dmarc",
    status: "warn",
    detail: {
      en: `${domain} belongs to ${found.en}; through another provider nobody can prove mail from it`,
      zh: `${domain} 属于 ${found.zh}；通过其他服务商发出的邮件无法证明来自它`,
    },
    cause: "delivery.from-freemail-domain",
    evidence: [
      { en: `The sender is ${from}.`, zh: `发件人是 ${from}。` },
      ...(asks === null
        ? []
        : [
            {
              en: `Its DMARC policy says ${asks}.`,
              zh: `该域名的 DMARC 策略为 ${asks}。`,
            },
          ]),
    ],
    explains: ["delivery.spf-lacks-provider", "delivery.dkim-missing", "delivery.dmarc-misaligned"],
    values: { found },
  };
}

function mx({ domain, mx: found }: SenderFacts, about: About): readonly Finding[] {
  const base = { ...about, probe: "mx" } as const;
  if (found.code === "ENOTFOUND")
    return [
      {
        ...base,
        status: "warn",
        detail: { en: `The domain ${domain} does not exist`, zh: `域名 ${domain} 不存在` },
        cause: "envelope.domain-not-found",
      },
    ];
  if (found.values.length > 0)
    return [
      {
        ...base,
        status: "ok",
        detail: {
          en: `Bounces and answers to ${domain} go to ${found.values[0]}`,
          zh: `发往 ${domain} 的退信和回复由 ${found.values[0]} 接收`,
        },
      },
    ];
  if (found.code !== "ENODATA") return [];
  // Without MX the domain's address counts (RFC 5321 §5.1), if anybody listens there.
  return [
    {
      ...base,
      status: "ok",
      detail: { en: `${domain} names no mail exchanger`, zh: `${domain} 没有 MX 记录` },
    },
  ];
}

function spf({ provider }: Setting, { domain, spf: seen }: SenderFacts, about: About): readonly Finding[] {
  if (seen === null || !says(seen.code)) return [];
  const base = { ...about, probe: "spf" } as const;
  const [record] = seen.records;
  if (seen.problems.length > 0) {
    const found = joined(seen.problems);
    return [
      {
        ...base,
        status: "warn",
        detail: { en: `SPF of ${domain}: ${found.en}`, zh: `${domain} 的 SPF：${found.zh}` },
        cause: "delivery.spf-broken",
        evidence: seen.problems.map(sentence),
        values: { found },
      },
    ];
  }
  const include = provider?.dns.spfInclude ?? null;
  if (seen.covers === true || (record !== undefined && include === null))
    return [
      {
        ...base,
        status: "ok",
        detail: {
          en: `SPF of ${domain}${seen.covers ? ` takes in ${include}` : " is there"}, ${seen.lookups} of 10 look-ups`,
          zh: `${domain} 的 SPF ${seen.covers ? `包含 ${include}` : "已设置"}，查询 ${seen.lookups} 次（上限 10 次）`,
        },
      },
    ];
  const nothing: Text = { en: "no SPF record", zh: "没有 SPF 记录" };
  const found: Text = record === undefined ? nothing : { en: record, zh: record };
  const detail: Text = {
    en: `SPF of ${domain}: ${found.en}`,
    zh: `${domain} 的 SPF：${found.zh}`,
  };
  // Where it is not sure what to look for, or the provider's own return path is proved in place of this domain's.
  if (include === null || provider?.dns.evidence !== "sourced")
    return [{ ...base, status: record === undefined ? "skipped" : "ok", detail }];
  return [
    {
      ...base,
      status: "warn",
      detail,
      cause: "delivery.spf-lacks-provider",
      evidence: [
        {
          en: `Nothing in it, and in what it includes, is ${include}.`,
          zh: `其中以及它所包含的内容里都没有 ${include}。`,
        },
      ],
      values: { found, wanted: `include:${include}` },
    },
  ];
}

function dkim({ provider }: Setting, { domain, dkim: keys }: SenderFacts, about: About): readonly Finding[] {
  if (keys.length === 0 || !keys.some(({ code }) => says(code))) return [];
  const base = { ...about, probe: "dkim" } as const;
  const there = keys.find(({ record }) => record !== null && !/(?:^|;)\s*p=\s*(?:;|$)/i.test(record));
  if (there !== undefined)
    return [
      {
        ...base,
        status: "ok",
        detail: {
          en: `A DKIM key stands at ${there.selector}._domainkey.${domain}`,
          zh: `${there.selector}._domainkey.${domain} 有 DKIM 公钥`,
        },
      },
    ];
  const found = keys.map(({ selector }) => `${selector}._domainkey.${domain}`).join(", ");
  const revoked = keys.some(({ record }) => record !== null);
  const detail: Text = revoked
    ? {
        en: `The DKIM key of ${domain} was called back (p= is empty)`,
        zh: `${domain} 的 DKIM 公钥已撤销（p= 为空）`,
      }
    : { en: `No DKIM key stands at ${found}`, zh: `${found} 没有 DKIM 公钥` };
  if (provider?.dns.evidence !== "sourced")
    return [
      {
        ...base,
        status: "skipped",
        detail: {
          en: `${detail.en}; the provider's console says which names it uses`,
          zh: `${detail.zh}；实际使用的名称以服务商控制台为准`,
        },
      },
    ];
  return [{ ...base, status: "warn", detail, cause: "delivery.dkim-missing", values: { found } }];
}

function dmarc({ domain, dmarc: seen }: SenderFacts, about: About): readonly Finding[] {
  if (seen === null || !says(seen.code)) return [];
  const base = { ...about, probe: "dmarc" } as const;
  const wanted = `_dmarc.${seen.domain}`;
  if (seen.record === null)
    return [
      {
        ...base,
        status: "warn",
        detail: { en: `${domain} has no DMARC record`, zh: `${domain} 没有 DMARC 记录` },
        cause: "delivery.no-dmarc-record",
        values: { wanted },
      },
    ];
  const [problem] = seen.problems;
  if (problem !== undefined)
    return [
      {
        ...base,
        status: "warn",
        detail: {
          en: `DMARC of ${seen.domain}: ${problem.en}`,
          zh: `${seen.domain} 的 DMARC：${problem.zh}`,
        },
        cause: "delivery.no-dmarc-record",
        evidence: [sentence(problem)],
        values: { wanted },
      },
    ];
  return [
    {
      ...base,
      status: "ok",
      detail: {
        en: `DMARC of ${seen.domain}: p=${seen.policy}`,
        zh: `${seen.domain} 的 DMARC：p=${seen.policy}`,
      },
    },
  ];
}

const sentence = ({ en, zh }: Text): Text => ({ en: `${en}.`, zh: `${zh}。` });

function joined(problems: readonly Text[]): Text {
  return {
    en: problems.map(({ en }) => en).join("; "),
    zh: problems.map(({ zh }) => zh).join("；"),
  };
}
