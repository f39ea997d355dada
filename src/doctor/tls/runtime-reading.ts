// What the environment makes of TLS, and whether that is what keeps mail here.
import { type CauseId, causeIds, cause as entryOf } from "../../causes/book.ts";
import type { Facts, RuntimeFacts, TlsFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** Whatever the handshake met. */
const ofTls = causeIds.filter((id) => ["tls", "certificate"].includes(entryOf(id).layer));

export function readRuntime(facts: Facts): readonly Finding[] {
  const runtime = facts.runtime.seen;
  if (runtime === null) return [];
  const { node, openssl, minVersion, maxVersion, securityLevel, roots } = runtime;
  const about = { probe: "runtime", layer: "environment", ms: facts.runtime.ms } as const;
  const line = `Node ${node}, OpenSSL ${openssl}, ${minVersion} – ${maxVersion}`;
  const level =
    securityLevel === 1
      ? { en: "1 or lower", zh: "1 或更低" }
      : { en: securityLevel ?? "unknown", zh: securityLevel ?? "未知" };
  const offered: Finding = {
    ...about,
    status: "ok",
    detail: {
      en: `${line}, security level ${level.en}, ${roots} roots`,
      zh: `${line}，安全级别 ${level.zh}，${roots} 个根证书`,
    },
  };
  return [
    offered,
    ...unverified(runtime, about),
    ...withoutRoots(facts, runtime, about),
    ...changed(facts, runtime, about),
  ];
}

type About = Pick<Finding, "probe" | "ms">;

/** Postrider passes `rejectUnauthorized` itself, which outranks the variable (tls.connect's documentation). */
function unverified({ variables }: RuntimeFacts, about: About): readonly Finding[] {
  if (variables.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return [];
  const found = "NODE_TLS_REJECT_UNAUTHORIZED=0";
  return [
    {
      ...about,
      layer: "certificate",
      status: "warn",
      detail: {
        en: `${found} is set: Node programs here take any certificate; Postrider verifies all the same`,
        zh: `设置了 ${found}：这里的 Node 程序接受任何证书；Postrider 仍会验证`,
      },
      cause: "cert.verification-disabled",
      values: { found },
    },
  ];
}

const untrusted: readonly CauseId[] = [
  "cert.self-signed-in-chain",
  "cert.missing-intermediate",
  "cert.unknown-root",
  "cert.not-trusted",
];

function withoutRoots(
  { walk }: Facts,
  { unreadable, roots }: RuntimeFacts,
  about: About,
): readonly Finding[] {
  const met = walk.seen?.verdict?.cause;
  const distrusts = met !== undefined && untrusted.includes(met);
  // A file that nobody misses is nobody's trouble.
  if (roots > 0 && (unreadable.length === 0 || !distrusts)) return [];
  const found = unreadable.length > 0 ? unreadable.join(", ") : "0 root certificates";
  return [
    {
      ...about,
      layer: "certificate",
      status: distrusts ? "fail" : "warn",
      detail: {
        en:
          roots === 0
            ? "There are no root certificates to verify with"
            : `No certificates can be read from ${found}`,
        zh: roots === 0 ? "没有可用于验证的根证书" : `无法从 ${found} 读到证书`,
      },
      cause: "cert.no-ca-bundle-in-image",
      evidence: [
        {
          en: `It is named in the environment and holds no certificate: ${found}.`,
          zh: `环境中指定了它，但其中没有证书：${found}。`,
        },
      ],
      explains: untrusted,
      values: { found },
    },
  ];
}

/** Flags of Node that change protocols, ciphers or where roots come from. */
const tellingFlag =
  /--(?:tls-(?:min|max)-v1\.\d|tls-cipher-list[= ]\S+|openssl-(?:legacy-provider|config[= ]\S+|shared-config)|use-openssl-ca|force-fips)/g;

function changed({ tls, walk }: Facts, runtime: RuntimeFacts, about: About): readonly Finding[] {
  const { variables, configuration } = runtime;
  const flags = variables.NODE_OPTIONS?.match(tellingFlag) ?? [];
  const sets = Object.entries(configuration?.sets ?? {}).map(([name, value]) => `${name} = ${value}`);
  const found = [...flags, ...sets.map((set) => `${configuration!.path}: ${set}`)].join("; ");
  if (found === "") return [];
  const met = walk.seen?.verdict?.cause;
  const scan = tls.seen;
  const culprit =
    met?.startsWith("tls.") && met !== "tls.invalid-cipher-option" && scan !== null
      ? withoutIt(scan, runtime)
      : null;
  const detail = {
    en: `TLS is changed by the environment: ${found}`,
    zh: `环境设置改变了 TLS：${found}`,
  };
  if (culprit === null) {
    const weakens = /v1\.[01]|legacy|SECLEVEL=[01]|TLSv1(?:\.[01])?$/i.test(found);
    if (!weakens) return [{ ...about, layer: "environment", status: "ok", detail }];
    return [
      {
        ...about,
        layer: "environment",
        status: "warn",
        detail,
        cause: "environment.openssl-conf",
        values: { found },
      },
    ];
  }
  return [
    {
      ...about,
      layer: "environment",
      status: "fail",
      detail,
      cause: "environment.openssl-conf",
      evidence: [
        {
          en: `Without it the handshake stands: ${culprit}.`,
          zh: `去掉该设置后握手成功：${culprit}。`,
        },
      ],
      explains: ofTls,
      values: { found },
    },
  ];
}

/** A handshake that stood with what the environment had taken away. */
function withoutIt(
  { versions, concessions }: TlsFacts,
  { minVersion, maxVersion, configuration, variables }: RuntimeFacts,
) {
  const order = ["TLSv1.2", "TLSv1.3"] as const;
  const excluded = order.filter((version) => version < minVersion || version > maxVersion);
  const ciphers =
    configuration?.sets.CipherString !== undefined || /--tls-cipher-list/.test(variables.NODE_OPTIONS ?? "");
  const tried = [
    ...excluded.map((version) => versions[version]),
    ...(ciphers ? [concessions["level-1"]] : []),
    ...(configuration?.sets.Groups !== undefined ? [concessions["small-hello"]] : []),
  ];
  const stood = tried.find((one) => one !== undefined && one.code === null);
  return stood === undefined ? null : [stood.version, stood.cipher].filter(Boolean).join(", ");
}
