// The name of the host: names that are missing, name servers that fail, answers that mislead.
import type { Case } from "../case.ts";
import { type SmtpSetting, smtp } from "../peers/smtp.ts";
import { at, good, set, site } from "./make.ts";

const tls: SmtpSetting = { security: "tls" };

export const dns: readonly Case[] = [
  {
    cause: "dns.nxdomain",
    staged: "name server of ours: NXDOMAIN for the host, answers for all else",
    ...set("mail.missing.example", 465, "tls"),
  },
  {
    cause: "dns.no-address-record",
    staged: "name server of ours: the name has a TXT record and no address",
    ...set("mail.textonly.example", 465, "tls"),
    sites: [
      {
        host: "mail.textonly.example",
        services: {},
        records: { "mail.textonly.example": { txt: ["hello"] } },
      },
    ],
  },
  {
    cause: "dns.servfail",
    staged: "name server of ours: SERVFAIL for the host, answers for all else",
    ...set("mail.broken.example", 465, "tls"),
    sites: [
      {
        host: "mail.broken.example",
        services: {},
        records: { "mail.broken.example": { fails: "servfail" } },
      },
    ],
  },
  {
    cause: "dns.resolver-unreachable",
    staged: "resolv.conf names an address where nothing listens on port 53",
    ...good("gmail"),
    world: { name: "nodns", resolvConf: "nameserver {smtp.gmail.com}\n" },
  },
  {
    cause: "dns.timeout",
    staged: "resolv.conf names an address that swallows packets",
    ...good("gmail"),
    world: { name: "dnsdrop", resolvConf: "nameserver 198.51.100.53\noptions timeout:1 attempts:2\n" },
  },
  {
    cause: "dns.ipv6-only-answer-no-route",
    staged: "name server of ours: AAAA only; the machine has no route for IPv6",
    ...set("mail.sixonly.example", 465, "tls"),
    world: { name: "nov6", without: ["v6"] },
    sites: [
      {
        host: "mail.sixonly.example",
        services: { 465: smtp(tls) },
        records: { "mail.sixonly.example": { aaaa: ["{v6 mail.sixonly.example}"] } },
      },
    ],
  },
  {
    cause: "dns.lookup-and-resolver-disagree",
    staged: "the hosts file names an old address of the host, where nothing listens",
    ...at("mail.moved.example", 465, "tls", { 465: smtp(tls) }),
    world: { name: "hosts", hosts: ["{old.moved.example} mail.moved.example"] },
    sites: [site("mail.moved.example", { 465: smtp(tls) }), site("old.moved.example", {})],
  },
  {
    cause: "dns.sinkholed",
    staged: "name server of ours: 0.0.0.0 for the provider's host",
    ...good("gmail"),
    world: { name: "sink", dns: { names: { "smtp.gmail.com": { a: ["0.0.0.0"] } } } },
  },
  {
    cause: "dns.search-domain-ndots",
    staged: "resolv.conf searches a domain first (ndots:5), in which every name leads to a web server",
    ...at("mail.searched.example", 465, "tls", { 465: smtp(tls) }),
    world: {
      name: "ndots",
      resolvConf: "nameserver {dns}\nsearch corp.internal\noptions ndots:5\n",
      dns: { names: { "mail.searched.example.corp.internal": { a: ["{example.com}"] } } },
    },
  },
];
