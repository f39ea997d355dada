// When a rule is named, when it is only mentioned, and when it has to be left open.
import { describe, expect, test } from "vitest";
import type { Facts, FirewallFacts, Knock, MachineFacts, Rule } from "../facts.ts";
import { factsOf, passedWalk, seen, settingOf } from "../names/facts.fixture.ts";
import { tablesOfSave } from "./iptables.ts";
import { tablesOfNft } from "./nft.ts";
import { readFirewall } from "./reading.ts";
import { placeOf, removeOf, toolOf } from "./remedy.ts";
import { forbiddingRoute, forbiddingRule } from "./routes.ts";
import type { Stop } from "./walk.ts";

const rule: Rule = {
  tool: "nftables",
  family: 4,
  action: "drop",
  ports: [587],
  addresses: ["192.0.2.7"],
  direction: "out",
  certain: true,
  place: "inet filter output",
  text: "tcp dport 587 drop",
  remove: "sudo nft insert rule inet filter output tcp dport 587 accept",
  packets: 3,
};
const read: FirewallFacts["sources"] = [
  { tool: "nftables", command: "sudo nft list ruleset", state: "read" },
];
const knock = (code: string | null, address = "192.0.2.7"): Knock => ({
  address,
  family: address.includes(":") ? 6 : 4,
  port: 587,
  code,
  ms: 1,
  greeting: null,
  closed: false,
});

function finding(firewall: Partial<FirewallFacts>, own: readonly Knock[], more: Partial<Facts> = {}) {
  const controls = { web: [], elsewhere: [], others: [], nowhere: [] };
  return readFirewall(
    factsOf(settingOf("smtp.example.com"), {
      firewall: seen({ sources: read, rules: [], inbound: [], ...firewall }),
      reach: seen({ own, ports: [], controls, routes: { v4: true, v6: false } }),
      ...more,
    }),
  );
}

const told = (...args: Parameters<typeof finding>) =>
  finding(...args).map(({ status, cause }) => `${status} ${cause ?? ""}`.trim());

describe("a rule of the setting's port", () => {
  test.each<[string, Partial<Rule>, readonly Knock[], string]>([
    ["drops, and nothing answered", {}, [knock("TIMEOUT")], "fail tcp.timeout-local-drop"],
    [
      "rejects, and it was refused",
      { action: "reject" },
      [knock("ECONNREFUSED")],
      "fail tcp.refused-by-local-rule",
    ],
    [
      "rejects as prohibited",
      { action: "reject" },
      [knock("EHOSTUNREACH")],
      "fail tcp.refused-by-local-rule",
    ],
    ["redirects", { action: "redirect" }, [knock(null)], "fail tcp.transparent-smtp-proxy"],
    [
      "drops one address of two",
      {},
      [knock("TIMEOUT"), knock(null, "192.0.2.8")],
      "warn tcp.timeout-local-drop",
    ],
    ["drops another address", {}, [knock("TIMEOUT", "192.0.2.8")], "warn"],
    ["drops, but the connection was refused", {}, [knock("ECONNREFUSED")], "warn"],
    ["drops, but the connection stood", {}, [knock(null)], "ok"],
    ["may drop", { certain: false }, [knock("TIMEOUT")], "warn"],
    ["may drop, and the connection stood", { certain: false }, [knock(null)], "ok"],
    ["is of another port", { ports: [25] }, [knock("TIMEOUT")], "ok"],
  ])("%s", (_, more, own, wanted) => {
    expect(told({ rules: [{ ...rule, ...more }] }, own)).toEqual([wanted]);
  });

  test("that redirects mail which leaves all the same is a remark", () => {
    const rules = [{ ...rule, action: "redirect" }] as const;
    expect(told({ rules }, [knock(null)], { walk: passedWalk() })).toEqual([
      "warn tcp.transparent-smtp-proxy",
    ]);
  });

  test("behind a redirect is the one that stops", () => {
    const rules = [
      { ...rule, action: "redirect" },
      { ...rule, action: "reject" },
    ] as const;
    expect(told({ rules }, [knock("ECONNREFUSED")])).toEqual(["fail tcp.refused-by-local-rule"]);
  });

  test("is named with its place, its text and the command, and accounts for what others saw of it", () => {
    const [one] = finding({ rules: [rule] }, [knock("TIMEOUT")]);
    expect(one?.values).toEqual({
      rule: rule.text,
      place: { en: "nftables, table inet filter, chain output", zh: "nftables，表 inet filter，链 output" },
      command: rule.remove,
    });
    expect(one?.explains).toEqual(expect.arrayContaining(["tcp.timeout", "tcp.timeout-cloud-egress-block"]));
    expect(one?.explains).not.toContain(one?.cause);
    expect(one?.evidence?.at(-1)?.en).toBe("Its counter stands at 3 packets.");
  });

  test("does not concern an account that sends through a proxy", () => {
    const setting = settingOf("smtp.example.com", 587, {
      proxy: { kind: "http", host: "proxy", port: 3128 },
    });
    expect(
      readFirewall(factsOf(setting, { firewall: seen({ sources: read, rules: [rule], inbound: [] }) })),
    ).toEqual([]);
  });
});

