// Rules as both tools write them come to what a plain walk through them comes to; and no text whatever breaks the parsers.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberOf, spanOf } from "./address.ts";
import { isOfNftables, tablesOfSave, tokensOf } from "./iptables.ts";
import { tablesOfNft, textsOf } from "./nft.ts";
import { anyOf, exactly, type Packet, tcp } from "./packet.ts";
import type { Table } from "./ruleset.ts";
import { stopsOf } from "./walk.ts";

function packetTo(address: string, port: number, more: Partial<Packet["numbers"]> = {}): Packet {
  const { family, value } = numberOf(address) ?? { family: 4, value: 0n };
  return {
    family,
    numbers: {
      protocol: exactly(tcp),
      source: anyOf("source"),
      destination: exactly(value),
      "source-port": { low: 32_768n, high: 60_999n },
      "destination-port": exactly(port),
      user: exactly(1000),
      group: exactly(1000),
      mark: exactly(0),
      flags: exactly(2),
      ...more,
    },
    words: {
      out: "eth0",
      in: "",
      state: "new",
      direction: "original",
      "source-type": "local",
      "destination-type": "unicast",
    },
  };
}

const first = (tables: readonly Table[] | null, packet: Packet) =>
  stopsOf(tables ?? [], ["output", "postrouting"], packet)[0];

/** One rule of a made-up list: what it looks at, and what it does. */
interface Made {
  readonly ports: readonly (readonly [number, number])[];
  readonly notPorts: boolean;
  readonly prefix: readonly [address: number, length: number] | null;
  readonly notPrefix: boolean;
  readonly users: readonly [number, number] | null;
  readonly action: "accept" | "drop" | "reject" | "jump" | "return" | "pass";
}

const port = fc.integer({ min: 20, max: 30 });
const range = fc
  .tuple(port, port)
  .map(([a, b]): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]);
const made: fc.Arbitrary<Made> = fc.record({
  ports: fc.array(range, { maxLength: 3 }),
  notPorts: fc.boolean(),
  prefix: fc.option(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))),
  notPrefix: fc.boolean(),
  users: fc.option(fc.tuple(fc.integer({ min: 990, max: 1005 }), fc.integer({ min: 1006, max: 1010 }))),
  action: fc.constantFrom("accept", "drop", "reject", "jump", "return", "pass"),
});
const list = fc.array(made, { maxLength: 8 });

const applies = (rule: Made, to: number, host: number) => {
  const inPorts =
    rule.ports.length === 0 || rule.ports.some(([low, high]) => to >= low && to <= high) !== rule.notPorts;
  const inUsers = rule.users === null || (1000 >= rule.users[0] && 1000 <= rule.users[1]);
  if (rule.prefix === null) return inPorts && inUsers;
  const [address, length] = rule.prefix;
  const shift = 32 - length;
  return inPorts && inUsers && (host >> shift === address >> shift) !== rule.notPrefix;
};

/** The index of the rule that stops it: of the first list from 0, of the list that a jump leads to from 100. Null when it passes. */
function plainWalk(main: readonly Made[], sub: readonly Made[], to: number, host: number): number | null {
  const through = (rules: readonly Made[], from: number): number | "passes" | "returns" => {
    for (const [at, rule] of rules.entries()) {
      if (!applies(rule, to, host)) continue;
      if (rule.action === "accept") return "passes";
      if (rule.action === "drop" || rule.action === "reject") return from + at;
      if (rule.action === "return") return "returns";
      if (rule.action !== "jump" || from === 100) continue;
      const end = through(sub, 100);
      if (end !== "returns") return end;
    }
    return "returns";
  };
  const end = through(main, 0);
  return typeof end === "number" ? end : null;
}

