// The very rule that stops a connection, of real nftables and iptables in a namespace: each time the one that the
// doctor names is the one whose counter rises.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FirewallFacts, Rule } from "../../src/doctor/facts.ts";
import type { MetadataAnswer, Question } from "./doctor-firewall-child.ts";
import { cable, type Inside, Namespace } from "./doctor-namespace.ts";

const child = new URL("./doctor-firewall-child.ts", import.meta.url).pathname;
const v4 = "198.51.100.2";
const v6 = "2001:db8:51::2";

interface Looked {
  readonly before: FirewallFacts;
  readonly code: string | null;
  readonly after: FirewallFacts;
}

let machine: Namespace;
let server: Namespace;
let inside: Inside;

beforeAll(async () => {
  machine = new Namespace("firewall");
  server = new Namespace("firewall-server");
  cable(machine, "eth0", server, "eth0");
  machine.ip(
    "addr add 198.51.100.1/24 dev eth0",
    "addr add 2001:db8:51::1/64 dev eth0 nodad",
    "route add default via 198.51.100.2",
  );
  server.ip("addr add 198.51.100.2/24 dev eth0", "addr add 2001:db8:51::2/64 dev eth0 nodad");
  inside = machine.start(child);
  const outside = server.start(child);
  await Promise.all([ask(outside, { listen: [25, 465, 587] }), ask(inside, { listen: [2525] })]);
});

afterAll(async () => {
  await machine.close();
  await server.close();
});

function ask<T>(to: Inside, question: Question): Promise<T> {
  return to.ask<T>(question);
}

const empty = (tables: readonly string[]) =>
  tables
    .map((table) => {
      const chains = table === "nat" ? "" : ":OUTPUT ACCEPT [0:0]\n";
      return `*${table}\n${chains}COMMIT\n`;
    })
    .join("");

/** What stood there before is gone. */
function load({ nft = "", v4Rules, v6Rules, legacy, set = [] }: Case): void {
  machine.nft(`flush ruleset\n${nft}`);
  const restore = (program: string, rules: string) =>
    machine.run("sh", "-c", `${program} -c <<'END'\n${rules}END\n`);
  if (v4Rules !== undefined) restore("iptables-nft-restore", v4Rules);
  if (v6Rules !== undefined) restore("ip6tables-nft-restore", v6Rules);
  if (legacy !== undefined) restore("iptables-legacy-restore", legacy);
  for (const command of set) machine.run("sh", "-c", command);
}

interface Case {
  readonly name: string;
  readonly nft?: string;
  readonly v4Rules?: string;
  readonly v6Rules?: string;
  readonly legacy?: string;
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly address?: string;
  readonly port?: number;
  /** How the connection ends; null when it stands. */
  readonly code: string | null;
  /** The rule that must be named first; null when none may be. */
  readonly rule: (Partial<Rule> & { readonly counts?: boolean }) | null;
}

const output = (rules: string, policy = "accept", more = "") =>
  `table inet filter {\n${more}\nchain output {\ntype filter hook output priority filter; policy ${policy};\n${rules}\n}\n}`;

const filter = (rules: string, policy = "ACCEPT", chains = "") =>
  `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ${policy} [0:0]\n${chains}${rules}\nCOMMIT\n`;

