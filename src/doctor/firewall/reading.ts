// Which rule of this machine stops the connection, when one does.
import type { CauseId } from "../../causes/book.ts";
import type { Text } from "../../providers/provider.ts";
import type { Facts, FirewallFacts, Rule } from "../facts.ts";
import type { Finding, Reading } from "../finding.ts";
import { onHost } from "../machine/reading.ts";
import { type Attempt, actingRule, attempts } from "./acting.ts";
import { inboundFinding } from "./inbound-reading.ts";
import { deniedWords, hasRead, nameOfTool, placeWords } from "./words.ts";

const base = { probe: "firewall", layer: "tcp" } as const;

export const readFirewall: Reading = (facts) => {
  const { seen, ms } = facts.firewall;
  if (seen === null) return facts.firewall.why === "cut" ? [cut(ms)] : [];
  // The setting's own port is the proxy's to reach.
  if (facts.setting.proxy !== null) return [];
  const tried = attempts(facts);
  const rule = actingRule(facts, seen, tried);
  const verdict = rule === null ? passing(facts, seen, tried, ms) : stopped(facts, rule, tried, ms);
  return [verdict, ...inboundFinding(facts, seen, tried)];
};

function cut(ms: number): Finding {
  const detail = {
    en: "The time was over before the rules of this machine had been read",
    zh: "时间用尽，没有来得及读取本机的防火墙规则",
  };
  return { ...base, ms, status: "skipped", detail };
}

const causes: Readonly<Record<Rule["action"], CauseId>> = {
  drop: "tcp.timeout-local-drop",
  reject: "tcp.refused-by-local-rule",
  redirect: "tcp.transparent-smtp-proxy",
};

/** What the effects of such a rule look like to those who cannot see the rules. */
const explained: Readonly<Record<Rule["action"], readonly CauseId[]>> = {
  drop: [
    "tcp.timeout",
    "tcp.timeout-cloud-egress-block",
    "tcp.timeout-security-group",
    "tcp.timeout-provider-drops-your-ip",
    "tcp.isp-block",
    "tcp.paas-plan-block",
    "tcp.container-egress",
    "tcp.kubernetes-networkpolicy",
    "tcp.corporate-proxy-only",
    "tcp.mail-host-behind-web-proxy",
    "tcp.broken-ipv6",
    "tcp.no-route",
    "tcp.failed",
  ],
  reject: [
    "tcp.refused-by-server",
    "tcp.admin-prohibited",
    "tcp.no-route",
    "tcp.container-egress",
    "tcp.broken-ipv6",
    "tcp.reset",
    "tcp.failed",
    "dns.ipv6-only-answer-no-route",
  ],
  redirect: [
    "tcp.refused-by-server",
    "tcp.timeout",
    "tcp.failed",
    "banner.not-the-expected-provider",
    "banner.other-protocol",
    "banner.http-server",
    "banner.silent-server",
    "banner.554-refused",
    "banner.closed-without-greeting",
    "ehlo.starttls-missing",
    "ehlo.starttls-stripped-xxxxxxxa",
    "ehlo.starttls-refused",
    "config.tls-on-starttls-port",
    "config.plain-on-implicit-tls-port",
    "cert.hostname-mismatch",
    "cert.self-signed-leaf",
    "cert.self-signed-in-chain",
    "cert.unknown-root",
    "cert.corporate-inspection",
    "cert.not-trusted",
  ],
};

const does: Readonly<Record<Rule["action"], Text>> = {
  drop: { en: "drops", zh: "丢弃了" },
  reject: { en: "rejects", zh: "拒绝了" },
  redirect: { en: "redirects", zh: "重定向了" },
};

function stopped(facts: Facts, rule: Rule, tried: readonly Attempt[], ms: number): Finding {
  const { port } = facts.setting.endpoint;
  const place = placeWords(rule);
  const owner = rule.owner === undefined ? "" : ` (${rule.owner})`;
  const isFree = tried.some(({ code }) => code === null);
  const works = facts.walk.seen?.result.ok === true || (isFree && rule.action !== "redirect");
  const what = rule.action;
  return {
    ...base,
    ms,
    status: works ? "warn" : "fail",
    cause: causes[what],
    detail:
      rule.direction === "back"
        ? {
            en: `A rule of this machine drops the server's answers: ${rule.text} (${place.en})`,
            zh: `本机的一条规则丢弃了服务器的应答：${rule.text}（${place.zh}）`,
          }
        : {
            en: `A rule of this machine ${does[what].en} connections to port ${port}: ${rule.text} (${place.en})${owner}`,
            zh: `本机的一条规则${does[what].zh}到端口 ${port} 的连接：${rule.text}（${place.zh}）${owner}`,
          },
    evidence: evidenceOf(rule, tried, port),
    explains: explained[what],
    values: { rule: rule.text, place, command: rule.remove },
  };
}

