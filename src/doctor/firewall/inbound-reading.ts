// The rule that opens a port of mail for incoming connections: harmless, and no help for sending.
import type { Facts, FirewallFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Attempt } from "./acting.ts";
import { nameOfTool } from "./words.ts";

/** Only where sending does fail; a machine that receives mail opens these ports for good reason. */
export function inboundFinding(
  { setting }: Facts,
  { inbound }: FirewallFacts,
  tried: readonly Attempt[],
): readonly Finding[] {
  const { port } = setting.endpoint;
  const isSilent = tried.length > 0 && tried.every(({ code }) => code === "TIMEOUT" || code === "ETIMEDOUT");
  const rule = inbound.find(({ ports }) => ports.includes(port));
  if (!isSilent || rule === undefined) return [];
  const tool = nameOfTool(rule.tool);
  return [
    {
      probe: "firewall",
      layer: "config",
      status: "warn",
      ms: 0,
      cause: "config.inbound-rule-for-outbound-problem",
      detail: {
        en: `A rule of ${tool} opens port ${port} for incoming connections, and sending needs none: ${rule.text}`,
        zh: `${tool} 中有一条规则放行了端口 ${port} 的入站连接，而发信用的是出站连接：${rule.text}`,
      },
      evidence: [
        {
          en: `The rule stands in ${rule.place}, which only packets coming in pass. It may stay or go; for sending it makes no difference.`,
          zh: `该规则位于 ${rule.place}，只有入站数据包才会经过。保留或删除它对发信都没有影响。`,
        },
      ],
      values: { rule: rule.text, place: `${tool}, ${rule.place}` },
    },
  ];
}