const cases: readonly Case[] = [
  {
    name: "nft drop by port",
    nft: output(
      "tcp dport 25 counter accept\ntcp dport { 465, 587 } counter drop\ntcp dport 587 counter reject",
    ),
    code: "TIMEOUT",
    rule: {
      tool: "nftables",
      action: "drop",
      text: "tcp dport { 465, 587 } counter drop",
      place: "inet filter output",
      ports: [587, 465],
      remove: "sudo nft insert rule inet filter output tcp dport 587 accept",
    },
  },
  {
    name: "nft rejects in a chain that a verdict map leads to",
    nft: `table inet filter {
      map way { type inet_service : verdict; elements = { 25 : accept, 587 : jump mail } }
      chain mail { ip daddr 203.0.113.0/24 counter drop
        ip daddr @close counter reject with icmpx admin-prohibited
        counter drop
      }
      set close { type ipv4_addr; flags interval; elements = { 198.51.100.0/25, 10.0.0.1-10.0.0.9 } }
      chain output { type filter hook output priority filter; policy accept;
        oif lo accept
        ct state established,related accept
        tcp dport vmap @way
      }
    }`,
    code: "EHOSTUNREACH",
    rule: {
      action: "reject",
      with: "icmpx admin-prohibited",
      place: "inet filter mail",
      text: "ip daddr @close counter reject with icmpx admin-prohibited",
    },
  },
  {
    name: "nft rejects this user with a reset",
    nft: output(
      "meta skuid 4242 counter drop\nmeta skuid 0 tcp dport 500-600 counter reject with tcp reset\ncounter accept",
    ),
    code: "ECONNREFUSED",
    rule: {
      action: "reject",
      with: "tcp reset",
      owner: "skuid 0",
      remove: "sudo nft insert rule inet filter output meta skuid 0 tcp dport 587 accept",
    },
  },
  {
    name: "nft lets this user pass before it drops",
    nft: output("meta skuid != { 33, 1000-2000 } tcp dport 587 counter accept\ntcp dport 587 counter drop"),
    code: null,
    rule: null,
  },
  {
    name: "nft policy",
    nft: output(
      "oif lo accept\nct state established accept\ntcp dport { 53, 80, 443 } accept\nudp dport 53 accept",
      "drop",
    ),
    code: "TIMEOUT",
    rule: { action: "drop", text: "policy drop", place: "inet filter output", counts: false },
  },
  {
    name: "nft concatenations, marks and goto",
    nft: `table inet filter {
      set pairs { type ipv4_addr . inet_service; elements = { 198.51.100.2 . 25, 198.51.100.2 . 587 } }
      chain marking { type route hook output priority mangle; tcp dport 587 meta mark set meta mark or 0x10 }
      chain marked { meta mark & 0x10 == 0x10 counter drop
      }
      chain output { type filter hook output priority filter; policy accept;
        meta mark 0 counter accept
        ip daddr . tcp dport @pairs goto marked
        counter reject
      }
    }`.replace("or 0x10 }", "or 0x10\n}"),
    code: "TIMEOUT",
    rule: { action: "drop", place: "inet filter marked" },
  },
  {
    name: "nft drops in postrouting by interface",
    nft: `table ip late { chain out { type filter hook postrouting priority 0; policy accept;
      oifname "lo" accept
      oifname "eth*" tcp dport 587 tcp flags & (syn|ack) == syn counter drop
      }\n}`,
    code: "TIMEOUT",
    rule: { action: "drop", place: "ip late out" },
  },
  {
    name: "nft redirects",
    nft: `table ip turn { chain output { type nat hook output priority -100;
      tcp dport { 25, 587 } counter redirect to :2525
      }\n}`,
    code: null,
    rule: {
      action: "redirect",
      place: "ip turn output",
      text: "tcp dport { 25, 587 } counter redirect to :2525",
    },
  },
  {
    name: "nft drops what was turned elsewhere",
    nft: `table ip turn { chain output { type nat hook output priority -100;
      tcp dport 587 counter dnat to 198.51.100.2:25
      }\nchain later { type filter hook output priority 10;
      tcp dport 587 counter reject
      tcp dport 25 counter drop
      }\n}`,
    code: "TIMEOUT",
    rule: { action: "redirect" },
  },
  {
    name: "nft drops the server's answer",
    nft: `table inet filter { chain input { type filter hook input priority 0; policy accept;
      iif lo accept
      tcp dport 22 accept
      counter drop
      }\n}`,
    code: "TIMEOUT",
    rule: {
      action: "drop",
      direction: "back",
      place: "inet filter input",
      remove: "sudo nft insert rule inet filter input ct state established,related accept",
    },
  },
  {
    name: "nft lets answers in and drops the rest",
    nft: `table inet filter { chain input { type filter hook input priority 0; policy drop;
      ct state vmap { established : accept, related : accept, invalid : drop }
      }\n}`,
    code: null,
    rule: null,
  },
  {
    name: "nft rejects IPv6 only",
    nft: output(
      "ip daddr 198.51.100.2 counter drop\nip6 daddr 2001:db8::/32 tcp dport 587 counter reject with icmpv6 type admin-prohibited",
    ),
    address: v6,
    code: "EACCES",
    rule: {
      action: "reject",
      family: 6,
      text: "ip6 daddr 2001:db8::/32 tcp dport 587 counter reject with icmpv6 admin-prohibited",
    },
  },
  {
    name: "iptables on nftables drops by multiport",
    v4Rules: filter(
      `-A OUTPUT -o lo -j ACCEPT
-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A OUTPUT ! -d 198.51.100.0/24 -p tcp -m tcp --dport 587 -j REJECT
-A OUTPUT -p tcp -m multiport --dports 25,465:600 -m comment --comment "no mail \\"out\\"" -j DROP`,
    ),
    code: "TIMEOUT",
    rule: {
      tool: "iptables",
      action: "drop",
      place: "filter OUTPUT",
      text: '-A OUTPUT -p tcp -m multiport --dports 25,465:600 -m comment --comment "no mail \\"out\\"" -j DROP',
      remove: "sudo iptables -I OUTPUT -p tcp --dport 587 -j ACCEPT",
    },
  },
  {
    name: "iptables on nftables rejects in a chain of its own",
    v4Rules: filter(
      `-A OUTPUT -p tcp -j MAIL
-A OUTPUT -p tcp --dport 587 -j DROP
-A MAIL -p tcp ! --dport 587 -j RETURN
-A MAIL -m owner ! --uid-owner 1000-2000 -j REJECT --reject-with icmp-host-prohibited`,
      "ACCEPT",
      ":MAIL - [0:0]\n",
    ),
    code: "EHOSTUNREACH",
    rule: {
      action: "reject",
      with: "icmp-host-prohibited",
      place: "filter MAIL",
      owner: "! --uid-owner 1000-2000",
      remove: "sudo iptables -I OUTPUT -p tcp --dport 587 -m owner --uid-owner 0 -j ACCEPT",
    },
  },
  {
    name: "iptables on nftables redirects",
    v4Rules: `*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --dport 587 -j REDIRECT --to-ports 2525\nCOMMIT\n`,
    code: null,
    rule: {
      tool: "iptables",
      action: "redirect",
      place: "nat OUTPUT",
      remove: "sudo iptables -t nat -I OUTPUT -p tcp --dport 587 -j ACCEPT",
    },
  },
  {
    name: "ip6tables on nftables rejects",
    v6Rules: filter("-A OUTPUT -p tcp -m tcp --dport 587 -j REJECT --reject-with tcp-reset"),
    address: v6,
    code: "ECONNREFUSED",
    rule: {
      tool: "ip6tables",
      action: "reject",
      family: 6,
      remove: "sudo ip6tables -I OUTPUT -p tcp --dport 587 -j ACCEPT",
    },
  },
  {
    name: "legacy iptables policy",
    legacy: filter("-A OUTPUT -p tcp -m tcp --dport 443 -j ACCEPT", "DROP"),
    code: "TIMEOUT",
    rule: { tool: "iptables-legacy", action: "drop", text: "-P OUTPUT DROP", place: "filter OUTPUT" },
  },
  {
    name: "legacy iptables rejects marked packets",
    legacy: `*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp --dport 587 -j MARK --set-xmark 0x8000/0x8000\nCOMMIT
*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m mark --mark 0x1/0x1 -j DROP\n-A OUTPUT -m mark --mark 0x8000/0x8000 -j REJECT --reject-with icmp-net-unreachable\nCOMMIT\n`,
    code: "ENETUNREACH",
    rule: {
      tool: "iptables-legacy",
      action: "reject",
      with: "icmp-net-unreachable",
      remove: "sudo iptables-legacy -I OUTPUT -p tcp --dport 587 -j ACCEPT",
    },
  },
  {
    name: "ufw's own chains",
    v4Rules: filter(
      `-A OUTPUT -j ufw-before-output
-A OUTPUT -j ufw-user-output
-A ufw-before-output -o lo -j ACCEPT
-A ufw-user-output -p tcp -m tcp --dport 587 -j DROP`,
      "ACCEPT",
      ":ufw-before-output - [0:0]\n:ufw-user-output - [0:0]\n",
    ),
    code: "TIMEOUT",
    rule: { tool: "ufw", place: "filter ufw-user-output", remove: "sudo ufw insert 1 allow out 587/tcp" },
  },
  {
    name: "a route that prohibits",
    set: ["ip route add prohibit 203.0.113.0/24"],
    unset: ["ip route del prohibit 203.0.113.0/24"],
    address: "203.0.113.7",
    code: "EACCES",
    rule: {
      tool: "routes",
      action: "reject",
      with: "prohibit",
      text: "prohibit 203.0.113.0/24",
      remove: "sudo ip route del prohibit 203.0.113.0/24",
      counts: false,
    },
  },
  {
    name: "a rule of routing that forbids the port",
    set: ["ip rule add dport 587 ipproto tcp priority 77 unreachable"],
    unset: ["ip rule del priority 77"],
    code: "ENETUNREACH",
    rule: { tool: "routes", with: "unreachable", remove: "sudo ip rule del priority 77", counts: false },
  },
  {
    name: "a rate decides, which nobody can foretell",
    nft: output("tcp dport 587 limit rate over 1000/second counter drop\ntcp dport 25 counter drop"),
    code: null,
    rule: { certain: false, counts: false },
  },
  {
    name: "no rules at all",
    code: null,
    rule: null,
  },
];