function evidenceOf(rule: Rule, tried: readonly Attempt[], port: number): readonly Text[] {
  const place = placeWords(rule);
  const hit = tried.find(({ address }) => address === null || rule.addresses.includes(address));
  const end = hit?.code ?? null;
  return [
    {
      en: `The rules were followed as the kernel follows them: no rule before it lets a connection to port ${port} pass. It is a rule of ${nameOfTool(rule.tool)}, ${place.en}.`,
      zh: `已按内核的顺序逐条检查规则：在它之前没有规则放行到端口 ${port} 的连接。该规则属于 ${nameOfTool(rule.tool)}，${place.zh}。`,
    },
    ...(end === null
      ? []
      : [
          {
            en: `The connection ended as such a rule ends it (${end === "TIMEOUT" ? "no answer" : end}).`,
            zh: `连接的结果与该规则的效果一致（${end === "TIMEOUT" ? "没有应答" : end}）。`,
          },
        ]),
    ...(rule.packets === null || rule.packets === 0
      ? []
      : [
          {
            en: `Its counter stands at ${rule.packets} ${rule.packets === 1 ? "packet" : "packets"}.`,
            zh: `它的计数器显示已匹配 ${rule.packets} 个数据包。`,
          },
        ]),
  ];
}

/** No rule that surely stops the connection: what is known then, and what could not be read. */
function passing(facts: Facts, seen: FirewallFacts, tried: readonly Attempt[], ms: number): Finding {
  const { port } = facts.setting.endpoint;
  const failed = tried.length > 0 && tried.every(({ code }) => code !== null);
  const denied = deniedWords(seen);
  const doubtful = seen.rules.find((rule) => rule.ports.includes(port) && (!rule.certain || failed));
  const container = facts.machine.seen?.container ?? null;
  const host = container === null || !failed ? null : onHost(container);
  const command = denied?.command ?? host;
  const evidence = [
    ...(denied === null ? [] : [denied.sentence]),
    ...(host === null ? [] : [hostWords(host)]),
  ];
  const about = {
    ...base,
    ms,
    ...(evidence.length === 0 ? {} : { evidence }),
    ...(command === null ? {} : { values: { command } }),
  };
  if (!hasRead(seen))
    return {
      ...about,
      status: "skipped",
      detail: denied?.detail ?? {
        en: "No program that shows firewall rules is installed here",
        zh: "本机没有安装可以显示防火墙规则的程序",
      },
    };
  if (doubtful !== undefined && failed) {
    const place = placeWords(doubtful);
    return {
      ...about,
      status: "warn",
      detail: {
        en: `Whether this rule stops connections to port ${port} cannot be told from the rules alone: ${doubtful.text} (${place.en})`,
        zh: `仅凭规则无法判断这条规则是否阻止到端口 ${port} 的连接：${doubtful.text}（${place.zh}）`,
      },
      values: { rule: doubtful.text, place, command: doubtful.remove },
    };
  }
  const closed = [
    ...new Set(seen.rules.filter(({ certain }) => certain).flatMap(({ ports }) => ports)),
  ].filter((one) => one !== port);
  const others: Text =
    closed.length === 0
      ? { en: "", zh: "" }
      : { en: `; closed by a rule: ${closed.join(", ")}`, zh: `；被规则封锁的端口：${closed.join("、")}` };
  const rest =
    denied === null ? { en: "", zh: "" } : { en: `; ${denied.detail.en}`, zh: `；${denied.detail.zh}` };
  return {
    ...about,
    status: "ok",
    detail: {
      en: `No rule that could be read here stops connections to port ${port}${others.en}${rest.en}`,
      zh: `在本机能读到的规则中，没有阻止到端口 ${port} 的连接${others.zh}${rest.zh}`,
    },
  };
}

function hostWords(command: string): Text {
  return {
    en: `The rules of the host for this container cannot be seen from inside; there, run: ${command}`,
    zh: `宿主机对该容器的规则在容器内看不到，请在宿主机上运行：${command}`,
  };
}
