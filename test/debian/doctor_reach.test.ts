// Ports that are dropped, rejected and captured for real: by rules of nftables and iptables here and at the gateway.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { cable, type Inside, Namespace } from "./doctor-namespace.ts";
import type { ReachQuestion } from "./doctor-reach-child.ts";

const hosts = `127.0.0.1 localhost
203.0.113.10 good.own.example
203.0.113.11 closed.own.example
203.0.113.12 silent.own.example
203.0.113.13 mx.own.example
203.0.113.14 gone.own.example
203.0.113.15 six.own.example
2001:db8:1::15 six.own.example
203.0.113.16 nosix.own.example
2001:db8:2::16 nosix.own.example
203.0.113.17 half.own.example
203.0.113.18 smtp.fastmail.com
203.0.113.19 mail.smtp2go.com
203.0.113.20 smtp.sendgrid.net
203.0.113.21 smtp.qq.com
203.0.113.22 smtp.mailgun.org
203.0.113.23 smtp.163.com
203.0.113.30 example.com
203.0.113.31 www.fastmail.com
104.16.9.9 cdn.own.example
10.7.1.77 down.own.example
`;

/** What the servers and the gateway do; the machines' own rules stand with them. */
const worldRules = `
table inet world {
  chain gateway {
    type filter hook prerouting priority -300;
    iifname "wcloud" tcp dport { 25, 465, 587 } drop
    iifname "whole" drop
    iifname "wruled" tcp dport 2587 reject
    ip daddr 192.0.2.1 drop
    ip6 daddr 2001:db8:1::15 drop
  }
  chain servers {
    type filter hook input priority 0;
    ip daddr 203.0.113.11 tcp dport 587 reject with tcp reset
    ip daddr { 203.0.113.12, 104.16.9.9 } tcp dport { 25, 465, 587, 2525 } drop
    ip daddr 203.0.113.13 tcp dport != 25 drop
    ip daddr { 203.0.113.14, 203.0.113.18 } drop
    ip daddr 203.0.113.17 tcp dport 465 drop
  }
}
`;

const ruled = `
table inet machine {
  chain out {
    type filter hook output priority 0;
    tcp dport 587 reject
    tcp dport 465 reject with tcp reset
    tcp dport 2525 reject with icmpx admin-prohibited
    tcp dport 25 reject with icmpx no-route
  }
}
table ip capture {
  chain out {
    type nat hook output priority -100;
    tcp dport 8025 redirect to :10025
  }
}
`;

const listed = `
table inet machine {
  chain out {
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    tcp dport 443 accept
  }
}
`;

const kinds = ["clean", "cloud", "ruled", "listed", "hole", "nothing"] as const;
type Kind = (typeof kinds)[number];

const namespaces: Namespace[] = [];
let machines: Readonly<Record<Kind, Inside>>;

beforeAll(async () => {
  const script = (name: string) => join(import.meta.dirname, name);
  const make = (purpose: string) => {
    const made = new Namespace(purpose, { hosts });
    namespaces.push(made);
    return made;
  };
  const world = make("world");
  const addresses = hosts.split("\n").map((line) => line.split(" ")[0] ?? "");
  world.ip(
    ...addresses.filter((one) => /^(?:203|104)/.test(one)).map((one) => `address add ${one}/32 dev lo`),
  );
  world.nft(worldRules);
  const made = kinds.map((kind, at) => {
    const machine = make(kind);
    const net = `10.7.${at + 1}`;
    cable(world, `w${kind}`, machine, "up0");
    world.ip(`address add ${net}.1/24 dev w${kind}`, `address add fd07:${at + 1}::1/64 dev w${kind} nodad`);
    machine.ip(`address add ${net}.2/24 dev up0`, `address add fd07:${at + 1}::2/64 dev up0 nodad`);
    if (kind !== "nothing") machine.ip(`route add default via ${net}.1`);
    if (kind === "clean") machine.ip(`route add 2001:db8:1::/48 via fd07:${at + 1}::1`);
    return [kind, machine] as const;
  });
  for (const [kind, machine] of made) {
    if (kind === "ruled") {
      machine.nft(ruled);
      const rule = "OUTPUT -p tcp --dport 994 -j REJECT --reject-with icmp-host-prohibited";
      machine.run("iptables", "-A", ...rule.split(" "));
      await machine
        .start(script("doctor-reach-world.ts"))
        .ask({ ports: [10025], name: "transparent-proxy.local" });
    }
    if (kind === "listed") machine.nft(listed);
  }
  await world
    .start(script("doctor-reach-world.ts"))
    .ask({ ports: [25, 443, 465, 587, 994, 2525, 2587], name: "good.own.example" });
  machines = Object.fromEntries(
    made.map(([kind, machine]) => [kind, machine.start(script("doctor-reach-child.ts"))]),
  ) as Record<Kind, Inside>;
});

afterAll(async () => {
  for (const namespace of namespaces.toReversed()) await namespace.close();
});

type Row = readonly [what: string, ask: ReachQuestion, told: string];