function asSave(main: readonly Made[], sub: readonly Made[]): string {
  const line = (chain: string, isSub: boolean) => (rule: Made, at: number) => {
    const not = (on: boolean) => (on ? "! " : "");
    const ports = rule.ports.map(([low, high]) => (low === high ? `${low}` : `${low}:${high}`)).join(",");
    return [
      `[0:0] -A ${chain}`,
      rule.prefix === null ? "" : `${not(rule.notPrefix)}-d 192.0.2.${rule.prefix[0]}/${rule.prefix[1]}`,
      "-p tcp",
      rule.ports.length === 0 ? "" : `-m multiport ${not(rule.notPorts)}--dports ${ports}`,
      rule.users === null ? "" : `-m owner --uid-owner ${rule.users[0]}-${rule.users[1]}`,
      `-m comment --comment "rule ${(isSub ? 100 : 0) + at} -j DROP"`,
      {
        accept: "-j ACCEPT",
        drop: "-j DROP",
        reject: "-j REJECT --reject-with tcp-reset",
        jump: isSub ? "" : "-j SUB",
        return: "-j RETURN",
        pass: "-j LOG",
      }[rule.action],
    ]
      .filter((part) => part !== "")
      .join(" ");
  };
  return `*filter\n:OUTPUT ACCEPT [0:0]\n:SUB - [0:0]\n${[...main.map(line("OUTPUT", false)), ...sub.map(line("SUB", true))].join("\n")}\nCOMMIT\n`;
}

function asNft(main: readonly Made[], sub: readonly Made[]): string {
  const match = (left: object, op: string, right: unknown) => ({ match: { op, left, right } });
  const rule = (chain: string, isSub: boolean) => (one: Made, at: number) => ({
    rule: {
      family: "inet",
      table: "t",
      chain,
      handle: (isSub ? 100 : 0) + at,
      expr: [
        ...(one.prefix === null
          ? []
          : [
              match({ payload: { protocol: "ip", field: "daddr" } }, one.notPrefix ? "!=" : "==", {
                prefix: { addr: `192.0.2.${one.prefix[0]}`, len: one.prefix[1] },
              }),
            ]),
        ...(one.ports.length === 0
          ? []
          : [
              match({ payload: { protocol: "tcp", field: "dport" } }, one.notPorts ? "!=" : "==", {
                set: one.ports.map(([low, high]) => (low === high ? low : { range: [low, high] })),
              }),
            ]),
        ...(one.users === null ? [] : [match({ meta: { key: "skuid" } }, "==", { range: [...one.users] })]),
        { counter: { packets: 1, bytes: 60 } },
        {
          accept: { accept: null },
          drop: { drop: null },
          reject: { reject: { type: "tcp reset" } },
          jump: isSub ? { log: null } : { jump: { target: "sub" } },
          return: { return: null },
          pass: { log: null },
        }[one.action],
      ],
    },
  });
  return JSON.stringify({
    nftables: [
      { metainfo: {} },
      { table: { family: "inet", name: "t" } },
      {
        chain: {
          family: "inet",
          table: "t",
          name: "out",
          type: "filter",
          hook: "output",
          prio: 0,
          policy: "accept",
        },
      },
      { chain: { family: "inet", table: "t", name: "sub" } },
      ...main.map(rule("out", false)),
      ...sub.map(rule("sub", true)),
    ],
  });
}

