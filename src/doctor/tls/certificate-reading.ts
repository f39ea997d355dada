// The certificate as shown, beside the clock it is read by.
import type { CertificateFacts } from "../../smtp/failure.ts";
import type { ChainFacts, Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

const day = 24 * 60 * 60_000;
/** Certificates that live long are renewed by hand: two weeks are time enough. */
const soon = 14 * day;
/** Automatic renewal of short ones comes at a third of their life (RFC 9773 and its predecessors' practice); so late means that it has failed. */
const lastPart = 0.15;
/** Less is not the clock's fault. Milliseconds. */
const tolerated = 10 * 60_000;

export function readCertificate(facts: Facts): readonly Finding[] {
  return [...wrongClock(facts), ...agreedClock(facts), ...shownChain(facts), ...ofLeaf(facts)];
}

/** Others' time less ours; null when nobody was asked or they do not agree. */
function offsetOf({ clock }: Facts): { readonly ms: number; readonly hosts: string } | null {
  const offsets = clock.seen?.offsets ?? [];
  if (offsets.length === 0) return null;
  const [least, most] = [Math.min, Math.max].map((pick) => pick(...offsets.map(({ offsetMs }) => offsetMs)));
  if (most! - least! > tolerated) return null;
  return { ms: (least! + most!) / 2, hosts: offsets.map(({ host }) => host).join(", ") };
}

function dated({ walk, chain }: Facts): CertificateFacts | null {
  const code = walk.seen?.failure?.facts.code;
  if (code !== "CERT_HAS_EXPIRED" && code !== "CERT_NOT_YET_VALID") return null;
  return walk.seen?.failure?.facts.certificate ?? chain.seen?.certificates[0] ?? null;
}

const isValidAt = ({ validFrom, validTo }: CertificateFacts, at: number) =>
  Date.parse(validFrom) <= at && at <= Date.parse(validTo);

function wrongClock(facts: Facts): readonly Finding[] {
  const certificate = dated(facts);
  const offset = offsetOf(facts);
  if (certificate === null || offset === null || Math.abs(offset.ms) < tolerated) return [];
  if (!isValidAt(certificate, facts.at + offset.ms)) return [];
  const { en, zh } = spanOf(Math.abs(offset.ms));
  const ahead = offset.ms < 0;
  return [
    {
      probe: "clock",
      layer: "certificate",
      status: "fail",
      ms: facts.clock.ms,
      detail: {
        en: `The clock here is ${en} ${ahead ? "ahead" : "behind"}`,
        zh: `本机时钟${ahead ? "快了" : "慢了"} ${zh}`,
      },
      cause: "cert.clock-skew",
      evidence: [
        {
          en: `By the time that ${offset.hosts} tell, the certificate is valid.`,
          zh: `按 ${offset.hosts} 给出的时间，该证书有效。`,
        },
        {
          en: `By the clock here it is ${ahead ? "expired" : "not valid yet"} (${facts.walk.seen?.failure?.facts.code}).`,
          zh: `按本机时钟，它${ahead ? "已过期" : "尚未生效"}（${facts.walk.seen?.failure?.facts.code}）。`,
        },
      ],
      explains: ["cert.expired", "cert.not-yet-valid"],
      values: { found: { en, zh } },
    },
  ];
}

/** The look-alike of an expired certificate, excluded. */
function agreedClock(facts: Facts): readonly Finding[] {
  const certificate = dated(facts);
  const offset = offsetOf(facts);
  if (certificate === null || offset === null || Math.abs(offset.ms) >= tolerated) return [];
  const seconds = Math.round(Math.abs(offset.ms) / 1_000);
  const detail = {
    en: `The clock here agrees with ${offset.hosts} within ${seconds} s`,
    zh: `本机时钟与 ${offset.hosts} 相差不超过 ${seconds} 秒`,
  };
  const clock: Finding = { probe: "clock", layer: "certificate", status: "ok", ms: facts.clock.ms, detail };
  const cause = facts.walk.seen?.verdict?.cause;
  if (cause !== "cert.expired" && cause !== "cert.not-yet-valid") return [clock];
  const { validFrom, validTo } = certificate;
  const dates = `${validFrom.slice(0, 10)} – ${validTo.slice(0, 10)}`;
  return [
    clock,
    {
      probe: "certificate",
      layer: "certificate",
      status: "fail",
      ms: facts.chain.ms,
      detail: { en: `The certificate is valid ${dates}`, zh: `证书有效期为 ${dates}` },
      cause,
      evidence: [
        { en: `The certificate is valid ${dates}.`, zh: `证书有效期为 ${dates}。` },
        { en: `${detail.en}: it is not the clock.`, zh: `${detail.zh}，不是时钟的问题。` },
      ],
    },
  ];
}

function shownChain({ chain, walk }: Facts): readonly Finding[] {
  const shown = chain.seen;
  const cause = walk.seen?.verdict?.cause;
  if (shown === null || shown.certificates.length === 0 || cause?.startsWith("cert.") !== true) return [];
  const line = shown.certificates.map(nameOf).join(" ← ");
  const [leaf] = shown.certificates;
  const key = [leaf!.keyType?.toUpperCase(), leaf!.keyBits, leaf!.signature].filter(Boolean).join(" ");
  const detail = {
    en: `The server shows ${shown.certificates.length === 1 ? "one certificate" : `${shown.certificates.length} certificates`}: ${line} (${key})`,
    zh: `服务器出示了 ${shown.certificates.length} 个证书：${line}（${key}）`,
  };
  const evidence = [{ en: `${detail.en}.`, zh: `${detail.zh}。` }, ...rootless(shown)];
  return [
    { probe: "certificate", layer: "certificate", status: "fail", ms: chain.ms, detail, cause, evidence },
  ];
}

function nameOf({ commonName, subject, altNames, selfSigned }: ChainFacts["certificates"][number]): string {
  const name = commonName || altNames[0] || subject;
  return selfSigned ? `${name} (signs itself)` : name;
}

function rootless({ certificates }: ChainFacts): NonNullable<Finding["evidence"]> {
  const last = certificates.at(-1)!;
  if (last.selfSigned) return [];
  return [
    {
      en: `The last of them was issued by ${last.issuer.replaceAll("\n", ", ")}, which the server does not show.`,
      zh: `最后一个证书由 ${last.issuer.replaceAll("\n", ", ")} 签发，而服务器没有出示它。`,
    },
  ];
}

/** What a verified certificate will make trouble by, here soon or elsewhere today. */
function ofLeaf({ walk, at }: Facts): readonly Finding[] {
  const [leaf] = walk.seen?.chain ?? [];
  if (leaf === undefined) return [];
  const about = { probe: "certificate", layer: "certificate", ms: 0, status: "warn" } as const;
  const left = Date.parse(leaf.validTo) - at;
  const life = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
  const ends = left > 0 && left < Math.min(soon, life * lastPart);
  const named = leaf.altNames.length === 0;
  return [
    ...(ends ? [ending(leaf, left, about)] : []),
    ...(named
      ? [
          {
            ...about,
            detail: {
              en: "The certificate has no alternative names; Go, Java and browsers refuse it",
              zh: "证书没有备用名称；Go、Java 和浏览器会拒绝它",
            },
            cause: "cert.cn-only",
          } as const,
        ]
      : []),
  ];
}

function ending(
  { validTo }: CertificateFacts,
  left: number,
  about: Pick<Finding, "probe" | "layer" | "ms" | "status">,
): Finding {
  const { en, zh } = spanOf(left);
  return {
    ...about,
    detail: {
      en: `The certificate ends in ${en}, on ${validTo.slice(0, 10)}`,
      zh: `证书将在 ${zh}后（${validTo.slice(0, 10)}）到期`,
    },
    cause: "cert.expires-soon",
    values: { found: { en, zh } },
  };
}

function spanOf(ms: number): { readonly en: string; readonly zh: string } {
  const units = [
    { ms: day, en: "day", zh: "天" },
    { ms: 60 * 60_000, en: "hour", zh: "小时" },
    { ms: 60_000, en: "minute", zh: "分钟" },
  ];
  const unit = units.find((one) => ms >= one.ms) ?? units[2]!;
  const count = Math.max(1, Math.round(ms / unit.ms));
  return { en: `${count} ${unit.en}${count === 1 ? "" : "s"}`, zh: `${count} ${unit.zh}` };
}
