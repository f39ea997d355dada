// The host's name does not lead to an address.
import { chapter } from "../entry.ts";

export const dns = chapter("dns", {
  "dns.no-address-record": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} exists but has no address", zh: "{host} 存在，但没有对应的 IP 地址" },
    explanation: {
      en: "The name has no A or AAAA record. Often it is the bare mail domain, where the name of the SMTP host is wanted.",
      zh: "这个域名没有 A 或 AAAA 记录。常见原因是填了邮箱域名，而这里需要的是 SMTP 服务器的主机名。",
    },
    steps: [
      { en: "Enter the SMTP host instead: {endpoints}.", zh: "改填 SMTP 主机：{endpoints}。" },
      {
        en: "If the server is your own, give {host} an A or AAAA record.",
        zh: "如果是自建服务器，请为 {host} 添加 A 或 AAAA 记录。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["resolve"], codes: ["ENODATA", "NODATA"] },
      { rank: "phase", stages: ["resolve"], codes: ["ENOTFOUND"], errno: -3007 },
    ],
  },
  "dns.nxdomain": {
    scope: "endpoint",
    retry: "config",
    title: { en: "The name server finds no host {host}", zh: "DNS 查不到主机 {host}" },
    explanation: {
      en: "It answers that there is no such name: the name is misspelled, its domain has lapsed, or it is an internal name and this name server knows public ones only. A name server without a way to the internet answers the same for every name.",
      zh: "DNS 答复没有这个名字：可能拼写有误、域名已过期，或者它是内网域名而这台 DNS 只认识公网域名。无法访问外网的 DNS 对任何名字都会这样答复。",
    },
    steps: [
      {
        en: "Check the spelling. Settings that fit: {endpoints}.",
        zh: "检查拼写。可用的设置：{endpoints}。",
      },
      {
        en: "If the name is internal, make sure that this machine (or container) asks the internal name server.",
        zh: "如果是内网域名，请确认本机（或容器）使用的是内网 DNS。",
      },
    ],
    signs: [{ rank: "phase", stages: ["resolve"], codes: ["ENOTFOUND", "NXDOMAIN"] }],
  },
  "dns.servfail": {
    scope: "endpoint",
    retry: "transient",
    title: {
      en: "The name server could not answer for {host}",
      zh: "DNS 服务器无法解析 {host}",
    },
    explanation: {
      en: "It answered SERVFAIL or REFUSED: the domain's own name servers are broken, its DNSSEC is wrong, or this name server does not serve this machine.",
      zh: "它返回了 SERVFAIL 或 REFUSED：可能是该域名自己的 DNS 有故障、DNSSEC 配置错误，或者这台 DNS 不为本机提供服务。",
    },
    steps: [
      {
        en: "Try another name on this machine. If only {host} fails, wait: mail that waits is tried again by itself.",
        zh: "在本机试着解析别的域名。如果只有 {host} 失败，请等待；等待中的邮件会自动重试。",
      },
      {
        en: "If every name fails, set a name server that serves this machine.",
        zh: "如果所有域名都失败，请换用可以为本机服务的 DNS。",
      },
    ],
    signs: [{ rank: "phase", stages: ["resolve"], codes: ["ESERVFAIL", "EREFUSED", "SERVFAIL", "REFUSED"] }],
  },
  "dns.timeout": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "No name server answered in time", zh: "域名解析超时，DNS 没有应答" },
    explanation: {
      en: "The question for {host} went out and nothing came back: port 53 is blocked, or the name server is down.",
      zh: "查询 {host} 的请求已发出，但没有收到任何回应：53 端口被拦截，或者 DNS 服务器已停机。",
    },
    steps: [
      {
        en: "Allow UDP and TCP port 53 from this machine to its name server.",
        zh: "放行本机到 DNS 服务器的 UDP 和 TCP 53 端口。",
      },
      {
        en: "Or set another name server (in a container: the DNS setting of the container engine).",
        zh: "或者换一个 DNS 服务器（容器中请修改容器引擎的 DNS 设置）。",
      },
    ],
    signs: [{ rank: "phase", stages: ["resolve"], codes: ["TIMEOUT", "ETIMEOUT"] }],
  },
  "dns.resolver-unreachable": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "This machine has no working name server", zh: "本机没有可用的 DNS 服务器" },
    explanation: {
      en: "The system could not ask anyone for the address of {host}. Frequent in containers, when their built-in name service is broken or has no way out.",
      zh: "系统无处查询 {host} 的地址。常见于容器环境：内置的域名服务异常，或者没有出口。",
    },
    steps: [
      {
        en: "Look at /etc/resolv.conf and check that the name server in it can be reached.",
        zh: "查看 /etc/resolv.conf，确认其中的 DNS 服务器可以访问。",
      },
      {
        en: "In Docker, set --dns or the dns entry of daemon.json, and allow port 53 outwards.",
        zh: "在 Docker 中设置 --dns 或 daemon.json 的 dns 项，并放行对外的 53 端口。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["resolve"], codes: ["EAI_AGAIN", "ECONNREFUSED"] },
      { rank: "class", kinds: ["resolve"] },
    ],
  },
  "dns.sinkholed": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "The name server gives a dummy address for {host}",
      zh: "DNS 给 {host} 返回了一个假地址",
    },
    explanation: {
      en: "{host} leads to an address where no mail server can be. A filter in the name service (an ad blocker, parental control, a captive portal) or an entry in the hosts file does that.",
      zh: "{host} 指向了一个不可能有邮件服务器的地址。这通常是 DNS 过滤（广告拦截、家长控制、认证门户）或 hosts 文件造成的。",
    },
    symptom: {
      en: "The provider's name leads to 0.0.0.0, 127.0.0.1 or ::, and is refused there at once.",
      zh: "服务商的域名解析到 0.0.0.0、127.0.0.1 或 ::，随即被拒绝连接。",
    },
    steps: [
      {
        en: "Allow {host} in the DNS filter, or use another name server.",
        zh: "在 DNS 过滤器中放行 {host}，或者换用别的 DNS。",
      },
      { en: "Remove {host} from the hosts file.", zh: "从 hosts 文件中删除 {host}。" },
    ],
    signs: [{ rank: "override", stages: ["connect"], addresses: /^(?:0\.0\.0\.0|::)$/, host: /[g-z]/i }],
  },
  "dns.ipv6-only-answer-no-route": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "{host} was reached for over IPv6, and this machine has no IPv6",
      zh: "{host} 只解析到 IPv6 地址，而本机没有 IPv6 网络",
    },
    explanation: {
      en: "Every address that the name server gave is an IPv6 address, and no route leads there.",
      zh: "DNS 返回的全部是 IPv6 地址，而本机没有通向这些地址的路由。",
    },
    steps: [
      {
        en: "Find out why the name server gives no IPv4 address (DNS64, a filter), or use another one.",
        zh: "查明 DNS 为何不返回 IPv4 地址（DNS64 或过滤），或者换用别的 DNS。",
      },
      { en: "Or give this machine or container IPv6.", zh: "或者为本机（容器）配置 IPv6。" },
    ],
    signs: [
      {
        rank: "override",
        stages: ["connect"],
        codes: ["ENETUNREACH", "EADDRNOTAVAIL", "EHOSTUNREACH"],
        addresses: /:/,
      },
    ],
  },
  "dns.lookup-and-resolver-disagree": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "This machine takes {host} for another address than its name server says",
      zh: "本机对 {host} 的解析结果与 DNS 服务器不一致",
    },
    explanation: {
      en: "The system's way of resolving knows hosts files, search domains and a company's own names; the name server was asked directly. Found: {found}. The name server says: {wanted}.",
      zh: "系统解析会参考 hosts 文件、搜索域和公司内部域名；这里另外直接询问了 DNS 服务器。系统得到：{found}。DNS 服务器回答：{wanted}。",
    },
    symptom: {
      en: "The program and a direct query (dig, nslookup) get different addresses for one name, or one of them none.",
      zh: "程序与直接查询（dig、nslookup）得到的地址不同，或其中一方查不到。",
    },
    steps: [
      {
        en: "Take the stale line out of the hosts file (/etc/hosts), if there is one.",
        zh: "如果 hosts 文件（/etc/hosts）中有过期的记录，请删除。",
      },
      {
        en: "If your network means it so (an internal relay), enter that relay's own name and port as host.",
        zh: "如果这是网络的有意安排（内部中继），请直接填写该中继自己的主机名和端口。",
      },
    ],
  },
  "dns.search-domain-ndots": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "The search domains of this machine break the name {host}",
      zh: "本机的 DNS 搜索域导致 {host} 解析失败",
    },
    explanation: {
      en: "With a dot at its end the name resolves; without one it is first tried with every search domain ({found}), and a name server that answers those wrongly breaks the whole look-up. Kubernetes with images on musl (Alpine) is known for it.",
      zh: "末尾加点时可以解析；不加点时会先逐个附上搜索域（{found}）尝试，只要 DNS 服务器对这些名字回答错误，整个解析就失败。Kubernetes 中使用 musl（Alpine）镜像时常见。",
    },
    symptom: {
      en: "ENOTFOUND or EAI_AGAIN for this name in Kubernetes or Alpine, while other names are found.",
      zh: "在 Kubernetes 或 Alpine 中，该域名报 ENOTFOUND 或 EAI_AGAIN，其他域名正常。",
    },
    steps: [
      {
        en: "In Kubernetes set dnsConfig with options ndots: 1 for the pod; elsewhere `options ndots:1` in /etc/resolv.conf.",
        zh: "Kubernetes 中为 Pod 设置 dnsConfig 的 ndots: 1；其他环境在 /etc/resolv.conf 中写 `options ndots:1`。",
      },
      {
        en: "Or use an image with glibc (Debian instead of Alpine).",
        zh: "或者改用 glibc 镜像（以 Debian 代替 Alpine）。",
      },
      {
        en: "Until then {host}. with a dot at the end works as host in most programs.",
        zh: "在此之前，多数程序中可以把主机写成末尾带点的 {host}.。",
      },
    ],
  },
});