describe("the rule that stops a packet", () => {
  test("is the same for nftables, iptables and a plain walk", () => {
    fc.assert(
      fc.property(list, list, port, fc.integer({ min: 0, max: 255 }), (main, sub, to, host) => {
        const wanted = plainWalk(main, sub, to, host);
        const packet = packetTo(`192.0.2.${host}`, to);
        const ofNft = first(tablesOfNft(asNft(main, sub), new Map()), packet);
        expect(ofNft?.line?.handle ?? null).toBe(wanted);
        const ofSave = first(tablesOfSave(asSave(main, sub), 4, "iptables"), packet);
        expect(ofSave?.line?.text.match(/rule (\d+)/)?.[1] ?? null).toBe(wanted?.toString() ?? null);
        expect(ofNft?.certain ?? true).toBe(true);
        expect(ofSave?.certain ?? true).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("is not told for certain behind a condition that nobody can evaluate", () => {
    fc.assert(
      fc.property(list, port, fc.nat(255), fc.nat(8), (main, to, host, at) => {
        const lines = asSave(main, []).split("\n");
        const doubt = lines.toSpliced(
          3 + Math.min(at, main.length),
          0,
          "[0:0] -A OUTPUT -m string --string x -j ACCEPT",
        );
        const packet = packetTo(`192.0.2.${host}`, to);
        const sure = first(tablesOfSave(lines.join("\n"), 4, "iptables"), packet);
        const doubted = first(tablesOfSave(doubt.join("\n"), 4, "iptables"), packet);
        // The same rule acts, and it is certain only when it comes first.
        expect(doubted?.line?.text).toBe(sure?.line?.text);
        const place = lines.findIndex((line) => sure?.line != null && line.endsWith(sure.line.text));
        if (sure !== undefined) expect(doubted?.certain).toBe(place < 3 + Math.min(at, main.length));
      }),
      { numRuns: 200 },
    );
  });

  test("is never behind one that lets it pass, also where entering the chain is in doubt", () => {
    const save = (rule: string) =>
      `*filter\n:OUTPUT ACCEPT [0:0]\n:MAIL - [0:0]\n-A OUTPUT -m string --string x -j MAIL\n${rule}-A MAIL -p tcp -j ACCEPT\n-A MAIL -j DROP\nCOMMIT\n`;
    expect(stopsOf(tablesOfSave(save(""), 4, "iptables"), ["output"], packetTo("192.0.2.1", 25))).toEqual([]);
    const [stop] = stopsOf(
      tablesOfSave(
        save("-A MAIL -m time --timestart 10:00 -j RETURN\n-A MAIL -p tcp --dport 25 -j REJECT\n"),
        4,
        "iptables",
      ),
      ["output"],
      packetTo("192.0.2.1", 25),
    );
    expect(stop).toMatchObject({ action: "reject", certain: false });
  });

  test("is not told for certain behind a return that nobody can evaluate, and what follows the call is", () => {
    const save =
      "*filter\n:OUTPUT ACCEPT [0:0]\n:MAIL - [0:0]\n-A OUTPUT -j MAIL\n-A OUTPUT -j REJECT\n-A MAIL -m time --timestart 10:00 -j RETURN\n-A MAIL -j DROP\nCOMMIT\n";
    const stops = stopsOf(tablesOfSave(save, 4, "iptables"), ["output"], packetTo("192.0.2.1", 25));
    expect(stops.map(({ action, certain }) => [action, certain])).toEqual([
      ["drop", false],
      ["reject", true],
    ]);
  });

  test("may be a policy, unless something was let pass before", () => {
    const save = (rule: string) => `*filter\n:OUTPUT DROP [7:420]\n${rule}COMMIT\n`;
    const packet = packetTo("192.0.2.1", 465);
    expect(first(tablesOfSave(save(""), 4, "iptables"), packet)).toMatchObject({
      action: "drop",
      line: null,
      certain: true,
      entry: { packets: 7, policyText: "-P OUTPUT DROP" },
    });
    expect(
      first(tablesOfSave(save("-A OUTPUT -p tcp -m tcp --dport 465 -j ACCEPT\n"), 4, "iptables"), packet),
    ).toBeUndefined();
    expect(
      first(tablesOfSave(save("-A OUTPUT -j ACCOUNT --addr 0.0.0.0/0\n"), 4, "iptables"), packet),
    ).toMatchObject({ certain: false });
  });

  test("is found after conntrack has been switched off for it, and not by the nat table then", () => {
    const save =
      "*raw\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -j CT --notrack\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -j REDIRECT --to-ports 2525\nCOMMIT\n*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m conntrack --ctstate NEW -j ACCEPT\n-A OUTPUT -m conntrack --ctstate UNTRACKED -j DROP\nCOMMIT\n";
    expect(first(tablesOfSave(save, 4, "iptables"), packetTo("192.0.2.1", 25))?.line?.text).toBe(
      "-A OUTPUT -m conntrack --ctstate UNTRACKED -j DROP",
    );
  });
});

describe("the parsers", () => {
  test("take any text without breaking", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.json(), (text, json) => {
        const packet = packetTo("192.0.2.1", 25);
        for (const save of [text, `*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT ${text}\nCOMMIT`])
          stopsOf(tablesOfSave(save, 4, "iptables"), ["output"], packet);
        stopsOf(tablesOfNft(json, textsOf(text)) ?? [], ["output"], packet);
        const inside = JSON.stringify({
          nftables: [
            { chain: { family: "ip", table: "t", name: "o", hook: "output" } },
            {
              rule: {
                family: "ip",
                table: "t",
                chain: "o",
                expr: [
                  { match: JSON.parse(json) },
                  { mangle: JSON.parse(json) },
                  { vmap: JSON.parse(json) },
                  JSON.parse(json),
                ],
              },
            },
          ],
        });
        stopsOf(tablesOfNft(inside, new Map()) ?? [], ["output"], packet);
        spanOf(text);
      }),
    );
  });

  test("leave open what nft cannot show of iptables", () => {
    const of = (xt: object) =>
      tablesOfNft(
        JSON.stringify({
          nftables: [
            { chain: { family: "ip", table: "t", name: "o", hook: "output", prio: 0, policy: "drop" } },
            { rule: { family: "ip", table: "t", chain: "o", handle: 1, expr: [{ xt }] } },
          ],
        }),
        new Map(),
      );
    const packet = packetTo("192.0.2.1", 25);
    expect(first(of({ type: "target", name: "SOMETHING" }), packet)?.certain).toBe(false);
    expect(first(of({ type: "match", name: "string" }), packet)?.certain).toBe(true);
  });

  test("know that a connection of ours has no headers between IPv6 and TCP", () => {
    const packet = packetTo("2001:db8::1", 25);
    const save = "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m rt --rt-type 0 -j DROP\nCOMMIT\n";
    expect(stopsOf(tablesOfSave(save, 6, "ip6tables"), ["output"], packet)).toEqual([]);
  });

  test("do not follow chains in circles", () => {
    const save =
      "*filter\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n-A OUTPUT -j A\n-A A -j A\n-A A -j DROP\nCOMMIT\n";
    expect(
      stopsOf(tablesOfSave(save, 4, "iptables"), ["output"], packetTo("192.0.2.1", 25)).some(
        ({ certain }) => certain,
      ),
    ).toBe(false);
  });

  test("read addresses as numbers", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const wanted = new URL(`http://[${address}]`).hostname.slice(1, -1);
        expect(numberOf(address)?.value).toBe(numberOf(wanted)?.value);
      }),
    );
    expect(spanOf("10.0.0.0/255.255.254.0")).toEqual({
      family: 4,
      span: { low: 0x0a000000n, high: 0x0a0001ffn },
    });
    expect(spanOf("10.0.0.0/255.0.255.0")).toBeNull();
    expect(spanOf("::ffff:192.0.2.1")?.span.low).toBe(0xffffc0000201n);
    expect(spanOf("fe80::/10")?.span.high).toBe((0xfebfn << 112n) | ((1n << 112n) - 1n));
  });

  test("tell the back ends of iptables apart, and read quoted words", () => {
    expect(isOfNftables("# Generated by iptables-nft-save v1.8.9 (nf_tables) on Tue\n")).toBe(true);
    expect(isOfNftables("# Generated by ip6tables-save v1.8.9 on Tue\n*filter\n")).toBe(false);
    expect(tokensOf('-m comment --comment "a \\"b\\" -j DROP" -j ACCEPT')).toEqual([
      "-m",
      "comment",
      "--comment",
      'a "b" -j DROP',
      "-j",
      "ACCEPT",
    ]);
  });

  test("put rules that nft writes over several lines together", () => {
    const listing =
      "table ip t { # handle 1\n\tset s { # handle 9\n\t\ttype inet_service\n\t}\n\n\tchain o { # handle 2\n\t\ttype filter hook output priority filter; policy accept;\n\t\ttcp dport { 25, 465,\n\t\t\t     587 } drop # handle 3\n\t\tcounter accept # handle 4\n\t}\n}\n";
    expect([...textsOf(listing)]).toEqual([
      ["ip t o 3", "tcp dport { 25, 465, 587 } drop"],
      ["ip t o 4", "counter accept"],
    ]);
  });
});
