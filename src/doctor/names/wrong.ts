// A host that has an address which cannot be its own: a filter, a hosts file, a search domain, or IPv6 without a way.
import { providerOfHost } from "../../providers/hosts.ts";
import type { Text } from "../../providers/provider.ts";
import type { Facts, NameFacts } from "../facts.ts";
import { type Place, placeOf } from "./addresses.ts";
import { effectsOfWrongAddress, outcome } from "./course.ts";
import type { Fault } from "./fault.ts";
import { told } from "./manners.ts";
import { listed } from "./words.ts";

/** Null when nothing speaks against the addresses. An address that works is right, however odd it looks. */
export function wrongAddress(facts: Facts, seen: NameFacts): Fault | null {
  const found = seen.system.addresses.map(({ address }) => address);
  const given = seen.servers.flatMap(({ a, aaaa }) => [...a.values, ...aaaa.values]);
  const each: readonly Judge[] = [fromHostsFile, expanded, everyName, strange, split, onlyIpv6];
  for (const judge of each) {
    const fault = judge(facts, seen, found, given);
    if (fault !== null) return fault;
  }
  return null;
}

type Judge = (
  facts: Facts,
  seen: NameFacts,
  /** The system's. */
  found: readonly string[],
  /** The name servers', all of them. */
  given: readonly string[],
) => Fault | null;

const fromHostsFile: Judge = (facts, { host, hosts, servers }, found, given) => {
  const line = hosts.find(({ address }) => found.includes(address));
  if (line === undefined || given.some((address) => found.includes(address))) return null;
  const course = outcome(facts);
  const place = placeOf(line.address);
  const known = providerOfHost(host) !== null;
  const contradicted = given.length > 0 || place === "nothing" || (known && place !== "public");
  if (!contradicted || (course !== "astray" && !(known && given.length > 0))) return null;
  return {
    status: course === "astray" ? "fail" : "warn",
    cause: "dns.lookup-and-resolver-disagree",
    detail: {
      en: `Line ${line.line} of the hosts file sends ${host} to ${line.address}`,
      zh: `hosts 文件第 ${line.line} 行把 ${host} 指向 ${line.address}`,
    },
    evidence: [
      ...servers.map(told),
      {
        en: "The hosts file comes before every name server, and nobody updates it when the provider moves.",
        zh: "hosts 文件优先于任何 DNS；服务商更换地址时，它不会随之更新。",
      },
    ],
    explains: effectsOfWrongAddress,
    values: {
      place: { en: `the hosts file, line ${line.line}`, zh: `hosts 文件第 ${line.line} 行` },
      found: {
        en: `${line.address}, by line ${line.line} of the hosts file`,
        zh: `${line.address}（hosts 文件第 ${line.line} 行）`,
      },
      wanted: given.length > 0 ? listed(given) : { en: "it has no address", zh: "没有地址" },
    },
  };
};

/** A search domain that answers for everything takes the name before it is asked for as it stands. */
const expanded: Judge = (facts, { host, search, ndots, absolute }, found) => {
  const inFull = absolute?.addresses.map(({ address }) => address) ?? [];
  if (inFull.length === 0 || inFull.some((address) => found.includes(address))) return null;
  const course = outcome(facts);
  if (course === "arrived") return null;
  // Two answers for one name differ also where a provider spreads its load; then both are public.
  if (course !== "astray" && found.every((address) => placeOf(address) === "public")) return null;
  if (host.split(".").length - 1 >= ndots) return null;
  return {
    status: course === "astray" ? "fail" : "warn",
    cause: "dns.search-domain-ndots",
    detail: {
      en: `A search domain answers for ${host}: it becomes ${listed(found).en} instead of ${listed(inFull).en}`,
      zh: `搜索域抢先答复了 ${host}：得到 ${listed(found).zh}，而不是 ${listed(inFull).zh}`,
    },
    evidence: [
      {
        en: `With a closing dot, ${host}., no search domain is put to it, and the address is another.`,
        zh: `末尾加点的 ${host}. 不会附加搜索域，得到的是另一个地址。`,
      },
      {
        en: `resolv.conf says: search ${search.join(" ")}, ndots ${ndots}.`,
        zh: `resolv.conf 中的设置：search ${search.join(" ")}，ndots ${ndots}。`,
      },
    ],
    explains: effectsOfWrongAddress,
    values: { found: `search ${search.join(" ")}; options ndots:${ndots}`, wanted: "options ndots:1" },
  };
};

/** A name that cannot exist has the same address: a captive portal, a filter, a provider of access that answers everything. */
const everyName: Judge = (facts, { host, nonsense, servers }, found) => {
  const dummy = nonsense?.answer.values ?? [];
  if (dummy.length === 0 || !found.every((address) => dummy.includes(address))) return null;
  if (outcome(facts) === "arrived") return null;
  return {
    status: "fail",
    cause: "dns.sinkholed",
    detail: {
      en: `The name server gives ${listed(dummy).en} for ${host} and for names that do not exist`,
      zh: `DNS 对 ${host} 和不存在的名字都返回 ${listed(dummy).zh}`,
    },
    evidence: [
      {
        en: `${nonsense?.name} cannot exist, and has the same address.`,
        zh: `${nonsense?.name} 不可能存在，却得到同样的地址。`,
      },
    ],
    explains: effectsOfWrongAddress,
    values: { found: listed(found), ...(servers[0] === undefined ? {} : { nameserver: servers[0].server }) },
  };
};

