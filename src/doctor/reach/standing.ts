// A connection stands: whether one family or one port is missing, or somebody else took it.
import type { CauseId } from "../../causes/book.ts";
import type { Text } from "../../providers/provider.ts";
import type { Finding } from "../finding.ts";
import type { Platform } from "../machine/platforms.ts";
import type { Fault } from "../names/fault.ts";
import { listed } from "../names/words.ts";
import { ended, nowhereSentences, platformSentences, telnetSentences, textOf } from "./evidence.ts";
import { blocks, isPaas } from "./platform.ts";
import { valuesOf } from "./silent.ts";
import { effectsOfStranger, generalBut, noWay, type Situation } from "./situation.ts";

/** Some have no name in the book. */
export type Shortcoming = Omit<Fault, "cause"> & { readonly cause?: CauseId };

/** What is not well although the own port connects; the worst first, empty when all is well. */
export function shortcomings(seen: Situation): readonly Shortcoming[] {
  const stranger = captured(seen);
  // Whatever else connects or does not, it is the stranger's doing.
  if (stranger !== null) return [stranger];
  return [brokenIpv6(seen), givesUpEarly(seen), onePortOnly(seen)].filter((one) => one !== null);
}

/** What is told of a good connection. */
export function standing(seen: Situation): Pick<Finding, "detail" | "evidence"> {
  const { host, port, own, reach } = seen;
  const how = own === null ? { en: "connects", zh: "连接成功" } : ended(own);
  const missing = reach.own.filter(({ code }) => code !== null && !noWay.includes(code));
  const rest: Text =
    missing.length === 0
      ? { en: "", zh: "" }
      : {
          en: `; of its addresses ${listed(missing.map(({ address }) => address)).en} cannot be reached`,
          zh: `；其中地址 ${listed(missing.map(({ address }) => address)).zh} 连不上`,
        };
  const evidence = telnetSentences(seen);
  return {
    detail: { en: `${host}:${port} ${how.en}${rest.en}`, zh: `${host}:${port} ${how.zh}${rest.zh}` },
    ...(evidence.length === 0 ? {} : { evidence }),
  };
}

/** Whoever answers at 192.0.2.1 answers everywhere. Mail that passes in spite of that went through, verified. */
function captured(seen: Situation): Fault | null {
  const { nowhere, port, facts } = seen;
  if (nowhere?.code !== null || nowhere === undefined) return null;
  const passes = facts.walk.seen?.result.ok === true;
  const greetings = [nowhere, ...seen.reach.own].flatMap(({ greeting }) => greeting ?? []);
  return {
    status: passes ? "warn" : "fail",
    cause: "tcp.transparent-smtp-proxy",
    detail: {
      en: `Somebody on the way takes all connections to port ${port}`,
      zh: `途中有设备劫持了所有到端口 ${port} 的连接`,
    },
    evidence: [
      ...nowhereSentences(seen),
      ...seen.reach.own.flatMap(({ greeting }) =>
        greeting === null ? [] : [{ en: `The greeting was: ${greeting}`, zh: `收到的问候是：${greeting}` }],
      ),
    ],
    explains: passes ? [] : [...effectsOfStranger, "auth.not-offered-at-all", "auth.not-offered-before-tls"],
    values: { ...valuesOf(seen), ...(greetings[0] === undefined ? {} : { found: greetings[0] }) },
  };
}

/** IPv6 that is set up and leads nowhere holds up each connection; no IPv6 at all does not. */
function brokenIpv6(seen: Situation): Fault | null {
  const { reach, host } = seen;
  const v4 = reach.own.filter(({ family }) => family === 4);
  const v6 = reach.own.filter(({ family }) => family === 6);
  const isLost = ({ code }: { readonly code: string | null }) =>
    code !== null && (!noWay.includes(code) || reach.routes.v6 === true);
  if (v6.length === 0 || !v6.every(isLost) || !v4.some(({ code }) => code === null)) return null;
  return {
    status: "warn",
    cause: "tcp.broken-ipv6",
    detail: {
      en: `${host} is reached over IPv4 and not over IPv6`,
      zh: `${host} 可以通过 IPv4 连接，IPv6 不通`,
    },
    evidence: [...v4, ...v6].map((one) => {
      const how = ended(one);
      return { en: `${one.address} ${how.en}.`, zh: `${one.address} ${how.zh}。` };
    }),
    explains: [...generalBut("tcp.broken-ipv6"), "dns.ipv6-only-answer-no-route"],
    values: { found: listed(v6.map(({ address }) => address)) },
  };
}