describe("without a rule", () => {
  test("a port that is opened for incoming connections is a misunderstanding", () => {
    const inbound = [
      {
        tool: "ufw",
        ports: [587],
        place: "filter ufw-user-input",
        text: "-A ufw-user-input -p tcp -m tcp --dport 587 -j ACCEPT",
      },
    ] as const;
    expect(told({ inbound }, [knock("TIMEOUT")])).toEqual([
      "ok",
      "warn config.inbound-rule-for-outbound-problem",
    ]);
    expect(told({ inbound, rules: [rule] }, [knock("TIMEOUT")])).toEqual([
      "fail tcp.timeout-local-drop",
      "warn config.inbound-rule-for-outbound-problem",
    ]);
    expect(told({ inbound }, [knock(null)])).toEqual(["ok"]);
  });

  test("what could not be read is said, with the command", () => {
    const sources = [{ tool: "nftables", command: "sudo nft list ruleset", state: "denied" }] as const;
    const [one] = finding({ sources }, [knock("TIMEOUT")]);
    expect(one).toMatchObject({ status: "skipped", values: { command: "sudo nft list ruleset" } });
    expect(one?.evidence?.[0]?.en).toContain("run: sudo nft list ruleset");
    const absent = [{ tool: "nftables", command: "sudo nft list ruleset", state: "absent" }] as const;
    expect(finding({ sources: absent }, [knock("TIMEOUT")])[0]?.detail.en).toContain("is installed");
  });

  test("rules of the host are out of a container's sight", () => {
    const machine = seen<MachineFacts>({
      platform: null,
      platformBy: null,
      container: "docker",
      serverless: false,
      system: { name: "Debian", libc: "glibc" },
      proxies: [],
    });
    expect(finding({}, [knock("TIMEOUT")], { machine })[0]?.evidence?.[0]?.en).toContain(
      "The rules of the host",
    );
    expect(finding({}, [knock(null)], { machine })[0]?.evidence).toBeUndefined();
  });

  test("no time is said", () => {
    const facts = factsOf(settingOf("smtp.example.com"), { firewall: { seen: null, ms: 9, why: "cut" } });
    expect(readFirewall(facts).map(({ status }) => status)).toEqual(["skipped"]);
  });
});

