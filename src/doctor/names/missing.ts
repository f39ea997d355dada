// A host without an address: no such name, a name without addresses, or name servers that do not help.
import { nearestHost, providerOfHost } from "../../providers/hosts.ts";
import type { Text } from "../../providers/provider.ts";
import type { Facts, NameFacts } from "../facts.ts";
import { namesEffects } from "./course.ts";
import type { Fault } from "./fault.ts";
import { type Manner, mannerOf, told } from "./manners.ts";
import { listed } from "./words.ts";

/** Why the system found nothing. A name server's own no comes before another's silence. */
export function noAddress(facts: Facts, seen: NameFacts): Fault {
  return elsewhere(seen) ?? unanswered(facts, seen);
}

/** The system finds nothing although a name server has the address. */
function elsewhere(seen: NameFacts): Fault | null {
  const { host, system, servers, absolute, search, ndots } = seen;
  const knowing = servers.find(({ a, aaaa }) => a.values.length + aaaa.values.length > 0);
  const wait = servers.find((server) => mannerOf(server) === "silent");
  const code = system.code ?? "";
  const inFull = absolute?.addresses.map(({ address }) => address) ?? [];
  if (inFull.length > 0)
    return {
      status: "fail",
      cause: "dns.search-domain-ndots",
      detail: {
        en: `${host} is not found (${code}), and is found when no search domain is put to it`,
        zh: `查不到 ${host}（${code}），但不附加搜索域时可以查到`,
      },
      evidence: [
        {
          en: `The same name with a closing dot, ${host}., has the address ${listed(inFull).en}.`,
          zh: `末尾加点的同一个名字 ${host}. 能解析到 ${listed(inFull).zh}。`,
        },
        {
          en: `resolv.conf says: search ${search.join(" ")}, ndots ${ndots}.`,
          zh: `resolv.conf 中的设置：search ${search.join(" ")}，ndots ${ndots}。`,
        },
      ],
      explains: namesEffects,
      values: { found: `search ${search.join(" ")}; options ndots:${ndots}`, wanted: "options ndots:1" },
    };
  if (knowing === undefined) return null;
  if (wait !== undefined && (code === "TIMEOUT" || code === "EAI_AGAIN"))
    return {
      status: "fail",
      cause: "dns.timeout",
      detail: {
        en: `The system waits for the name server ${wait.server}, which does not answer`,
        zh: `系统在等待没有应答的 DNS ${wait.server}`,
      },
      evidence: servers.map(told),
      explains: namesEffects,
      values: { nameserver: wait.server },
    };
  const denying = servers.find((server) => ["no-such-name", "no-address"].includes(mannerOf(server)));
  return {
    status: "fail",
    cause: "dns.lookup-and-resolver-disagree",
    detail: {
      en: `The system finds no address for ${host} (${code}), and the name server ${knowing.server} has one`,
      zh: `系统查不到 ${host} 的地址（${code}），而 DNS ${knowing.server} 能查到`,
    },
    evidence:
      denying === undefined
        ? [
            ...servers.map(told),
            {
              en: "So the system does not ask these name servers, or does not take their answer: see the line hosts: of /etc/nsswitch.conf.",
              zh: "因此系统没有询问这些 DNS，或没有采用其答复：请查看 /etc/nsswitch.conf 的 hosts: 一行。",
            },
          ]
        : [
            ...servers.map(told),
            {
              en: `The system believes the first that answers, and ${denying.server} answers that there is none.`,
              zh: `系统采信最先答复的 DNS，而 ${denying.server} 答复说没有。`,
            },
          ],
    explains: namesEffects,
    values: { nameserver: (denying ?? knowing).server, found: code, wanted: listed(valuesOf(knowing)) },
  };
}

function valuesOf({ a, aaaa }: NameFacts["servers"][number]): readonly string[] {
  return [...a.values, ...aaaa.values];
}

/** Of several manners the one that says most. */
const telling: readonly Manner[] = [
  "no-address",
  "no-such-name",
  "fails",
  "refuses",
  "silent",
  "unreachable",
];

