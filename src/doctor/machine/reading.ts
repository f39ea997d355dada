// What the machine itself has to do with mail that does not leave.
import type { Text } from "../../providers/provider.ts";
import type { Facts, MachineFacts } from "../facts.ts";
import type { Finding, Reading } from "../finding.ts";
import { type Platform, platform } from "./platforms.ts";

export const readMachine: Reading = (facts) => {
  const { seen: machine, ms } = facts.machine;
  if (machine === null) return facts.machine.why === "cut" ? [unseen(ms)] : [];
  return [
    where(machine, ms),
    ...frozen(machine),
    ...(hasFailed(facts) ? [...container(machine), ...proxies(facts, machine)] : []),
    ...throughProxy(facts),
  ];
};

const base = { probe: "machine", layer: "environment", ms: 0 } as const;

function unseen(ms: number): Finding {
  const detail = {
    en: "The time was over before this machine had been looked at",
    zh: "时间用尽，没有来得及检查本机",
  };
  return { ...base, ms, status: "skipped", detail };
}

/** Whether no connection to the mail server stands. */
function hasFailed({ walk, reach }: Facts): boolean {
  if (walk.seen !== null) return walk.seen.peer === null && !walk.seen.result.ok;
  const own = reach.seen?.own ?? [];
  return own.length > 0 && own.every(({ code }) => code !== null);
}

const containers: Readonly<Record<NonNullable<MachineFacts["container"]>, Text>> = {
  docker: { en: "a Docker container", zh: "Docker 容器" },
  podman: { en: "a Podman container", zh: "Podman 容器" },
  kubernetes: { en: "a Kubernetes pod", zh: "Kubernetes Pod" },
  lxc: { en: "an LXC container", zh: "LXC 容器" },
  other: { en: "a container", zh: "容器" },
};

function where({ platform: id, platformBy, container: kind, system }: MachineFacts, ms: number): Finding {
  const known = id === null ? null : platform(id);
  const by = platformBy === null ? "" : ` (${platformBy})`;
  const name = known === null ? null : nameOf(known);
  const inside = kind === null ? null : containers[kind];
  const libc = system.libc === "other" ? "" : `, ${system.libc}`;
  return {
    ...base,
    ms,
    status: "ok",
    detail: {
      en: `${name === null ? "No cloud recognised" : `Runs on ${name.en}${by}`}${inside === null ? "" : `, in ${inside.en}`}; ${system.name}${libc}`,
      zh: `${name === null ? "未识别出云平台" : `运行于 ${name.zh}${by}`}${inside === null ? "" : `，位于 ${inside.zh} 中`}；${system.name}${libc}`,
    },
    ...(known === null || name === null ? {} : { values: { platform: name, unblock: known.unblock } }),
  };
}

function nameOf({ name }: Platform): Text {
  return typeof name === "string" ? { en: name, zh: name } : name;
}

function frozen({ serverless, platformBy }: MachineFacts): readonly Finding[] {
  if (!serverless) return [];
  return [
    {
      ...base,
      status: "warn",
      cause: "environment.serverless-frozen",
      detail: {
        en: "This platform stops the program between two requests; mail that is still leaving then stays behind",
        zh: "该平台会在两次请求之间冻结程序，尚未发完的邮件会留在那里",
      },
      evidence: [
        {
          en: `A function that is frozen was recognised: ${platformBy ?? "its variables are set"}.`,
          zh: `识别为会被冻结的函数环境：${platformBy ?? "已设置其环境变量"}。`,
        },
      ],
    },
  ];
}

function container({ container: kind }: MachineFacts): readonly Finding[] {
  if (kind === null) return [];
  const inside = containers[kind];
  return [
    {
      ...base,
      status: "warn",
      cause: "environment.host-ok-container-fails",
      detail: {
        en: `No connection stands from ${inside.en}; a container has names, routes and rules of its own, so try the same on the host`,
        zh: `${inside.zh}中无法建立连接；容器的 DNS、路由和规则与宿主机不同，请在宿主机上做同样的测试`,
      },
      evidence: [
        {
          en: "Rules of the host for its containers (FORWARD, DOCKER-USER) cannot be seen from inside.",
          zh: "宿主机针对容器的规则（FORWARD、DOCKER-USER）在容器内看不到。",
        },
      ],
      values: { command: onHost(kind) },
    },
  ];
}

/** Shows what the host does with the traffic of its containers. */
export function onHost(kind: NonNullable<MachineFacts["container"]>): string {
  return kind === "kubernetes"
    ? "kubectl get networkpolicy --all-namespaces"
    : "sudo nft list ruleset; sudo iptables-save -c";
}

/** Only what makes programs of the web use a proxy; the exceptions to it are none. */
function proxies({ setting }: Facts, { proxies: set }: MachineFacts): readonly Finding[] {
  const proxy = set.find(({ variable }) => !/^no_proxy$/i.test(variable));
  if (proxy === undefined || setting.proxy !== null) return [];
  return [
    {
      ...base,
      status: "warn",
      detail: {
        en: `${proxy.variable} is set (${proxy.value}), but SMTP does not use it; if nothing leaves this network without a proxy, set one in the account`,
        zh: `已设置 ${proxy.variable}（${proxy.value}），但 SMTP 不会使用它；如果该网络只能经代理出站，请在账号中设置代理`,
      },
    },
  ];
}

function throughProxy({ setting: { proxy } }: Facts): readonly Finding[] {
  if (proxy === null) return [];
  return [
    {
      ...base,
      status: "ok",
      detail: {
        en: `The account sends through the proxy ${proxy.host}:${proxy.port}; what blocks this machine's own connections does not concern it`,
        zh: `该账号经代理 ${proxy.host}:${proxy.port} 发信，本机直连的限制与它无关`,
      },
    },
  ];
}
