// Nothing at all gets out: no route, a container without a way, or a network that has a proxy for everything.
import type { CauseId } from "../../causes/book.ts";
import type { EvidenceValues } from "../../causes/placeholders.ts";
import type { Text } from "../../providers/provider.ts";
import type { Fault } from "../names/fault.ts";
import { listed } from "../names/words.ts";
import { nowhereSentences, otherSentences, ownSentence, webSentences } from "./evidence.ts";
import { generalBut, noWay, type Situation } from "./situation.ts";

export function cutOff(seen: Situation): Fault {
  const { machine, own, reach } = seen;
  const fault = (
    cause: CauseId,
    detail: Text,
    more: readonly Text[] = [],
    values: EvidenceValues = {},
  ): Fault => ({
    status: "fail",
    cause,
    detail,
    evidence: [
      ...ownSentence(seen),
      ...webSentences(seen),
      ...otherSentences(seen),
      ...nowhereSentences(seen),
      ...routeSentences(seen),
      ...more,
    ],
    explains: generalBut(cause),
    values,
  });
  const proxies = machine?.proxies ?? [];
  if (proxies.length > 0) {
    const names = listed(proxies.map(({ variable }) => variable));
    return fault(
      "tcp.corporate-proxy-only",
      {
        en: "No direct connection gets out, not even to the web, and a proxy is set for programs here",
        zh: "任何直连都无法出去，连网页也不行，而本机为程序设置了代理",
      },
      [{ en: `Set here: ${names.en}.`, zh: `本机设置了 ${names.zh}。` }],
      { found: names },
    );
  }
  if (machine !== null && machine.container !== null)
    return fault("tcp.container-egress", {
      en: "Nothing gets out of this container, not even to the web",
      zh: "这个容器完全没有出口，连网页也无法访问",
    });
  if ((own !== null && noWay.includes(own.code ?? "")) || !hasRoute(reach.routes))
    return fault("tcp.no-route", {
      en: "This machine has no way out: every connection fails, to the web too",
      zh: "本机没有出口：所有连接都失败，网页也不例外",
    });
  if (own !== null && own.code !== "TIMEOUT")
    return fault("tcp.no-route", {
      en: `Every connection fails at once (${own.code}), to the web too: the route or the gateway of this machine is broken`,
      zh: `所有连接都立即失败（${own.code}），网页也不例外：本机的路由或网关有问题`,
    });
  return fault("tcp.timeout-security-group", {
    en: "Nothing gets out, not even to the web: the subnet has no NAT, or its rules allow nothing",
    zh: "完全没有出口，连网页也无法访问：子网没有 NAT，或规则不放行任何流量",
  });
}

function hasRoute({ v4, v6 }: Situation["reach"]["routes"]): boolean {
  return v4 !== false || v6 === true;
}

function routeSentences({ reach }: Situation): readonly Text[] {
  const { v4, v6 } = reach.routes;
  if (v4 === false && v6 !== true) return [{ en: "There is no default route.", zh: "没有默认路由。" }];
  return v4 === true
    ? [
        {
          en: "There is a default route, so packets leave and are lost on the way.",
          zh: "默认路由存在，说明数据包发出后在途中丢失。",
        },
      ]
    : [];
}