function unanswered(facts: Facts, seen: NameFacts): Fault {
  const { host, system, servers } = seen;
  const manner = telling.find((one) => servers.some((server) => mannerOf(server) === one));
  const said = servers.map(told);
  const at = servers.find((server) => mannerOf(server) === manner)?.server;
  const values = at === undefined ? {} : { nameserver: at };
  const base = { status: "fail", explains: namesEffects, values } as const;
  const code = system.code ?? "";
  // -3007 is libuv's for a name without addresses: the one thing that the system knows better than a silent server.
  if (manner === "no-address" || (system.errno === -3007 && manner !== "no-such-name"))
    return {
      ...base,
      cause: "dns.no-address-record",
      detail: {
        en: `The name ${host} exists and has neither an IPv4 nor an IPv6 address`,
        zh: `域名 ${host} 存在，但既没有 IPv4 也没有 IPv6 地址`,
      },
      evidence: said,
    };
  const isUnknown = manner === "no-such-name" || (manner === undefined && code === "ENOTFOUND");
  if (isUnknown && knowsNobody(seen))
    return {
      ...base,
      cause: "dns.resolver-unreachable",
      detail: {
        en: `The name server${at === undefined ? "" : ` ${at}`} says of every name that it does not exist`,
        zh: `DNS${at === undefined ? "" : ` ${at}`} 对任何名字都答复不存在`,
      },
      evidence: [...said, ...control(seen)],
    };
  if (isUnknown) {
    const near = nearestHost(host);
    const misspelled = near !== null || (facts.setting.provider !== null && providerOfHost(host) === null);
    const detail = { en: `There is no name ${host}`, zh: `不存在 ${host} 这个域名` };
    const typo: readonly Text[] =
      near === null
        ? []
        : [
            {
              en: `${near} exists, and is spelled nearly the same.`,
              zh: `${near} 是存在的，拼写与之非常接近。`,
            },
          ];
    return misspelled && facts.setting.proxy === null
      ? { ...base, cause: "config.host-typo", detail, evidence: [...said, ...typo, ...control(seen)] }
      : { ...base, cause: "dns.nxdomain", detail, evidence: [...said, ...control(seen)] };
  }
  if (manner === "fails" || manner === "refuses")
    return {
      ...base,
      cause: "dns.servfail",
      detail: {
        en: `The name server ${at} ${manner === "fails" ? "could not find out" : "refuses to answer"} (${manner === "fails" ? "SERVFAIL" : "REFUSED"})`,
        zh: `DNS ${at} ${manner === "fails" ? "没能查出结果（SERVFAIL）" : "拒绝答复（REFUSED）"}`,
      },
      evidence: [...said, ...control(seen)],
    };
  if (manner === "silent" || (manner === undefined && code === "TIMEOUT"))
    return {
      ...base,
      cause: "dns.timeout",
      detail: {
        en: at === undefined ? "Nothing answered in time" : `The name server ${at} does not answer`,
        zh: at === undefined ? "没有及时收到应答" : `DNS ${at} 没有应答`,
      },
      evidence: said,
    };
  return {
    ...base,
    cause: "dns.resolver-unreachable",
    detail: {
      en: `No name server can be asked${at === undefined ? "" : `: ${at} cannot be reached`} (${code})`,
      zh: `没有可以询问的 DNS${at === undefined ? "" : `：${at} 无法访问`}（${code}）`,
    },
    evidence: said,
  };
}

/** A public name that exists surely is unknown too: this name server has no way to the others. An internal one may be right. */
function knowsNobody({ host, control: asked }: NameFacts): boolean {
  return asked?.answer.code === "ENOTFOUND" && providerOfHost(host) !== null;
}

function control({ control: asked }: NameFacts): readonly Text[] {
  if (asked === null) return [];
  const { name, answer } = asked;
  return answer.values.length > 0
    ? [
        {
          en: `${name} is found at the same name server, so only this name is at fault.`,
          zh: `同一台 DNS 能查到 ${name}，所以只是这个名字有问题。`,
        },
      ]
    : [
        {
          en: `${name} is not found there either (${answer.code ?? "no address"}), so the name server itself is at fault.`,
          zh: `在那里也查不到 ${name}（${answer.code ?? "没有地址"}），所以是 DNS 本身有问题。`,
        },
      ];
}
