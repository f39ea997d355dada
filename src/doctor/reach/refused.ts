// A connection that fails at once: nothing listens, a rule says no, or no way leads there.
import type { CauseId } from "../../causes/book.ts";
import { isHostOfToday } from "../../providers/hosts.ts";
import type { Text } from "../../providers/provider.ts";
import type { Knock } from "../facts.ts";
import { placeOf } from "../names/addresses.ts";
import type { Fault } from "../names/fault.ts";
import { cutOff } from "./cut-off.ts";
import { nowhereSentences, otherSentences, ownSentence, portSentences, webSentences } from "./evidence.ts";
import { valuesOf } from "./silent.ts";
import { generalBut, isCutOff, isPublic, noWay, type Situation } from "./situation.ts";

/** Why the connection failed at once. */
export function refusal(seen: Situation, own: Knock): Fault {
  switch (own.code) {
    case "ECONNREFUSED":
      return refused(seen);
    case "ECONNRESET":
      return reset(seen);
    case "EPERM":
      return fault(
        seen,
        "tcp.refused-by-local-rule",
        {
          en: "This machine itself forbids the connection (EPERM)",
          zh: "本机自己禁止了这个连接（EPERM）",
        },
        [
          {
            en: "EPERM never comes from the network: a rule of this machine for this program says so (a security profile, a control group, a sandbox).",
            zh: "EPERM 不会来自网络：是本机针对该程序的限制（安全策略、控制组或沙箱）。",
          },
        ],
      );
    default:
      return unreachable(seen, own);
  }
}

function fault(seen: Situation, cause: CauseId, detail: Text, more: readonly Text[] = []): Fault {
  return {
    status: "fail",
    cause,
    detail,
    evidence: [
      ...ownSentence(seen),
      ...nowhereSentences(seen),
      ...portSentences(seen),
      ...otherSentences(seen),
      ...webSentences(seen),
      ...more,
    ],
    explains: generalBut(cause),
    values: valuesOf(seen),
  };
}

function refused(seen: Situation): Fault {
  const { host, port, nowhere, open, machine } = seen;
  if (nowhere?.code === "ECONNREFUSED") {
    const nothingPasses = isCutOff(seen) === true;
    if (nothingPasses && (machine?.proxies ?? []).length > 0) return cutOff(seen);
    return fault(
      seen,
      "tcp.refused-by-local-rule",
      nothingPasses
        ? {
            en: "A rule on this machine or its gateway rejects every outgoing connection",
            zh: "本机或网关上的规则拒绝了所有出站连接",
          }
        : {
            en: `A rule on this machine or its gateway rejects outgoing connections to port ${port}`,
            zh: `本机或网关上的规则拒绝了到端口 ${port} 的出站连接`,
          },
    );
  }
  if (open.length === 1 && open[0] === 25 && port !== 25 && !isHostOfToday(host))
    return fault(seen, "config.host-exists-but-wrong-role", {
      en: `${host} listens on port 25 only: it receives mail for others and is not for handing in`,
      zh: `${host} 只监听 25 端口：它用来接收邮件，不是提交邮件的主机`,
    });
  return fault(seen, "tcp.refused-by-server", {
    en: `Nothing listens on port ${port} of ${host}`,
    zh: `${host} 的 ${port} 端口没有服务在监听`,
  });
}

function reset(seen: Situation): Fault {
  const { host, reach, port } = seen;
  const everybody = reach.controls.others.filter((one) => one.port === port);
  const middle = everybody.length > 0 && everybody.every(({ code }) => code === "ECONNRESET");
  return fault(
    seen,
    "tcp.reset",
    middle
      ? {
          en: `Connections to port ${port} are cut off to whatever host: a device on the way does it`,
          zh: `无论连接哪台主机，端口 ${port} 的连接都被切断：是途中的设备所为`,
        }
      : { en: `The connection to ${host} was cut off at once`, zh: `与 ${host} 的连接立即被切断` },
  );
}

/** Milliseconds. The kernel asks three times, a second apart, who has an address of its own network (arp(7)). */
const neighbourMs = 900;

function unreachable(seen: Situation, own: Knock): Fault {
  const { host, port, reach, nowhere, open, others } = seen;
  const routed = own.family === 4 ? reach.routes.v4 : reach.routes.v6;
  const lonely = isCutOff(seen);
  if (noWay.includes(own.code ?? "") && routed === false && placeOf(own.address) === "public")
    return cutOff(seen);
  const isSlow = own.code === "EHOSTUNREACH" && own.family === 4 && own.ms >= neighbourMs;
  if (isSlow && lonely !== true)
    return fault(seen, "tcp.timeout", {
      en: `Nobody has the address ${own.address} in its network: the host is down, or its address has changed`,
      zh: `${own.address} 所在网络中没有主机使用该地址：主机已停机，或地址已变更`,
    });
  if (lonely === true && isPublic(seen)) return cutOff(seen);
  const sameNear = nowhere !== undefined && nowhere.code === own.code && nowhere.ms < neighbourMs;
  const byPort = open.length > 0 || sameNear || others === false;
  const isPolite = own.code === "EHOSTUNREACH" || own.code === "EACCES" || own.code === "ENOPROTOOPT";
  if (byPort || (isPolite && lonely === null && others === null && reach.ports.length === 0))
    return fault(
      seen,
      "tcp.admin-prohibited",
      {
        en: `A firewall forbids connections to port ${port} (${own.code}); other ports pass`,
        zh: `防火墙禁止到端口 ${port} 的连接（${own.code}），其他端口可以通过`,
      },
      sameNear
        ? [
            {
              en: "The same answer comes for an address where nothing lives, so the firewall is on this machine or its gateway.",
              zh: "对不存在主机的地址也是同样的答复，所以防火墙就在本机或网关上。",
            },
          ]
        : [],
    );
  return fault(seen, "tcp.no-route", {
    en: `No route leads to ${host} (${own.address}, ${own.code})`,
    zh: `没有通往 ${host} 的路由（${own.address}，${own.code}）`,
  });
}