describe("the command", () => {
  const passage = { port: 587, direction: "out", user: 1000 } as const;
  const stopIn = (save: string, chain: string): Stop => {
    const [table] = tablesOfSave(save, 4, "iptables");
    const [entry] = table?.entries.filter(({ hook }) => hook === "output") ?? [];
    if (table === undefined || entry === undefined) throw new Error("no table");
    const line = table.chains
      .get(chain)
      ?.lines.find(({ effects }) => effects.some(({ kind }) => kind === "drop"));
    return { action: "drop", table, entry, chain, line: line ?? null, certain: true };
  };
  const none = { ufw: [], direct: [] };

  test("is ufw's own for a rule of ufw", () => {
    const stop = stopIn(
      "*filter\n:OUTPUT DROP [0:0]\n:ufw-user-output - [0:0]\n-A ufw-user-output -p tcp -m tcp --dport 587 -j DROP\nCOMMIT\n",
      "ufw-user-output",
    );
    expect(toolOf(stop, none)).toBe("ufw");
    expect(placeOf(stop)).toBe("filter ufw-user-output");
    expect(
      removeOf(
        stop,
        { ...none, ufw: ["ufw allow 22/tcp", "ufw deny in 587/tcp", "ufw deny out 587/tcp"] },
        passage,
      ),
    ).toBe("sudo ufw delete deny out 587/tcp");
    expect(removeOf(stop, none, passage)).toBe("sudo ufw insert 1 allow out 587/tcp");
    expect(removeOf({ ...stop, line: null, chain: "OUTPUT" }, none, passage)).toBe(
      "sudo ufw allow out 587/tcp",
    );
  });

  test("is firewalld's own for its policies and direct rules", () => {
    const stop = stopIn(
      "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --dport 587 -j DROP\nCOMMIT\n",
      "OUTPUT",
    );
    const direct = [
      "ipv6 filter OUTPUT 0 -p tcp --dport 25 -j DROP",
      "ipv4 filter OUTPUT 0 -p tcp --dport 587 -j DROP",
    ];
    expect(toolOf(stop, { ...none, direct })).toBe("firewalld");
    expect(removeOf(stop, { ...none, direct }, passage)).toBe(
      "sudo firewall-cmd --permanent --direct --remove-rule ipv4 filter OUTPUT 0 -p tcp --dport 587 -j DROP && sudo firewall-cmd --reload",
    );
    expect(toolOf(stop, none)).toBe("iptables");
    const nft = {
      nftables: [
        { chain: { family: "inet", table: "firewalld", name: "filter_OUTPUT", hook: "output", prio: 10 } },
        { chain: { family: "inet", table: "firewalld", name: "filter_OUT_policy_nomail_deny" } },
      ],
    };
    const [table] = tablesOfNft(JSON.stringify(nft), new Map()) ?? [];
    const [entry] = table?.entries ?? [];
    if (table === undefined || entry === undefined) throw new Error("no table");
    const ofPolicy: Stop = { ...stop, table, entry, chain: "filter_OUT_policy_nomail_deny" };
    expect(removeOf(ofPolicy, none, passage)).toContain(
      "firewall-cmd --permanent --policy=nomail --add-rich-rule=",
    );
  });
});

describe("routes that forbid", () => {
  const routes = JSON.stringify([
    { type: "prohibit", dst: "default", table: "77" },
    { type: "prohibit", dst: "203.0.113.0/24" },
    { type: "unreachable", dst: "203.0.113.7" },
    { dst: "default", gateway: "192.0.2.1", dev: "eth0" },
  ]);

  test("are told by the longest prefix of their kind", () => {
    expect(forbiddingRoute(routes, "203.0.113.7", "prohibit")?.remove).toBe(
      "sudo ip route del prohibit 203.0.113.0/24",
    );
    expect(forbiddingRoute(routes, "203.0.113.7", "unreachable")?.text).toBe("unreachable 203.0.113.7");
    expect(forbiddingRoute(routes, "198.51.100.1", "prohibit")?.text).toBe("prohibit default table 77");
    expect(forbiddingRoute(routes, "2001:db8::1", "blackhole")).toBeNull();
  });

  test("may be rules of routing, for a port and for users", () => {
    const rules = JSON.stringify([
      { priority: 10, src: "all", uid_start: 5, uid_end: 9, action: "prohibit" },
      { priority: 20, src: "all", dport_start: 20, dport_end: 30, action: "prohibit" },
      { priority: 30, src: "all", dport: 587, action: "prohibit" },
    ]);
    expect(forbiddingRule(rules, 4, "prohibit", 587, 1000)?.remove).toBe("sudo ip rule del priority 30");
    expect(forbiddingRule(rules, 6, "prohibit", 587, 7)?.remove).toBe("sudo ip -6 rule del priority 10");
    expect(forbiddingRule(rules, 4, "unreachable", 587, 1000)).toBeNull();
  });
});
