// One name server among several that is dead, slow or of another opinion: mail leaves, but every connection waits.
import type { CauseId } from "../../causes/book.ts";
import type { NameFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { halfSilent, type Manner, mannerOf, slowness, told } from "./manners.ts";
import { listed } from "./words.ts";

/** Milliseconds; from here on a person feels it, and another server shows that it need not be. */
const slowMs = 1_000;

const causes: Readonly<Partial<Record<Manner, CauseId>>> = {
  silent: "dns.timeout",
  unreachable: "dns.resolver-unreachable",
  fails: "dns.servfail",
  refuses: "dns.servfail",
  "no-such-name": "dns.lookup-and-resolver-disagree",
  "no-address": "dns.lookup-and-resolver-disagree",
};

/** For a name that the system has found. */
export function readServers({ servers, hosts }: NameFacts): readonly Finding[] {
  if (servers.length === 0) return [];
  const ms = Math.max(...servers.map(slowness));
  const base = { probe: "name-servers", layer: "dns", ms } as const;
  const good = servers.filter((server) => mannerOf(server) === "knows");
  const bad = servers.find((server) => mannerOf(server) !== "knows");
  if (good.length === 0)
    return [
      {
        ...base,
        status: "ok",
        detail:
          hosts.length > 0
            ? {
                en: "The hosts file has the address; the name servers do not",
                zh: "地址来自 hosts 文件；DNS 中没有该地址",
              }
            : {
                en: "The system has the address from elsewhere; its name servers did not give one",
                zh: "系统从其他途径得到地址；DNS 没有给出地址",
              },
        evidence: servers.map(told),
      },
    ];
  const cause = bad === undefined ? undefined : causes[mannerOf(bad)];
  if (bad !== undefined && cause !== undefined)
    return [
      {
        ...base,
        status: "warn",
        cause,
        detail: {
          en: `The name server ${bad.server} does not help; ${good[0]?.server} answers in its place`,
          zh: `DNS ${bad.server} 不起作用，由 ${good[0]?.server} 代为应答`,
        },
        evidence: servers.map(told),
        values: {
          nameserver: bad.server,
          found: listed(good.flatMap(({ a, aaaa }) => [...a.values, ...aaaa.values])),
          wanted: bad.a.code ?? bad.aaaa.code ?? "",
        },
      },
    ];
  const half = servers.find((server) => halfSilent(server) !== null);
  if (half !== undefined)
    return [
      {
        ...base,
        status: "warn",
        cause: "dns.timeout",
        detail: {
          en: `The name server ${half.server} leaves questions for ${halfSilent(half)} records unanswered, and each look-up waits for it`,
          zh: `DNS ${half.server} 不应答 ${halfSilent(half)} 记录的查询，每次解析都要等待`,
        },
        values: { nameserver: half.server },
      },
    ];
  const slow = servers.find((server) => slowness(server) > slowMs);
  const quickest = Math.min(...servers.map(slowness));
  if (slow !== undefined && quickest * 4 < slowness(slow))
    return [
      {
        ...base,
        status: "warn",
        detail: {
          en: `The name server ${slow.server} took ${Math.round(slowness(slow))} ms, another ${Math.round(quickest)} ms: put the quick one first in resolv.conf`,
          zh: `DNS ${slow.server} 用时 ${Math.round(slowness(slow))} 毫秒，另一台只需 ${Math.round(quickest)} 毫秒：请在 resolv.conf 中把快的放在前面`,
        },
      },
    ];
  return [
    {
      ...base,
      status: "ok",
      detail:
        servers.length === 1
          ? { en: `The name server ${servers[0]?.server} answers`, zh: `DNS ${servers[0]?.server} 应答正常` }
          : { en: `All ${servers.length} name servers answer`, zh: `${servers.length} 台 DNS 均应答正常` },
    },
  ];
}
