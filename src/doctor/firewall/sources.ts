// Asks the programs that show rules, side by side, and says what came of each.
import type { Family, Source } from "../facts.ts";
import type { Ran, Surroundings } from "../surroundings.ts";
import { isOfNftables, tablesOfSave } from "./iptables.ts";
import { tablesOfNft, textsOf } from "./nft.ts";
import type { Authors } from "./remedy.ts";
import type { Table } from "./ruleset.ts";

/** For each program; rules of a host with thousands of containers are shown in well under a second. Milliseconds. */
export const mostTime = 2_000;

export interface Shown {
  readonly sources: readonly Source[];
  readonly tables: readonly Table[];
  readonly authors: Authors;
}

/** The tables of all back ends that are in use. */
export async function showRules(surroundings: Surroundings): Promise<Shown> {
  const run = (program: string, ...args: readonly string[]) => surroundings.run(program, args, mostTime);
  const command = await commands(surroundings);
  const [nft, texts, v4, v4Legacy, v6, v6Legacy] = await Promise.all([
    run("nft", "-j", "list", "ruleset"),
    run("nft", "-s", "-a", "list", "ruleset"),
    run("iptables-save", "-c"),
    run("iptables-legacy-save", "-c"),
    run("ip6tables-save", "-c"),
    run("ip6tables-legacy-save", "-c"),
  ]);
  const ofNft = nft.state === "read" ? tablesOfNft(nft.stdout, textsOf(texts.stdout)) : [];
  const saves = [...savesOf(4, v4, v4Legacy), ...savesOf(6, v6, v6Legacy)];
  const ofIptables = saves.flatMap(({ tool, family, ran }) => tablesOfSave(ran.stdout, family, tool));
  const tables = [...ofIptables, ...(ofNft ?? []).filter((table) => !isShownBy(ofIptables, table))];
  const authors = await authorsOf(surroundings, tables);
  const sources: readonly Source[] = [
    ofNft === null
      ? { tool: "nftables", command: command("nft list ruleset"), state: "failed", message: "no JSON" }
      : sourceOf("nftables", command("nft list ruleset"), nft),
    ...saves.map(({ tool, ran, program }) => sourceOf(tool, command(`${program} -c`), ran)),
    ...authors.sources,
  ];
  return { sources, tables, authors };
}

interface Save {
  readonly tool: Source["tool"];
  readonly family: Family;
  readonly program: string;
  readonly ran: Ran;
}

/** `iptables-save` shows the one back end or the other, as the distribution chose; its legacy twin is not always there. */
function savesOf(family: Family, usual: Ran, legacy: Ran): readonly Save[] {
  const name = family === 4 ? "iptables" : "ip6tables";
  const ofLegacy: Save = { tool: `${name}-legacy`, family, program: `${name}-legacy-save`, ran: legacy };
  if (isOfNftables(usual.stdout) || usual.stdout.trim() === "" || legacy.state === "absent") {
    const tool =
      usual.stdout.trim() === "" || isOfNftables(usual.stdout) ? name : (`${name}-legacy` as const);
    return [
      { tool, family, program: `${name}-save`, ran: usual },
      ...(legacy.state === "absent" ? [] : [ofLegacy]),
    ];
  }
  return [ofLegacy];
}

/** iptables keeps its tables in nftables; there nft shows them too, but with some conditions left out. */
function isShownBy(ofIptables: readonly Table[], { name }: Table): boolean {
  return ofIptables.some(
    ({ tool, name: other, families }) =>
      !tool.endsWith("-legacy") && name === `${families[0] === 4 ? "ip" : "ip6"} ${other}`,
  );
}

/** Who wrote rules here by a tool of their own; that tool is only asked when its rules are there. */
async function authorsOf(
  surroundings: Surroundings,
  tables: readonly Table[],
): Promise<Authors & { readonly sources: readonly Source[] }> {
  const linesOf = ({ state, stdout }: Ran) =>
    state === "read" ? stdout.split("\n").map((line) => line.trim()) : [];
  const has = (name: RegExp) =>
    tables.some(({ chains }) => [...chains.keys()].some((chain) => name.test(chain)));
  const sources: Source[] = [];
  let ufw: readonly string[] = [];
  let direct: readonly string[] = [];
  if (has(/^ufw6?-/)) {
    const ran = await surroundings.run("ufw", ["show", "added"], mostTime);
    sources.push(sourceOf("ufw", "sudo ufw show added", ran));
    ufw = linesOf(ran);
  } else if (/^ENABLED=yes/m.test((await surroundings.read("/etc/ufw/ufw.conf")) ?? "")) {
    sources.push({ tool: "ufw", command: "sudo ufw status verbose", state: "denied" });
  }
  if (tables.some(({ name }) => /^(?:inet|ip6?) firewalld$/.test(name)) || has(/^OUTPUT_direct$/)) {
    const ran = await surroundings.run("firewall-cmd", ["--direct", "--get-all-rules"], mostTime);
    sources.push(sourceOf("firewalld", "sudo firewall-cmd --direct --get-all-rules", ran));
    direct = linesOf(ran);
  }
  return { ufw, direct, sources };
}

export function sourceOf(tool: Source["tool"], command: string, { state, stderr }: Ran): Source {
  const said = stderr.trim().split("\n").slice(0, 2).join(" ").slice(0, 200);
  return { tool, command, state, ...(state === "failed" && said !== "" ? { message: said } : {}) };
}

/**
 * How a person with permission runs it. In a container of Docker nobody has it, root included; from the host its network
 * is entered by the process id that Docker knows. A container's usual host name is its id.
 */
async function commands({ read }: Surroundings): Promise<(command: string) => string> {
  if ((await read("/.dockerenv")) === null) return (command) => `sudo ${command}`;
  const name = (await read("/etc/hostname"))?.trim() ?? "";
  const container = /^[\da-f]{12}$/.test(name) ? name : "CONTAINER";
  return (command) => `sudo nsenter -t $(docker inspect -f '{{.State.Pid}}' ${container}) -n ${command}`;
}
