// Tools, places and missing permissions in a person's words.
import type { Text } from "../../providers/provider.ts";
import type { FirewallFacts, Rule, Source } from "../facts.ts";

const names: Readonly<Record<Source["tool"], string>> = {
  nftables: "nftables",
  iptables: "iptables",
  "iptables-legacy": "iptables-legacy",
  ip6tables: "ip6tables",
  "ip6tables-legacy": "ip6tables-legacy",
  ufw: "ufw",
  firewalld: "firewalld",
  routes: "ip route",
};

export function nameOfTool(tool: Source["tool"]): string {
  return names[tool];
}

/** `nftables, table inet filter, chain output`. */
export function placeWords({ tool, place }: Rule): Text {
  const name = nameOfTool(tool);
  if (tool === "routes") return { en: `${name}, ${place}`, zh: `${name}，${place}` };
  const at = place.lastIndexOf(" ");
  const table = place.slice(0, at);
  const chain = place.slice(at + 1);
  return { en: `${name}, table ${table}, chain ${chain}`, zh: `${name}，表 ${table}，链 ${chain}` };
}

/** Whether the rules of any firewall could be read; routes are none. */
export function hasRead({ sources }: FirewallFacts): boolean {
  return sources.some(({ tool, state }) => tool !== "routes" && state === "read");
}

/** What could not be read for lack of permission, and how a person with permission reads it; null when nothing was denied. */
export function deniedWords({ sources }: FirewallFacts): {
  readonly detail: Text;
  readonly sentence: Text;
  readonly command: string;
} | null {
  const denied = sources.filter(({ state }) => state === "denied");
  if (denied.length === 0) return null;
  const tools = denied.map(({ tool }) => nameOfTool(tool));
  const command = [...new Set(denied.map((source) => source.command))].join("; ");
  return {
    command,
    detail: {
      en: `not read for lack of permission: ${tools.join(", ")}; to see them, run: ${command}`,
      zh: `因权限不足未能读取：${tools.join("、")}；查看命令：${command}`,
    },
    sentence: {
      en: `Without permission the rules of ${tools.join(", ")} could not be read. To see them, run: ${command}`,
      zh: `因权限不足，无法读取 ${tools.join("、")} 的规则。请运行以下命令查看：${command}`,
    },
  };
}
