// What `nft -j list ruleset` prints (libnftables-json(5)), as tables.
import type { Family } from "../facts.ts";
import { isRecord, type Json, type JsonRecord, listOf, numberIn, parsed, textIn } from "./json.ts";
import { linesOf } from "./nft-rule.ts";
import type { Chain, Entry, Hook, Line, Table } from "./ruleset.ts";

/** A place that rules look things up in. */
export interface NamedSet {
  readonly elements: readonly Json[];
}

export interface Names {
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly counters: ReadonlyMap<string, number>;
}

const families: Readonly<Record<string, readonly Family[]>> = {
  ip: [4],
  ip6: [6],
  inet: [4, 6],
  netdev: [4, 6],
};

const hooks: readonly string[] = ["output", "postrouting", "egress", "ingress", "prerouting", "input"];

/** nft names the usual priorities when it is not asked for numbers. */
const priorities: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

interface Draft {
  readonly family: string;
  readonly name: string;
  readonly chains: Map<string, Line[]>;
  readonly entries: Entry[];
  readonly sets: Map<string, NamedSet>;
  readonly counters: Map<string, number>;
  readonly rules: JsonRecord[];
}

/**
 * The tables of IPv4 and IPv6 in it; bridges and ARP carry no connection of ours. Null when it is no such output.
 * `texts` has each rule as nft writes it, by `textKey`.
 */
export function tablesOfNft(output: string, texts: ReadonlyMap<string, string>): readonly Table[] | null {
  const items = itemsOf(output);
  if (items === null) return null;
  const drafts = new Map<string, Draft>();
  for (const [kind, item] of items) take(drafts, kind, item);
  return [...drafts.values()].map((draft) => tableOf(draft, texts));
}

function itemsOf(output: string): readonly (readonly [string, JsonRecord])[] | null {
  const all = parsed(output);
  if (!isRecord(all) || !Array.isArray(all.nftables)) return null;
  return listOf(all.nftables).flatMap((item) =>
    isRecord(item)
      ? Object.entries(item).flatMap(([kind, of]) => (isRecord(of) ? [[kind, of] as const] : []))
      : [],
  );
}

function take(drafts: Map<string, Draft>, kind: string, item: JsonRecord): void {
  const family = textIn(item.family);
  if (families[family] === undefined) return;
  const named = textIn(item.name);
  const table = kind === "table" ? named : textIn(item.table);
  const key = `${family} ${table}`;
  const draft: Draft = drafts.get(key) ?? {
    family,
    name: table,
    chains: new Map(),
    entries: [],
    sets: new Map(),
    counters: new Map(),
    rules: [],
  };
  drafts.set(key, draft);
  if (kind === "chain") addChain(draft, named, item);
  else if (kind === "set" || kind === "map") draft.sets.set(named, { elements: listOf(item.elem) });
  else if (kind === "counter") draft.counters.set(named, numberIn(item.packets) ?? 0);
  else if (kind === "rule") draft.rules.push(item);
}

function addChain(draft: Draft, name: string, item: JsonRecord): void {
  draft.chains.set(name, []);
  const hook = hooks.find((known): known is Hook => known === item.hook);
  if (hook === undefined) return;
  const prio = typeof item.prio === "string" ? (priorities[item.prio] ?? 0) : (numberIn(item.prio) ?? 0);
  const devices = typeof item.dev === "string" ? [item.dev] : listOf(item.dev).map(textIn);
  const entry = {
    hook,
    priority: prio,
    nat: item.type === "nat",
    chain: name,
    policy: item.policy === "drop" ? "drop" : "accept",
    policyText: `policy ${textIn(item.policy) || "accept"}`,
    packets: null,
  } as const;
  if (devices.length === 0) draft.entries.push({ ...entry, device: null });
  for (const device of devices) draft.entries.push({ ...entry, device });
}

function tableOf(draft: Draft, texts: ReadonlyMap<string, string>): Table {
  const { family, name, chains, entries } = draft;
  for (const rule of draft.rules) {
    const chain = textIn(rule.chain);
    const handle = numberIn(rule.handle);
    const text = handle === null ? undefined : texts.get(textKey(family, name, chain, handle));
    const lines = linesOf(listOf(rule.expr), text ?? JSON.stringify(rule.expr), handle, draft);
    chains.set(chain, [...(chains.get(chain) ?? []), ...lines]);
  }
  return {
    tool: "nftables",
    name: `${family} ${name}`,
    families: families[family] ?? [],
    chains: new Map([...chains].map(([chain, lines]): [string, Chain] => [chain, { name: chain, lines }])),
    entries,
  };
}

/** What `textsOf` knows a rule by. */
export function textKey(family: string, table: string, chain: string, handle: number): string {
  return `${family} ${table} ${chain} ${handle}`;
}

/** Each rule as `nft -s -a list ruleset` writes it, on one line and without its handle. */
export function textsOf(listing: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let table = "";
  let chain = "";
  let begun = "";
  for (const line of listing.split("\n")) {
    const [, ofTable] = /^table (\S+ \S+) \{/.exec(line) ?? [];
    const [, ofChain] = /^\tchain (\S+) \{/.exec(line) ?? [];
    if (ofTable !== undefined) table = ofTable;
    else if (ofChain !== undefined) chain = ofChain;
    else if (/^\t\}/.test(line)) chain = "";
    else if (chain !== "" && !/^\t\t(?:type \S+ hook |policy |comment ")/.test(line)) {
      const whole = begun === "" ? line.trim() : `${begun} ${line.trim()}`;
      const [, text, handle] = /^(.*) # handle (\d+)$/.exec(whole) ?? [];
      // A long set goes over several lines; the handle ends the rule.
      begun = handle === undefined ? whole : "";
      if (text !== undefined && handle !== undefined) texts.set(`${table} ${chain} ${handle}`, text);
    }
  }
  return texts;
}
