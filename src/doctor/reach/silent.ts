// No answer to a connection: who drops it (the table "Telling the timeouts apart").
import type { CauseId } from "../../causes/book.ts";
import type { EvidenceValues } from "../../causes/placeholders.ts";
import { isHostOfToday } from "../../providers/hosts.ts";
import type { Text } from "../../providers/provider.ts";
import type { Fault } from "../names/fault.ts";
import { isCloudflare } from "./cloudflare.ts";
import { cutOff } from "./cut-off.ts";
import {
  nowhereSentences,
  otherSentences,
  ownSentence,
  platformSentences,
  portSentences,
  providerName,
  spareSentences,
  telnetSentences,
  textOf,
  webSentences,
} from "./evidence.ts";
import { blocks, isPaas } from "./platform.ts";
import { generalBut, isCutOff, isPublic, type Situation } from "./situation.ts";

/** Why nothing comes back. Without controls only the platform and the host's other ports can tell. */
export function silence(seen: Situation): Fault {
  if (!isPublic(seen)) return nobodyThere(seen);
  if (isCutOff(seen)) return cutOff(seen);
  if (seen.others === true) return onlyThisHost(seen);
  return isCutOff(seen) === null && seen.others === null ? unproven(seen) : onlyThisPort(seen);
}

function fault(
  seen: Situation,
  cause: CauseId,
  detail: Text,
  more: readonly Text[] = [],
  values: EvidenceValues = {},
): Fault {
  return {
    status: "fail",
    cause,
    detail,
    evidence: [
      ...ownSentence(seen),
      ...portSentences(seen),
      ...otherSentences(seen),
      ...spareSentences(seen),
      ...webSentences(seen),
      ...nowhereSentences(seen),
      ...more,
      ...telnetSentences(seen),
    ],
    explains: generalBut(cause),
    values: { ...valuesOf(seen), ...values },
  };
}

export function valuesOf(seen: Situation): EvidenceValues {
  const { platform, open, port } = seen;
  const usable = open.filter((one) => one !== port);
  const blocked = blockedOnes(seen);
  return {
    ...(platform === null ? {} : { platform: textOf(platform.name), unblock: platform.unblock }),
    ...(blocked.length === 0 ? {} : { blockedPorts: blocked.join(", ") }),
    ...(usable.length === 0 ? {} : { openPorts: usable.join(", ") }),
  };
}

/** A provider that does not listen on a port may be silent there too: a known platform is blamed for its own only. */
function blockedOnes({ silent, port, platform }: Situation): readonly number[] {
  return platform !== null && blocks(platform, port) ? silent.filter((one) => blocks(platform, one)) : silent;
}

/** Others take connections on this very port. */
function onlyThisHost(seen: Situation): Fault {
  const { host, port, own, open, web, reach, facts } = seen;
  const name = providerName(seen);
  if (open.length === 1 && open[0] === 25 && port !== 25 && !isHostOfToday(host))
    return fault(seen, "config.host-exists-but-wrong-role", {
      en: `${host} takes connections on port 25 only: it receives mail for others and is not for handing in`,
      zh: `${host} 只开放 25 端口：它用来接收邮件，不是提交邮件的主机`,
    });
  if (open.length > 0)
    return fault(seen, "tcp.timeout", {
      en: `${host} answers on ${open.join(", ")} and not on ${port}`,
      zh: `${host} 在 ${open.join("、")} 端口有应答，在 ${port} 端口没有`,
    });
  if (own !== null && isCloudflare(own.address))
    return fault(
      seen,
      "tcp.mail-host-behind-web-proxy",
      {
        en: `${host} leads to ${own.address}, which is Cloudflare's: only ports of the web are passed on`,
        zh: `${host} 指向 Cloudflare 的地址 ${own.address}：它只转发网页端口`,
      },
      [],
      { found: "Cloudflare" },
    );
  // A host that refuses port 443 is alive all the same.
  const isAlive = web === true || reach.controls.web.some(({ code }) => code === "ECONNREFUSED");
  if (facts.setting.provider !== null || isAlive)
    return fault(
      seen,
      "tcp.timeout-provider-drops-your-ip",
      {
        en: `${name.en} does not answer this machine on any port for mail, while others do`,
        zh: `${name.zh} 的所有邮件端口都不应答本机，而其他服务商正常`,
      },
      isAlive || web === null
        ? []
        : [
            {
              en: `Its site does not answer either: it may be the network between that keeps ${name.en} out.`,
              zh: `其网站也没有应答：可能是中间的网络屏蔽了${name.zh}。`,
            },
          ],
    );
  return nobodyThere(seen);
}