const rows: Readonly<Record<Kind, readonly Row[]>> = {
  clean: [
    ["all well", { host: "good.own.example", port: 587 }, "ports ok"],
    ["a closed port", { host: "closed.own.example", port: 587 }, "ports fail tcp.refused-by-server"],
    [
      "a host that drops mail and not the web",
      { host: "silent.own.example", port: 587 },
      "ports fail tcp.timeout-provider-drops-your-ip",
    ],
    [
      "a provider that drops everything",
      { host: "smtp.fastmail.com", port: 465 },
      "ports fail tcp.timeout-provider-drops-your-ip",
    ],
    [
      "a host that receives mail",
      { host: "mx.own.example", port: 587 },
      "ports fail config.host-exists-but-wrong-role",
    ],
    [
      "a host behind a proxy of the web",
      { host: "cdn.own.example", port: 465 },
      "ports fail tcp.mail-host-behind-web-proxy",
    ],
    ["a host that is gone", { host: "gone.own.example", port: 587 }, "ports fail tcp.timeout"],
    ["a port that is not offered", { host: "half.own.example", port: 465 }, "ports fail tcp.timeout"],
    ["a neighbour that is down", { host: "down.own.example", port: 587 }, "ports fail tcp.timeout"],
    [
      "IPv6 that leads into a hole",
      { host: "six.own.example", port: 587 },
      "ports ok; ports warn tcp.broken-ipv6",
    ],
    ["a provider that greets under another name", { host: "mail.smtp2go.com", port: 587 }, "ports ok"],
    ["no IPv6 at all", { host: "nosix.own.example", port: 587 }, "ports ok"],
  ],
  cloud: [
    [
      "a cloud that is not recognised",
      { host: "good.own.example", port: 587 },
      "ports fail tcp.timeout-cloud-egress-block",
    ],
    [
      "port 25, where others are blocked too",
      { host: "good.own.example", port: 25 },
      "ports fail tcp.timeout-cloud-egress-block",
    ],
    [
      "a cloud that is",
      {
        host: "smtp.sendgrid.net",
        port: 465,
        machine: { platform: "hetzner", platformBy: "sys_vendor Hetzner" },
      },
      "ports fail tcp.timeout-cloud-egress-block",
    ],
    [
      "a platform's free plan",
      { host: "smtp.sendgrid.net", port: 587, machine: { platform: "render", platformBy: "RENDER is set" } },
      "ports fail tcp.paas-plan-block",
    ],
  ],
  ruled: [
    ["reject", { host: "good.own.example", port: 587 }, "ports fail tcp.refused-by-local-rule"],
    [
      "reject with tcp reset",
      { host: "good.own.example", port: 465 },
      "ports fail tcp.refused-by-local-rule",
    ],
    [
      "reject at the gateway",
      { host: "good.own.example", port: 2587 },
      "ports fail tcp.refused-by-local-rule",
    ],
    ["reject as prohibited", { host: "good.own.example", port: 2525 }, "ports fail tcp.admin-prohibited"],
    ["reject as no route", { host: "good.own.example", port: 25 }, "ports fail tcp.admin-prohibited"],
    ["REJECT of iptables", { host: "smtp.163.com", port: 994 }, "ports fail tcp.admin-prohibited"],
    [
      "a transparent proxy",
      { host: "mail.smtp2go.com", port: 8025 },
      "controls fail tcp.transparent-smtp-proxy",
    ],
  ],
  listed: [
    [
      "only the web may go out",
      { host: "good.own.example", port: 587 },
      "ports fail tcp.timeout-security-group",
    ],
    [
      "the same in a pod",
      { host: "smtp.qq.com", port: 465, machine: { container: "kubernetes" } },
      "ports fail tcp.kubernetes-networkpolicy",
    ],
  ],
  hole: [
    ["nothing comes back", { host: "good.own.example", port: 587 }, "ports fail tcp.timeout-security-group"],
    [
      "the same in a container",
      { host: "good.own.example", port: 587, machine: { container: "docker" } },
      "ports fail tcp.container-egress",
    ],
    [
      "the same with a proxy for programs",
      {
        host: "good.own.example",
        port: 465,
        machine: { proxies: [{ variable: "HTTPS_PROXY", value: "http://proxy.own.example:3128" }] },
      },
      "ports fail tcp.corporate-proxy-only",
    ],
  ],
  nothing: [
    ["no route", { host: "good.own.example", port: 587 }, "ports fail tcp.no-route"],
    [
      "a container of an internal network",
      { host: "good.own.example", port: 587, machine: { container: "docker" } },
      "ports fail tcp.container-egress",
    ],
  ],
};

describe.concurrent("who stops a connection", () => {
  test.each(kinds)("%s", async (kind) => {
    const asked = rows[kind];
    const answers = await machines[kind].ask<readonly (readonly Finding[])[]>(asked.map(([, ask]) => ask));
    const found = asked.map(([what], at) => [what, brief(answers[at] ?? [])]);
    expect(found).toEqual(asked.map(([what, , told]) => [what, told]));
  });
});

function brief(findings: readonly Finding[]): string {
  return findings
    .filter(({ probe }) => probe !== "routes")
    .map(({ probe, status, cause }) => [probe, status, ...(cause === undefined ? [] : [cause])].join(" "))
    .join("; ");
}
