// The sentences by which one reason of a failed connection is told from the others.
import { nameOf } from "../../providers/name.ts";
import type { Text } from "../../providers/provider.ts";
import type { Knock } from "../facts.ts";
import { listed } from "../names/words.ts";
import type { Situation } from "./situation.ts";

const at = (host: string, port: number) => `${host}:${port}`;

/** How a knock ended, in the middle of a sentence. */
export function ended({ code, ms }: Knock): Text {
  const time = `${Math.max(1, Math.round(ms))} ms`;
  if (code === null) return { en: `connects after ${time}`, zh: `${time} 后连接成功` };
  if (code === "TIMEOUT") return { en: "does not answer", zh: "没有任何应答" };
  return code === "ECONNREFUSED"
    ? { en: `is refused after ${time}`, zh: `${time} 后被拒绝` }
    : { en: `fails after ${time} (${code})`, zh: `${time} 后失败（${code}）` };
}

export function ownSentence({ host, port, own }: Situation): readonly Text[] {
  if (own === null) return [];
  const how = ended(own);
  return [
    {
      en: `The connection to ${at(host, port)} (${own.address}) ${how.en}.`,
      zh: `到 ${at(host, port)}（${own.address}）的连接${how.zh}。`,
    },
  ];
}

export function webSentences({ reach }: Situation): readonly Text[] {
  const { web, elsewhere } = reach.controls;
  return [...web, ...elsewhere].map((one) => {
    const host = hostOf(one);
    const how = ended(one);
    return one.code === null
      ? {
          en: `Port 443 of ${host} ${how.en}, so this machine has a way out.`,
          zh: `${host} 的 443 端口${how.zh}，说明本机能够访问外网。`,
        }
      : { en: `Port 443 of ${host} ${how.en}.`, zh: `${host} 的 443 端口${how.zh}。` };
  });
}

function hostOf(one: Knock): string {
  return "host" in one && typeof one.host === "string" ? one.host : one.address;
}

export function otherSentences({ reach, port, host, others }: Situation): readonly Text[] {
  const same = reach.controls.others.filter((one) => one.port === port);
  if (same.length === 0) return [];
  const answering = same.filter(({ code }) => code === null).map((one) => one.host);
  if (others)
    return [
      {
        en: `${listed(answering).en} takes connections on the same port ${port}, so nothing here blocks the port as such.`,
        zh: `${listed(answering).zh} 的同一端口 ${port} 可以连接，说明本地并没有封禁该端口。`,
      },
    ];
  const names = listed(same.map((one) => one.host));
  return [
    {
      en: `${names.en} cannot be reached on port ${port} either, so it is not ${host} that is down.`,
      zh: `${names.zh} 的 ${port} 端口同样连不上，所以不是 ${host} 出了故障。`,
    },
  ];
}

export function spareSentences({ reach, port }: Situation): readonly Text[] {
  return reach.controls.others
    .filter((one) => one.port === 2525 && port !== 2525)
    .map((one) => {
      const how = ended(one);
      return { en: `Port 2525 of ${one.host} ${how.en}.`, zh: `${one.host} 的 2525 端口${how.zh}。` };
    });
}

/** What 192.0.2.1 shows is the one thing that no look-alike shows too. */
export function nowhereSentences({ nowhere }: Situation): readonly Text[] {
  if (nowhere === undefined) return [];
  const { code, port, greeting } = nowhere;
  if (code === null)
    return [
      {
        en: `192.0.2.1, where nothing lives (RFC 5737), takes connections on port ${port}${greeting === null ? "" : ` and says: ${greeting}`}.`,
        zh: `192.0.2.1 上不存在任何主机（RFC 5737），${port} 端口却能连接${greeting === null ? "" : `，并返回：${greeting}`}。`,
      },
    ];
  if (code === "TIMEOUT")
    return [
      {
        en: `192.0.2.1, where nothing lives, stays silent on port ${port}: no rule near this machine rejects the port, and no proxy takes it.`,
        zh: `不存在主机的 192.0.2.1 在 ${port} 端口上没有应答：附近没有规则拒绝该端口，也没有代理劫持它。`,
      },
    ];
  const how = ended(nowhere);
  return [
    {
      en: `192.0.2.1, where nothing lives, ${how.en} on port ${port}: whoever says so stands near this machine.`,
      zh: `不存在主机的 192.0.2.1 在 ${port} 端口上${how.zh}：这个答复来自本机附近。`,
    },
  ];
}

/** Which of the host's ports answer. */
export function portSentences({ host, open, silent, own }: Situation): readonly Text[] {
  const both = [
    ...(open.length > 0
      ? [
          {
            en: `Of the ports of ${host}, ${open.join(", ")} ${open.length === 1 ? "connects" : "connect"}.`,
            zh: `${host} 的端口中，${open.join("、")} 可以连接。`,
          },
        ]
      : []),
    ...(silent.length > 1 || (silent.length === 1 && own?.code !== "TIMEOUT")
      ? [
          {
            en: `No answer on ${silent.join(", ")}.`,
            zh: `${silent.join("、")} 没有应答。`,
          },
        ]
      : []),
  ];
  return both;
}

export function platformSentences({ platform, machine }: Situation): readonly Text[] {
  if (platform === null) return [];
  const name = textOf(platform.name);
  const by = machine?.platformBy ?? null;
  const blocks = platform.blocks;
  const which =
    blocks === "all"
      ? { en: "every port for mail", zh: "所有邮件端口" }
      : {
          en: `outgoing ${blocks.length === 1 ? "port" : "ports"} ${blocks.join(", ")}`,
          zh: `出站端口 ${blocks.join("、")}`,
        };
  const runs = {
    en: `This machine runs at ${name.en}${by === null ? "" : ` (${by})`}`,
    zh: `本机运行在 ${name.zh}${by === null ? "" : `（${by}）`}`,
  };
  return blocks.length === 0
    ? [{ en: `${runs.en}, which is not known to block ports.`, zh: `${runs.zh}，目前未知其封禁端口。` }]
    : [
        {
          en: `${runs.en}, which by default blocks ${which.en}.`,
          zh: `${runs.zh}，其默认封禁${which.zh}。`,
        },
      ];
}

export function textOf(name: string | Text): Text {
  return typeof name === "string" ? { en: name, zh: name } : name;
}

/** What a person sees who tries the same with telnet: a port with TLS from the first byte never greets. */
export function telnetSentences({ facts, host, port, own }: Situation): readonly Text[] {
  if (facts.setting.endpoint.security !== "tls" || own === null) return [];
  if (own.code === null)
    return [
      {
        en: `telnet ${host} ${port} shows "Connected" and "Escape character", and then nothing: that is all right, for this port waits for TLS and greets only inside it.`,
        zh: `telnet ${host} ${port} 只显示 Connected 和 Escape character，之后没有任何内容：这是正常的，该端口先进行 TLS 握手，之后才会发出问候。`,
      },
    ];
  return own.code === "TIMEOUT"
    ? [
        {
          en: `telnet ${host} ${port} stays at "Trying…". Were the line good, it would show "Connected" and then nothing, for this port greets only inside TLS.`,
          zh: `telnet ${host} ${port} 会停在 Trying…。如果线路正常，它会显示 Connected，之后没有任何内容，因为该端口只在 TLS 内发出问候。`,
        },
      ]
    : [];
}

export function providerName({ facts, host }: Situation): Text {
  const { provider } = facts.setting;
  return provider === null
    ? { en: host, zh: host }
    : { en: nameOf(provider, "en"), zh: nameOf(provider, "zh") };
}
