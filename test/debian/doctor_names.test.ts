// Names that fail for real: the system's own getaddrinfo in a namespace, with name servers of ours on port 53.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { NameFacts } from "../../src/doctor/facts.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { NamesQuestion } from "./doctor-names-child.ts";
import { type Inside, Namespace } from "./doctor-namespace.ts";

let namespace: Namespace;
let inside: Inside;

beforeAll(() => {
  namespace = new Namespace("names");
  inside = namespace.start(join(import.meta.dirname, "doctor-names-child.ts"));
});

afterAll(() => namespace.close());

interface Staged extends Partial<NamesQuestion> {
  readonly resolver: string;
  readonly hosts?: string;
}

interface Answer {
  readonly names: NameFacts;
  readonly findings: readonly Finding[];
}

const one = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
const two = `nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions timeout:1 attempts:1\n`;
const qq = "smtp.qq.com";
const own = "mail.own.example";
const known = { "example.com": ["198.51.100.1"] } as const;
/** Leads nowhere, at once: the namespace has no way out. */
const truth = ["203.0.113.7"];

async function stage({ resolver, hosts = "", host = qq, servers = {} }: Staged): Promise<Answer> {
  namespace.write({ "resolv.conf": resolver, hosts: `127.0.0.1 localhost\n${hosts}` });
  return await inside.ask<Answer>({ host, servers });
}

test.each<[string, Staged, readonly string[]]>([
  [
    "all well",
    { resolver: one, servers: { "127.0.0.1": { ...known, [qq]: truth } } },
    ["names ok", "name-servers ok"],
  ],
  [
    "no such name",
    { resolver: one, host: own, servers: { "127.0.0.1": known } },
    ["names fail dns.nxdomain"],
  ],
  [
    "a name without an address",
    { resolver: one, servers: { "127.0.0.1": { ...known, [qq]: [] } } },
    ["names fail dns.no-address-record"],
  ],
  [
    "SERVFAIL",
    { resolver: one, servers: { "127.0.0.1": { ...known, [qq]: "SERVFAIL" } } },
    ["names fail dns.servfail"],
  ],
  ["REFUSED", { resolver: one, servers: { "127.0.0.1": { "*": "REFUSED" } } }, ["names fail dns.servfail"]],
  ["silence", { resolver: one, servers: { "127.0.0.1": { "*": "silence" } } }, ["names fail dns.timeout"]],
  ["nobody listens", { resolver: one }, ["names fail dns.resolver-unreachable"]],
  [
    "no way to the name server",
    { resolver: "nameserver 198.51.100.53\noptions timeout:1 attempts:1\n" },
    ["names fail dns.resolver-unreachable"],
  ],
  [
    "one silent name server before a good one",
    {
      resolver: two,
      servers: { "127.0.0.1": { "*": "silence" }, "127.0.0.2": { ...known, [qq]: truth } },
    },
    ["names ok", "name-servers warn dns.timeout"],
  ],
  [
    "one dead name server before a good one",
    { resolver: two, servers: { "127.0.0.2": { ...known, [qq]: truth } } },
    ["names ok", "name-servers warn dns.resolver-unreachable"],
  ],
  [
    "the first denies what the second knows",
    { resolver: two, servers: { "127.0.0.1": known, "127.0.0.2": { ...known, [qq]: truth } } },
    ["names fail dns.lookup-and-resolver-disagree"],
  ],
  [
    "a line of the hosts file",
    {
      resolver: one,
      hosts: `203.0.113.99 ${qq}\n`,
      servers: { "127.0.0.1": { ...known, [qq]: truth } },
    },
    ["names fail dns.lookup-and-resolver-disagree"],
  ],
  [
    "a filter that answers 0.0.0.0",
    { resolver: one, servers: { "127.0.0.1": { ...known, [qq]: ["0.0.0.0"] } } },
    ["names fail dns.sinkholed"],
  ],
  [
    "a portal that answers every name",
    { resolver: one, host: own, servers: { "127.0.0.1": { "*": ["203.0.113.80"] } } },
    ["names fail dns.sinkholed"],
  ],
  [
    "a search domain that answers every name",
    {
      resolver: `${one}search corp.example\noptions ndots:5\n`,
      host: own,
      servers: { "127.0.0.1": { ...known, [own]: truth, "*.corp.example": ["10.3.3.3"] } },
    },
    ["names fail dns.search-domain-ndots"],
  ],
  [
    "IPv6 alone, where there is none",
    { resolver: one, servers: { "127.0.0.1": { ...known, [qq]: ["2001:db8::7"] } } },
    ["names fail dns.ipv6-only-answer-no-route"],
  ],
])("%s", async (_, staged, told) => {
  const { findings } = await stage(staged);
  const brief = findings.map(({ probe, status, cause }) =>
    [probe, status, ...(cause === undefined ? [] : [cause])].join(" "),
  );
  expect(brief).toEqual(told);
});

test("what only the system's resolver tells: the numbers by which no name and no address differ", async () => {
  const nobody = await stage({ resolver: one, servers: { "127.0.0.1": known } });
  expect(nobody.names.system).toMatchObject({ code: "ENOTFOUND", errno: -3008 });
  const bare = await stage({ resolver: one, servers: { "127.0.0.1": { ...known, [qq]: [] } } });
  expect(bare.names.system).toMatchObject({ code: "ENOTFOUND", errno: -3007 });
});
