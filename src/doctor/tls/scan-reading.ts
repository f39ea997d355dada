// Why no handshake came about: too old, too weak, too large, or not TLS at all.
import { type CauseId, cause as entryOf } from "../../causes/book.ts";
import type { Text } from "../../providers/provider.ts";
import type { Facts, Handshake, TlsFacts, WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** What a handshake that fails for a reason outside of its content looks like. */
const silence: readonly CauseId[] = [
  "tls.handshake-timeout",
  "tls.closed-during-handshake",
  "tls.failed",
  "tcp.reset",
  "tcp.stalled",
  "tcp.connection-lost",
];

/** Refusals that say nothing of their reason. */
const refusals: readonly CauseId[] = [
  ...silence,
  "tls.handshake-failure",
  "tls.server-alert-internal-error",
  "tls.alert-protocol-version",
];

export function readTls({ tls, walk }: Facts): readonly Finding[] {
  const scan = tls.seen;
  const walked = walk.seen;
  if (scan === null || walked === null || walked.failure === null || walked.verdict === null) return [];
  const tried = triedIn(scan);
  // Another security than the port's is told with the greeting.
  if (tried.length === 0) return [];
  const about = { probe: "tls-versions", layer: "tls", ms: tls.ms } as const;
  const named = cause(scan, walked);
  const stood = tried.filter(({ code }) => code === null);
  const detail = stood.length === 0 ? nothingStood(tried) : somethingStood(stood);
  const met = walked.verdict.cause;
  if (named === null) {
    // What the dialogue met has a name; the scan shows it from another side.
    const layer = entryOf(met).layer;
    if (layer !== "tls" && layer !== "config") return [{ ...about, status: "ok", detail }];
    return [{ ...about, layer, status: "fail", detail, cause: met, evidence: [sentence(detail)] }];
  }
  return [{ ...about, ...named, status: "fail", layer: entryOf(named.cause).layer, detail }];
}

type Named = Pick<Finding, "evidence" | "explains" | "values"> & { readonly cause: CauseId };

function cause(scan: TlsFacts, { verdict, failure }: WalkFacts): Named | null {
  const met = verdict!.cause;
  const { concessions, versions, clear } = scan;
  const stands = (one: Handshake | undefined) => one !== undefined && one.code === null;
  if (clear !== null && /^220[ -]/.test(clear) && met !== "config.tls-on-starttls-port") {
    return {
      cause: "config.tls-on-starttls-port",
      evidence: [
        {
          en: `Listened to in clear, the port greets: ${clear.slice(0, 100)}`,
          zh: `不加密时，该端口发来问候：${clear.slice(0, 100)}`,
        },
      ],
      explains: [...refusals, "tls.unsupported-protocol"],
    };
  }
  const small = concessions["small-hello"];
  if (stands(small) && silence.includes(met)) return tooLarge(failure!.facts.code, small!);
  const nameless = concessions["no-server-name"];
  if (stands(nameless) && refusals.includes(met) && !stands(small)) {
    return {
      cause: "tls.unrecognized-name",
      evidence: [
        {
          en: `Without a server name (SNI) the handshake stands: ${handshakeOf(nameless!)}.`,
          zh: `不带服务器名称（SNI）时握手成功：${handshakeOf(nameless!)}。`,
        },
      ],
      explains: refusals,
    };
  }
  const lower = [concessions["level-1"], concessions["level-0"]].find(stands);
  if (lower !== undefined && met === "tls.handshake-failure") {
    return {
      cause: "tls.no-shared-cipher",
      evidence: [
        {
          en: `At ${lower.offered} the handshake stands: ${handshakeOf(lower)}.`,
          zh: `降低到安全级别 ${lower.offered.slice(-1)} 时握手成功：${handshakeOf(lower)}。`,
        },
      ],
      explains: ["tls.handshake-failure"],
      values: { found: handshakeOf(lower) },
    };
  }
  const old = (["TLSv1.1", "TLSv1"] as const).filter((version) => stands(versions[version]));
  const today = (["TLSv1.2", "TLSv1.3"] as const).filter((version) => stands(versions[version]));
  if (old.length > 0 && today.length === 0 && silence.includes(met)) {
    return {
      cause: "tls.unsupported-protocol",
      evidence: [
        {
          en: `${old.join(" and ")} stand when offered alone, TLS 1.2 and 1.3 do not.`,
          zh: `单独提供 ${old.join("、")} 时握手成功，TLS 1.2 和 1.3 均失败。`,
        },
      ],
      explains: refusals,
    };
  }
  return null;
}

/** Cut off by whoever cannot put a ClientHello together again, or lost because packets are too large for the way. */
function tooLarge(code: string | null, small: Handshake): Named {
  const hangs = code === "TIMEOUT";
  return {
    cause: hangs ? "tcp.mtu-blackhole" : "tls.large-clienthello-intolerance",
    evidence: [
      {
        en: `With a ClientHello that fits into one small packet the handshake stands: ${handshakeOf(small)}.`,
        zh: `ClientHello 小到能放进一个小数据包时握手成功：${handshakeOf(small)}。`,
      },
      hangs
        ? {
            en: "The large one gets no answer at all, as when its packets are lost on the way.",
            zh: "较大的 ClientHello 得不到任何回应，如同数据包在途中丢失。",
          }
        : {
            en: "The large one is answered with an end of the connection, so it does arrive somewhere.",
            zh: "较大的 ClientHello 会导致连接被断开，说明它确实到达了某处。",
          },
    ],
    explains: silence,
  };
}

function triedIn({ versions, concessions }: TlsFacts): readonly Handshake[] {
  return [...Object.values(versions), ...Object.values(concessions)].filter((one) => one !== undefined);
}

const handshakeOf = ({ version, cipher }: Handshake) => [version, cipher].filter(Boolean).join(", ");

function somethingStood(stood: readonly Handshake[]): Text {
  const offers = stood.map(({ offered }) => offered).join("; ");
  return { en: `A handshake stands with: ${offers}`, zh: `以下方式可以握手：${offers}` };
}

function nothingStood(tried: readonly Handshake[]): Text {
  const codes = [...new Set(tried.map(({ code }) => code))].filter((code) => code !== null).join(", ");
  const number = tried.length;
  return {
    en: `None of ${number} kinds of handshake stands, old versions and weak ciphers included (${codes})`,
    zh: `尝试了 ${number} 种握手方式（包括旧版本和弱套件），均未成功（${codes}）`,
  };
}

const sentence = ({ en, zh }: Text): Text => ({ en: `${en}.`, zh: `${zh}。` });