function nobodyThere(seen: Situation): Fault {
  const { host, own } = seen;
  return fault(seen, "tcp.timeout", {
    en: `Nothing answers at ${own?.address ?? host}: it is down, its address has changed, or a rule on the way drops the connection`,
    zh: `${own?.address ?? host} 没有任何应答：可能已停机、地址已变更，或者途中的规则丢弃了连接`,
  });
}

/** The same port is silent at others too: somebody near drops it. */
function onlyThisPort(seen: Situation): Fault {
  const { port, open, silent, platform, machine, spare } = seen;
  const ports = blockedOnes(seen).join(", ");
  const chinese = blockedOnes(seen).join("、");
  const known = platformSentences(seen);
  if (platform !== null && blocks(platform, port)) {
    const name = textOf(platform.name);
    return fault(
      seen,
      isPaas(platform) ? "tcp.paas-plan-block" : "tcp.timeout-cloud-egress-block",
      {
        en: `${name.en} blocks outgoing connections to port ${ports}`,
        zh: `${name.zh} 封禁了到端口 ${chinese} 的出站连接`,
      },
      known,
    );
  }
  const through = open.length > 0 || spare === true;
  if (machine?.container === "kubernetes" && !open.some((one) => one !== 25))
    return fault(
      seen,
      "tcp.kubernetes-networkpolicy",
      {
        en: "From this pod the web can be reached, and no port for mail",
        zh: "从这个 Pod 可以访问网页，但所有邮件端口都不通",
      },
      known,
    );
  const only25 = port === 25 && !silent.includes(465) && !silent.includes(587);
  if (platform === null && only25 && through)
    return fault(
      seen,
      "tcp.isp-block",
      {
        en: "Port 25 stays silent everywhere, and no cloud was recognised: internet providers of homes and offices block it",
        zh: "25 端口到处都没有应答，且未识别出云平台：家庭和办公宽带运营商通常封禁该端口",
      },
      [],
      { blockedPorts: "25" },
    );
  if (through && (platform === null || port === 25))
    return fault(
      seen,
      "tcp.timeout-cloud-egress-block",
      {
        en: `Outgoing connections to port ${ports} are dropped, other ports pass: hosting companies block mail in this way`,
        zh: `到端口 ${chinese} 的出站连接被丢弃，其他端口可以通过：主机服务商就是这样封禁邮件的`,
      },
      [...known, ...hints(seen)],
    );
  return fault(
    seen,
    "tcp.timeout-security-group",
    {
      en: "The web can be reached, and no port for mail: only listed ports may go out",
      zh: "可以访问网页，但所有邮件端口都不通：只有列入白名单的端口可以出站",
    },
    known,
  );
}

/** Which hosting companies are known for the pattern, where the machine does not tell where it runs. */
function hints({ silent, open, platform }: Situation): readonly Text[] {
  if (platform !== null) return [];
  const pattern = [25, 465, 587].filter((port) => silent.includes(port)).join();
  if (pattern === "25,465" && open.includes(587))
    return [
      {
        en: "25 and 465 blocked with 587 open is how Hetzner and Zerops do it by default.",
        zh: "封 25 和 465、放行 587，是 Hetzner 和 Zerops 的默认做法。",
      },
    ];
  return pattern === "25,465,587"
    ? [
        {
          en: "25, 465 and 587 blocked is how DigitalOcean, Linode, Scaleway, and the free plans of Render and Railway do it.",
          zh: "同时封 25、465、587，是 DigitalOcean、Linode、Scaleway 以及 Render、Railway 免费套餐的做法。",
        },
      ]
    : [];
}

/** No control was allowed or had time: what is known of the platform, else no more than what was seen. */
function unproven(seen: Situation): Fault {
  const { platform, port } = seen;
  return platform !== null && blocks(platform, port) ? onlyThisPort(seen) : nobodyThere(seen);
}
