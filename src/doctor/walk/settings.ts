// What is visibly wrong with a setting before anything is connected. It is advice until the walk fails for just that
// reason; what the walk has disproved is not said again.
import type { Facts, WalkFacts } from "../facts.ts";
import type { Finding, Reading } from "../finding.ts";
import type { Setting } from "../test.ts";
import { readCredentials } from "./credentials.ts";
import type { Flaw } from "./flaw.ts";
import { readFrom } from "./from.ts";
import { readHost } from "./host.ts";
import { readPort } from "./port.ts";
import { named, securityNames, tidied } from "./told.ts";

export const readSettings: Reading = (facts) => {
  const { setting } = facts;
  const walk = facts.walk.seen;
  const ofServer = [...readHost(setting), ...readPort(setting)].filter((flaw) => isToTell(flaw, walk));
  const ofAccount = [...readCredentials(setting), ...readFrom(setting)].filter((flaw) =>
    isToTell(flaw, walk),
  );
  const found = [...ofServer, ...ofAccount].map((flaw) => findingOf(flaw, walk));
  const first = ofServer.length === 0 ? [fine(facts)] : [];
  return [...first, ...found, ...mended(setting)].map(tidied);
};

function findingOf(flaw: Flaw, walk: WalkFacts | null): Finding {
  const { cause, detail, evidence, explains, values, layer = "config" } = flaw;
  return {
    probe: "settings",
    layer,
    status: flaw.hopeless === true || hasFailedForIt(flaw, walk) ? "fail" : "warn",
    ms: 0,
    detail,
    ...(cause === undefined ? {} : { cause }),
    evidence,
    explains,
    ...(values === undefined ? {} : { values }),
  };
}

function isToTell(flaw: Flaw, walk: WalkFacts | null): boolean {
  if (flaw.hopeless === true) return true;
  if (hasFailedForIt(flaw, walk)) return true;
  const met = walk?.verdict?.cause;
  if (flaw.hintAt !== undefined) return met !== undefined && flaw.hintAt.includes(met);
  return flaw.onlyIfFailed !== true && !isDisproved(flaw, walk);
}

function hasFailedForIt({ cause, explains }: Flaw, walk: WalkFacts | null): boolean {
  const met = walk?.verdict?.cause;
  // Where the login's own address was refused as well, another From is not the reason.
  if (cause === "envelope.sender-not-owned" && walk?.ownSender?.accepted === false) return met === cause;
  return met !== undefined && (met === cause || explains.includes(met));
}

function isDisproved({ disprovedBy }: Flaw, walk: WalkFacts | null): boolean {
  if (walk === null) return false;
  if (disprovedBy === "delivery") return walk.accepted !== undefined && walk.accepted !== null;
  return walk.result.ok || walk.result.steps.some(({ name, ok }) => name === disprovedBy && ok);
}

function fine({ setting: { endpoint, provider } }: Facts): Finding {
  const { host, port, security } = endpoint;
  const isDocumented = provider?.endpoints.some((one) => one.host === host && one.port === port) ?? false;
  return {
    probe: "settings",
    layer: "config",
    status: "ok",
    ms: 0,
    detail: {
      en: `${host} port ${port}, ${securityNames[security].en}${isDocumented ? `, as ${named(provider).en} documents` : ""}`,
      zh: `${host} 端口 ${port}，${securityNames[security].zh}${isDocumented ? `，与${named(provider).zh}的文档一致` : ""}`,
    },
  };
}

const fields = {
  host: { en: "host", zh: "主机名" },
  secret: { en: "secret", zh: "密码" },
} as const;

const changes = {
  blanks: { en: "blanks that do not belong to it were taken out", zh: "去掉了多余的空白字符" },
  marks: { en: "brackets or a dot around it were taken off", zh: "去掉了两端的方括号或句点" },
} as const;

/** Here all is put right; another program with the same value would fail over it. */
function mended({ mended: all = [] }: Setting): readonly Finding[] {
  return all.map(({ field, what }) => ({
    probe: "settings",
    layer: "config",
    status: "ok",
    ms: 0,
    detail: {
      en: `The ${fields[field].en} was not taken as typed: ${changes[what].en}; other programs may not do that`,
      zh: `${fields[field].zh}没有照原样使用：${changes[what].zh}；其他程序未必会这样处理`,
    },
  }));
}