/** Milliseconds that Node gives each address but the last (`autoSelectFamilyAttemptTimeout`): 250, from Node 26 on 500. */
function patience(node: string | undefined): number {
  return Number.parseInt(node?.replace(/^v/, "") ?? "", 10) >= 26 ? 500 : 250;
}

/** Other programs in Node give up on slow addresses and are left with the last one; Postrider waits for each. */
function givesUpEarly({ reach, facts, host }: Situation): Fault | null {
  const last = reach.own.at(-1);
  const limit = patience(facts.runtime.seen?.node);
  if (reach.own.length < 2 || last === undefined || last.code === null) return null;
  const standing = reach.own.filter(({ code }) => code === null);
  if (standing.length === 0 || standing.some(({ ms }) => ms <= limit)) return null;
  return {
    status: "warn",
    cause: "tcp.happy-eyeballs-250ms",
    detail: {
      en: `${host} needs more than ${limit} ms to connect, and its last address cannot be reached: programs that use Node's own choice of address fail here`,
      zh: `${host} 建立连接需要 ${limit} 毫秒以上，且最后一个地址连不上：使用 Node 自带地址选择的程序在此会失败`,
    },
    evidence: reach.own.map((one) => {
      const how = ended(one);
      return { en: `${one.address} ${how.en}.`, zh: `${one.address} ${how.zh}。` };
    }),
    values: { found: `${Math.round(Math.min(...standing.map(({ ms }) => ms)))} ms`, wanted: `${limit} ms` },
  };
}

/** A port to turn to when the other is in trouble is missing. Port 25 is blocked nearly everywhere, and nobody needs it beside another. */
function onePortOnly(seen: Situation): Shortcoming | null {
  const { reach, host, port, facts, platform } = seen;
  const offered = (facts.setting.provider?.endpoints ?? [])
    .filter((one) => one.host === host && !one.legacy && one.port !== 25)
    .map((one) => one.port);
  const lost = reach.ports.filter((one) => one.code !== null && offered.includes(one.port));
  if (lost.length === 0 || lost.length < offered.filter((one) => one !== port).length) return null;
  const ports = lost.map((one) => one.port);
  const name = platform === null ? null : textOf(platform.name);
  const isPlatforms =
    platform !== null && lost.every((one) => one.code === "TIMEOUT" && blocks(platform, one.port));
  return {
    status: "warn",
    ...(isPlatforms ? { cause: planOrCloud(platform) } : {}),
    detail: {
      en: `Only port ${port} of ${host} can be reached; ${listed(ports).en} cannot${name === null || !isPlatforms ? "" : `, for ${name.en} blocks it`}`,
      zh: `${host} 只有端口 ${port} 可用；${listed(ports).zh} 连不上${name === null || !isPlatforms ? "" : `，因为${name.zh}封禁了它`}`,
    },
    evidence: [
      ...lost.map((one) => {
        const how = ended(one);
        return { en: `Port ${one.port} ${how.en}.`, zh: `端口 ${one.port} ${how.zh}。` };
      }),
      ...(isPlatforms ? platformSentences(seen) : []),
      ...nowhereSentences(seen),
    ],
    explains: [],
    values: { ...valuesOf(seen), blockedPorts: ports.join(", "), openPorts: String(port) },
  };
}

function planOrCloud(platform: Platform): CauseId {
  return isPaas(platform) ? "tcp.paas-plan-block" : "tcp.timeout-cloud-egress-block";
}
