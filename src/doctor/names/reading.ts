// What the names come to: why a host has no address or a wrong one, and which name server is at fault.
import type { NameFacts } from "../facts.ts";
import type { Finding, Reading } from "../finding.ts";
import { outcome } from "./course.ts";
import { noAddress } from "./missing.ts";
import { readServers } from "./server-reading.ts";
import { listed } from "./words.ts";
import { wrongAddress } from "./wrong.ts";

/** One finding for the name, with the cause where there is one, and one for the name servers while the name is found. */
export const readNames: Reading = (facts) => {
  const { seen, ms } = facts.names;
  if (seen === null) return facts.names.why === "cut" ? [cut(ms)] : [];
  if (seen.literal) return [literal(seen)];
  const found = seen.system.addresses.length > 0;
  const fault = found ? wrongAddress(facts, seen) : noAddress(facts, seen);
  if (fault === null) return [fine(seen), ...readServers(seen)];
  // Where there is a proxy, the name is the proxy's: what the book says of the mail server's would be untrue.
  const blamed: Pick<Finding, "layer" | "cause"> =
    facts.setting.proxy !== null && fault.status === "fail"
      ? { layer: "proxy", cause: "proxy.unreachable" }
      : { layer: fault.cause.startsWith("config.") ? "config" : "dns", cause: fault.cause };
  const { cause: _cause, ...told } = fault;
  const finding: Finding = { probe: "names", ms: seen.system.ms, ...told, ...blamed };
  return found && outcome(facts) === "arrived" ? [finding, ...readServers(seen)] : [finding];
};

function cut(ms: number): Finding {
  const detail = {
    en: "The time was over before the name had been looked up",
    zh: "时间用尽，没有来得及查询域名",
  };
  return { probe: "names", layer: "dns", status: "skipped", ms, detail };
}

const well = { probe: "names", layer: "dns", status: "ok" } as const;

function literal({ host }: NameFacts): Finding {
  const detail = {
    en: `${host} is an address; there is no name to look up`,
    zh: `${host} 本身就是地址，无需解析`,
  };
  return { ...well, ms: 0, detail };
}

function fine({ host, system, hosts }: NameFacts): Finding {
  const base = { ...well, ms: system.ms };
  const addresses = listed(system.addresses.map(({ address }) => address));
  const line = hosts.find(({ address }) => system.addresses.some((one) => one.address === address));
  if (line === undefined)
    return { ...base, detail: { en: `${host} is ${addresses.en}`, zh: `${host} 解析为 ${addresses.zh}` } };
  return {
    ...base,
    detail: {
      en: `${host} is ${addresses.en}, by line ${line.line} of the hosts file`,
      zh: `${host} 解析为 ${addresses.zh}，来自 hosts 文件第 ${line.line} 行`,
    },
  };
}