describe("the rule that is named is the rule that acts", () => {
  test.each(cases)("$name", async (one) => {
    load(one);
    try {
      const { port = 587, address = v4 } = one;
      const ports = [...new Set([port, 465, 587])];
      const { before, code, after } = await ask<Looked>(inside, { ports, address });
      expect(code).toBe(one.code);
      const named = before.rules.filter((rule) => rule.ports.includes(port));
      if (one.rule === null) return expect(named).toEqual([]);
      const { counts = true, ...wanted } = one.rule;
      expect(named[0]).toMatchObject({ certain: true, addresses: [address], ...wanted });
      for (const { text, place, packets, certain } of counts ? named : []) {
        const later = after.rules.find((rule) => rule.text === text && rule.place === place);
        if (certain) expect(later?.packets, text).toBeGreaterThan(packets ?? Number.POSITIVE_INFINITY);
      }
    } finally {
      for (const command of one.unset ?? []) machine.run("sh", "-c", command);
      if (one.legacy !== undefined)
        machine.run("sh", "-c", `iptables-legacy-restore <<'END'\n${empty(["mangle", "filter"])}END\n`);
    }
  });
});

test("what is turned elsewhere and then dropped is named with both rules", async () => {
  load(cases.find(({ name }) => name === "nft drops what was turned elsewhere") as Case);
  const { before } = await ask<Looked>(inside, { ports: [587], address: v4 });
  expect(before.rules.map(({ action, text }) => [action, text])).toEqual([
    ["redirect", "tcp dport 587 counter dnat to 198.51.100.2:25"],
    ["drop", "tcp dport 25 counter drop"],
  ]);
});