const strangeWords: Readonly<Record<Exclude<Place, "public">, Text>> = {
  nothing: { en: "which is no address that anything can be at", zh: "这不是任何主机的地址" },
  here: { en: "which is this very machine", zh: "这是本机自己" },
  private: { en: "which is in a private network", zh: "这是内网地址" },
  substitute: {
    en: "which is a range for tests (RFC 2544) that proxy programs often hand out in place of true addresses",
    zh: "这是测试用网段（RFC 2544），代理软件常用它代替真实地址（fake-ip）",
  },
};

/** A public provider's name that leads to a place where no public server can be. */
const strange: Judge = (facts, { host, servers, control }, found, given) => {
  const places = found.map(placeOf);
  const place = places.find((one) => one !== "public");
  if (place === undefined) return null;
  const known = providerOfHost(host);
  const isNothing = places.every((one) => one === "nothing");
  if (!isNothing && (known === null || places.includes("public"))) return null;
  const course = outcome(facts);
  if (course === "arrived" || (course === "untried" && place === "substitute")) return null;
  const address = found[places.indexOf(place)] ?? "";
  const fromServers = given.includes(address);
  return {
    status: course === "untried" && place === "private" ? "warn" : "fail",
    cause: fromServers || given.length === 0 ? "dns.sinkholed" : "dns.lookup-and-resolver-disagree",
    detail: {
      en: `${host} leads to ${address}, ${strangeWords[place].en}`,
      zh: `${host} 指向 ${address}，${strangeWords[place].zh}`,
    },
    evidence: [
      ...servers.map(told),
      ...(known === null
        ? []
        : [
            {
              en: `${known.name} is a public service; its servers have public addresses.`,
              zh: `${known.nameZh ?? known.name} 是公网服务，其服务器使用公网地址。`,
            },
          ]),
      ...(control === null || control.answer.values.length === 0
        ? []
        : [
            {
              en: `${control.name} is answered with ${listed(control.answer.values).en}, so the name service works otherwise.`,
              zh: `${control.name} 的答复是 ${listed(control.answer.values).zh}，可见 DNS 在其他方面是正常的。`,
            },
          ]),
    ],
    explains: effectsOfWrongAddress,
    values: {
      found: address,
      ...(servers[0] === undefined ? {} : { nameserver: servers[0].server }),
      ...(fromServers || given.length === 0 ? {} : { wanted: listed(given) }),
    },
  };
};

/** The system has a private address where the name servers have a public one, or the other way round. */
const split: Judge = (facts, { host, servers }, found, given) => {
  if (given.length === 0 || given.some((address) => found.includes(address))) return null;
  if (outcome(facts) !== "astray") return null;
  const isPublic = (address: string) => placeOf(address) === "public";
  if (found.every(isPublic) === given.every(isPublic)) return null;
  return {
    status: "fail",
    cause: "dns.lookup-and-resolver-disagree",
    detail: {
      en: `The system takes ${host} for ${listed(found).en}, the name server for ${listed(given).en}`,
      zh: `系统认为 ${host} 是 ${listed(found).zh}，而 DNS 答复 ${listed(given).zh}`,
    },
    evidence: [
      ...servers.map(told),
      {
        en: "No line of the hosts file says so: another name service of the system does (the line hosts: of /etc/nsswitch.conf).",
        zh: "hosts 文件中没有相应的行：来自系统的其他名字服务（见 /etc/nsswitch.conf 的 hosts: 一行）。",
      },
    ],
    explains: effectsOfWrongAddress,
    values: { found: listed(found), wanted: listed(given) },
  };
};

const noWay = ["ENETUNREACH", "EADDRNOTAVAIL", "EHOSTUNREACH", "EAFNOSUPPORT"];

const onlyIpv6: Judge = (facts, { host, system, servers }, found) => {
  if (system.addresses.some(({ family }) => family === 4)) return null;
  const own = facts.reach.seen?.own ?? [];
  const failed = own.length > 0 && own.every(({ code }) => code !== null && noWay.includes(code));
  if (!failed || outcome(facts) === "arrived") return null;
  return {
    status: "fail",
    cause: "dns.ipv6-only-answer-no-route",
    detail: {
      en: `${host} has IPv6 addresses only, and no route leads to ${listed(found).en} (${own[0]?.code})`,
      zh: `${host} 只有 IPv6 地址，而没有通往 ${listed(found).zh} 的路由（${own[0]?.code}）`,
    },
    evidence: [
      ...servers.map(told),
      ...(facts.reach.seen?.routes.v6 === false
        ? [{ en: "This machine has no default route for IPv6.", zh: "本机没有 IPv6 默认路由。" }]
        : []),
    ],
    explains: ["tcp.no-route", "tcp.admin-prohibited", "tcp.failed"],
    values: { found: listed(found) },
  };
};
