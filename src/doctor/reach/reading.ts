// What the knocks come to: reached, refused, dropped, or taken by somebody else; and by whom.
import type { Facts, ReachFacts } from "../facts.ts";
import type { Finding, Reading } from "../finding.ts";
import { ended } from "./evidence.ts";
import { refusal } from "./refused.ts";
import { silence } from "./silent.ts";
import { situationOf } from "./situation.ts";
import { type Shortcoming, shortcomings, standing } from "./standing.ts";

/** The routes, the own port with at most one failing cause, and what is only not well. */
export const readReach: Reading = (facts) => {
  const { seen: reach, ms } = facts.reach;
  if (reach === null) return facts.reach.why === "cut" ? [cut(ms)] : [];
  if (facts.setting.proxy !== null) return proxyFindings(facts, reach);
  const seen = situationOf(facts, reach);
  if (seen.own === null) return [routes(reach)];
  const time = Math.max(...reach.own.map((one) => one.ms));
  const stands = seen.own.code === null;
  if (!stands && facts.walk.seen?.peer) {
    // The dialogue got through where the knock did not: a line that loses packets, and no block.
    const detail = {
      en: `${seen.host}:${seen.port} connected at one try and not at another`,
      zh: `${seen.host}:${seen.port} 时通时断`,
    };
    return [routes(reach), { probe: "ports", layer: "tcp", status: "ok", ms: time, detail }];
  }
  if (!stands) {
    const fault = seen.own.code === "TIMEOUT" ? silence(seen) : refusal(seen, seen.own);
    return [routes(reach), finding(fault, time)];
  }
  const faults = shortcomings(seen).map((fault) => finding(fault, time));
  const good: Finding = { probe: "ports", layer: "tcp", status: "ok", ms: time, ...standing(seen) };
  return [routes(reach), ...(faults.some(({ status }) => status === "fail") ? [] : [good]), ...faults];
};

function finding(fault: Shortcoming, ms: number): Finding {
  const isSetting = fault.cause?.startsWith("config.") === true;
  const probe = fault.cause === "tcp.transparent-smtp-proxy" ? "controls" : "ports";
  return { probe, layer: isSetting ? "config" : "tcp", ms, ...fault };
}

function cut(ms: number): Finding {
  const detail = {
    en: "The time was over before any port had been tried",
    zh: "时间用尽，没有来得及尝试任何端口",
  };
  return { probe: "ports", layer: "tcp", status: "skipped", ms, detail };
}

function routes({ routes: { v4, v6 } }: ReachFacts): Finding {
  const base = { probe: "routes", layer: "tcp", ms: 0 } as const;
  if (v4 === null && v6 === null)
    return {
      ...base,
      status: "skipped",
      detail: { en: "The routes cannot be read on this system", zh: "无法在该系统上读取路由" },
    };
  const has = [...(v4 ? ["IPv4"] : []), ...(v6 ? ["IPv6"] : [])];
  return {
    ...base,
    status: "ok",
    detail:
      has.length === 0
        ? { en: "There is no default route", zh: "没有默认路由" }
        : {
            en: `There is a default route for ${has.join(" and ")}`,
            zh: `有 ${has.join(" 和 ")} 的默认路由`,
          },
  };
}

/** Whatever the provider's own ports are like, the way goes through the proxy. */
function proxyFindings({ setting: { proxy }, walk }: Facts, reach: ReachFacts): readonly Finding[] {
  const [best] = reach.own.toSorted((one, other) => Number(one.code !== null) - Number(other.code !== null));
  if (best === undefined || proxy === null) return [routes(reach)];
  const how = ended(best);
  const name = `${proxy.host}:${proxy.port}`;
  const base = { probe: "ports", layer: "proxy", ms: best.ms } as const;
  const detail = {
    en: `The proxy ${name} (${best.address}) ${how.en}`,
    zh: `代理 ${name}（${best.address}）${how.zh}`,
  };
  return [
    routes(reach),
    best.code === null || walk.seen?.result.ok
      ? { ...base, status: "ok", detail }
      : { ...base, status: "fail", cause: "proxy.unreachable", detail },
  ];
}