test("the user that runs it is the one that rules are looked up for", async () => {
  load({
    name: "",
    nft: output("meta skuid 0 tcp dport 587 counter drop\nmeta skgid 4242 tcp dport 465 counter drop"),
    code: null,
    rule: null,
  });
  const { before, code } = await ask<Looked>(inside, { ports: [587, 465], address: v4 });
  expect(code).toBe("TIMEOUT");
  expect(before.rules).toMatchObject([{ ports: [587], owner: "skuid 0" }]);
});

test("an incoming rule for the port is told apart", async () => {
  load({
    name: "",
    v4Rules: filter(
      "-A INPUT -p tcp -m tcp --dport 587 -j ACCEPT\n-A INPUT -p tcp --dport 1:65535 -j ACCEPT",
    ),
    code: null,
    rule: null,
  });
  const { before } = await ask<Looked>(inside, { ports: [587, 465], address: v4 });
  expect(before.inbound).toEqual([
    {
      tool: "iptables",
      ports: [587],
      place: "filter INPUT",
      text: "-A INPUT -p tcp -m tcp --dport 587 -j ACCEPT",
    },
  ]);
});

test("without permission it says what to run, and stops nobody", async () => {
  load({ name: "", nft: output("tcp dport 587 drop"), code: "TIMEOUT", rule: null });
  const nobody = machine.start(child);
  await ask(nobody, { user: 65_534 });
  const { before, code } = await ask<Looked>(nobody, { ports: [587], address: v4 });
  expect(code).toBe("TIMEOUT");
  expect(before.rules).toEqual([]);
  expect(before.sources).toContainEqual({
    tool: "nftables",
    command: expect.stringMatching(/^sudo .*nft list ruleset$/),
    state: "denied",
  });
  expect(before.sources).toContainEqual({
    tool: "routes",
    command: "ip route show table all",
    state: "read",
  });
});

describe("the metadata service", () => {
  const googles = { "Metadata-Flavor": "Google" };
  test.each<[string | null, Readonly<Record<string, MetadataAnswer>>]>([
    ["aws", { "PUT /latest/api/token": { body: "AQAEAK9x_y-z==" } }],
    ["google-cloud", { "GET /computeMetadata/v1/instance/id": { body: "4242", headers: googles } }],
    [
      "azure",
      {
        "GET /metadata/instance/compute/azEnvironment?api-version=2021-02-01&format=text": {
          body: "AzurePublicCloud",
        },
      },
    ],
    ["hetzner", { "GET /hetzner/v1/metadata/instance-id": { body: "4242" } }],
    ["digitalocean", { "GET /metadata/v1/id": { body: "4242" }, "PUT /latest/api/token": { body: "AQ==" } }],
    ["vultr", { "GET /v1/instanceid": { body: "4242" } }],
    ["linode", { "PUT /v1/token": { body: '["abc"]' } }],
    ["oracle", { "GET /opc/v2/instance/id": { body: "ocid1.instance.oc1.x" } }],
    // Somebody who answers everything is no cloud that we know, and one who never answers is waited for no longer than a second.
    [null, { "GET /v1/instanceid": { body: "<html>sign in</html>" }, "PUT /latest/api/token": { body: "" } }],
  ])("tells %s", async (platform, answers) => {
    machine.ip("addr replace 169.254.169.254/32 dev lo");
    const { mark, asked } = await ask<{ mark: { platform: string } | null; asked: readonly string[] }>(
      inside,
      {
        metadata: answers,
      },
    );
    expect(mark?.platform ?? null).toBe(platform);
    expect(asked.toSorted()).toEqual(expect.arrayContaining(Object.keys(answers).toSorted()));
  });
});
