// Whose rule it is, where it stands, and the command that lets mail pass it.
import type { Rule, Source } from "../facts.ts";
import { tokensOf } from "./iptables.ts";
import type { Stop } from "./walk.ts";

/** What the tools that write rules for a person know of them. */
export interface Authors {
  /** Lines of `ufw show added`. */
  readonly ufw: readonly string[];
  /** Lines of `firewall-cmd --direct --get-all-rules`. */
  readonly direct: readonly string[];
}

export interface Passage {
  readonly port: number;
  readonly direction: Rule["direction"];
  /** The user of this process; null where the system has none. */
  readonly user: number | null;
}

/** ufw and firewalld write into the kernel's tables by names of their own. */
export function toolOf({ table, chain, line }: Stop, authors: Authors): Source["tool"] {
  if (/^ufw6?-/.test(chain)) return "ufw";
  if (line === null && table.chains.has(`ufw${table.families[0] === 6 ? "6" : ""}-user-output`)) return "ufw";
  if (isFirewalld(table.name)) return "firewalld";
  if (line !== null && directRule(line.text, table.name, authors) !== null) return "firewalld";
  return table.tool;
}

export function placeOf({ table, chain }: Stop): string {
  return `${table.name} ${chain}`;
}

/** It is put before the rule where the rule may serve other ends; it takes the rule away where only a person wrote it for this. */
export function removeOf(stop: Stop, authors: Authors, passage: Passage): string {
  const tool = toolOf(stop, authors);
  const command =
    tool === "ufw"
      ? ofUfw(stop, authors, passage)
      : tool === "firewalld"
        ? ofFirewalld(stop, authors, passage)
        : null;
  return `sudo ${command ?? ofKernel(stop, passage)}`;
}

function ofUfw({ action, chain, line }: Stop, { ufw }: Authors, { port, direction }: Passage): string | null {
  if (direction === "back") return null;
  if (line === null) return `ufw allow out ${port}/tcp`;
  if (!/^ufw6?-user-/.test(chain)) return null;
  const verb = action === "drop" ? "deny" : action === "reject" ? "reject" : "";
  const [, network] = / -d (\S+?)(?:\/32|\/128)?(?: |$)/.exec(line.text) ?? [];
  const added = ufw.find(
    (rule) =>
      rule.startsWith(`ufw ${verb} out `) &&
      new RegExp(`\\b${port}(?:/tcp)?(?: |$)`).test(rule) &&
      (network === undefined ? !/ to (?!any\b)/.test(rule) : rule.includes(` to ${network} `)),
  );
  return added === undefined ? `ufw insert 1 allow out ${port}/tcp` : added.replace(/^ufw /, "ufw delete ");
}

function ofFirewalld(
  { table, chain, line }: Stop,
  authors: Authors,
  { port, direction }: Passage,
): string | null {
  if (direction === "back") return null;
  const direct = line === null ? null : directRule(line.text, table.name, authors);
  if (direct !== null)
    return `firewall-cmd --permanent --direct --remove-rule ${direct} && sudo firewall-cmd --reload`;
  const [, policy] = /^filter_OUT_policy_(.+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(chain) ?? [];
  if (policy === undefined) return null;
  // Rules with a negative priority come before all that the policy says else (firewalld.richlanguage(5)).
  const rich = `rule priority=-1 port port="${port}" protocol="tcp" accept`;
  return `firewall-cmd --permanent --policy=${policy} --add-rich-rule='${rich}' && sudo firewall-cmd --reload`;
}

function isFirewalld(table: string): boolean {
  return /^(?:inet|ip6?) firewalld$/.test(table);
}

/** The line of firewalld's direct rules that this rule of iptables was made from: `ipv4 filter OUTPUT 0 -p tcp --dport 25 -j DROP`. */
function directRule(text: string, table: string, { direct }: Authors): string | null {
  const wanted = essence(text.replace(/^-A \S+ /, ""));
  const same = direct.find((line) => {
    const [, ofTable, rule] = /^ipv[46] (\S+) \S+ -?\d+ (.+)$/.exec(line) ?? [];
    return ofTable === table && rule !== undefined && essence(rule) === wanted;
  });
  return same ?? null;
}

/** iptables-save names the modules that it loaded by itself, and how a reject answers if nothing else was said. */
function essence(rule: string): string {
  const words = tokensOf(rule);
  const kept = words.filter((word, at) => word !== "-m" && words[at - 1] !== "-m");
  return kept.join(" ").replace(/ --reject-with icmp6?-port-unreachable$/, "");
}

function ofKernel(stop: Stop, { port, direction, user }: Passage): string {
  const { table, entry, line } = stop;
  const only = line?.owner !== undefined && user !== null;
  if (table.tool === "nftables") {
    const owner = only ? `meta skuid ${user} ` : "";
    const what =
      direction === "back" ? "ct state established,related accept" : `${owner}tcp dport ${port} accept`;
    return `nft insert rule ${table.name} ${entry.chain} ${what}`;
  }
  const owner = only ? ` -m owner --uid-owner ${user}` : "";
  const what =
    direction === "back"
      ? "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"
      : `-p tcp --dport ${port}${owner} -j ACCEPT`;
  return `${table.tool}${table.name === "filter" ? "" : ` -t ${table.name}`} -I ${entry.chain} ${what}`;
}
