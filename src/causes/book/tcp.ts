// No connection, or one that does not last. The dialogue alone cannot say which firewall; the doctor's probes can.
import { chapter } from "../entry.ts";

/** Every stage at which a connection stands and no finer cause applies. */
const standing = ["ehlo", "starttls", "mail", "rcpt", "data", "content", "reset", "noop", "quit"] as const;

export const tcp = chapter("tcp", {
  "tcp.refused-by-server": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "{host} refuses connections on port {port}", zh: "{host} 拒绝了端口 {port} 的连接" },
    explanation: {
      en: "The answer came at once and was no: nothing listens on this port, or a firewall on the way rejects it.",
      zh: "对方立即拒绝：该端口没有服务在监听，或者途中的防火墙拒绝了连接。",
    },
    steps: [
      {
        en: "Check the port. Settings that fit: {endpoints}.",
        zh: "检查端口是否正确。可用的设置：{endpoints}。",
      },
      {
        en: "If the server is your own, see that its submission service runs and listens on {port}.",
        zh: "如果是自建服务器，请确认发信服务正在运行并监听 {port} 端口。",
      },
      {
        en: "If other ports of the host answer and only mail ports are refused, look for a rule of a firewall here that rejects outgoing connections to port {port}.",
        zh: "如果该主机的其他端口正常、只有邮件端口被拒，请检查本机或网关的防火墙是否拒绝了到端口 {port} 的出站连接。",
      },
    ],
    signs: [{ rank: "phase", stages: ["connect"], codes: ["ECONNREFUSED"] }],
  },
  "tcp.timeout": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "No answer from {host} on port {port}",
      zh: "连接 {host} 的端口 {port} 超时，没有任何回应",
    },
    explanation: {
      en: "The connection attempt vanished without a reply. Most often something drops outgoing mail connections: the cloud or hosting company (many block 25, and some 465 and 587 too), a security group, a firewall, or the home internet provider. A wrong host name can look the same.",
      zh: "连接请求发出后没有任何回应。最常见的原因是出站的邮件连接被丢弃：云厂商或主机服务商（多数封禁 25 端口，有的连 465、587 也封）、安全组、防火墙，或家庭宽带运营商。主机名填错也会有同样的表现。",
    },
    steps: [
      {
        en: "Try another endpoint: {otherEndpoints}.",
        zh: "换用其他服务器或端口：{otherEndpoints}。",
      },
      {
        en: "From this machine, open a page of the provider over HTTPS. If that fails too, this machine or container has no way out at all.",
        zh: "在本机用 HTTPS 访问服务商的网站。如果也打不开，说明本机或容器完全没有外网出口。",
      },
      {
        en: "If HTTPS works, allow outgoing TCP to port {port} in the firewall, security group or network policy. A rule for incoming connections on that port does not help.",
        zh: "如果 HTTPS 正常，请在防火墙、安全组或网络策略中放行到端口 {port} 的出站 TCP 连接。放行入站规则没有作用。",
      },
      {
        en: "Ask the hosting company whether it blocks port {port}, and have it lifted; or send through a provider that listens on 2525.",
        zh: "询问主机服务商是否封禁了端口 {port} 并申请解封；或者改用支持 2525 端口的服务商。",
      },
      {
        en: "Check that the host is the one for sending. Settings that fit: {endpoints}.",
        zh: "确认填写的是发信主机。可用的设置：{endpoints}。",
      },
    ],
    signs: [{ rank: "phase", stages: ["connect"], codes: ["TIMEOUT"] }],
  },
  "tcp.admin-prohibited": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "A firewall on the way forbids connections to {host}:{port}",
      zh: "途中的防火墙禁止连接 {host}:{port}",
    },
    explanation: {
      en: "The network answered at once that this destination is out of reach or forbidden. A reject rule on this machine, a gateway, or a missing route says so.",
      zh: "网络立即答复该目标不可达或被禁止。原因是本机或网关上的拒绝规则，或者缺少路由。",
    },
    steps: [
      {
        en: "Allow outgoing TCP to port {port} in the firewall of this machine (firewalld, nftables, ufw) and of the gateway.",
        zh: "在本机（firewalld、nftables、ufw）和网关的防火墙中放行到端口 {port} 的出站 TCP 连接。",
      },
      {
        en: "If every host fails, repair the route of this machine.",
        zh: "如果所有主机都连不上，请修复本机的路由。",
      },
    ],
    signs: [{ rank: "phase", stages: ["connect"], codes: ["EHOSTUNREACH", "EACCES", "EPERM", "EHOSTDOWN"] }],
  },
  "tcp.no-route": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "This machine has no route to {host}", zh: "本机没有通往 {host} 的网络路由" },
    explanation: {
      en: "The network is down, the container has no network, or the name leads to an IPv6 address and there is no IPv6 here.",
      zh: "网络已断开、容器没有网络，或者域名解析到 IPv6 地址而本机没有 IPv6。",
    },
    steps: [
      {
        en: "Check that this machine or container reaches the internet at all.",
        zh: "确认本机或容器能否访问外网。",
      },
      {
        en: "If only IPv6 fails, let the machine prefer IPv4.",
        zh: "如果只有 IPv6 不通，请让系统优先使用 IPv4。",
      },
    ],
    signs: [
      {
        rank: "phase",
        stages: ["connect"],
        codes: ["ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EINVAL", "ENONET"],
      },
    ],
  },
  "tcp.reset": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "The connection to {host} was reset", zh: "与 {host} 的连接被重置" },
    explanation: {
      en: "Someone cut the connection hard: a limit per address, a device that inspects the traffic, a load balancer with no server behind it, or a crash.",
      zh: "连接被强行切断：可能是按 IP 限流、流量检测设备、后端没有服务器的负载均衡，或者服务崩溃。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
      {
        en: "If it happens on one network only, ask the owner of that network about mail filtering.",
        zh: "如果只在某个网络下出现，请询问该网络的管理员是否过滤邮件流量。",
      },
    ],
    signs: [{ rank: "phase", stages: ["connect", "greeting", ...standing], codes: ["ECONNRESET"] }],
  },
  "tcp.connection-lost": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} closed the connection in the middle of the dialogue",
      zh: "{host} 在会话中途断开了连接",
    },
    explanation: {
      en: "The server closed the connection without saying why, before it had taken the message. It was restarted, is overloaded, or dropped an idle connection.",
      zh: "服务器在接收邮件之前不加说明地断开了连接：可能正在重启、负载过高，或者清理了空闲连接。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again on a new connection.",
        zh: "请等待几分钟；等待中的邮件会用新的连接重试。",
      },
      {
        en: "If it keeps happening at the same point, look at the transcript and ask {provider}.",
        zh: "如果总在同一处断开，请查看会话记录并联系{provider}。",
      },
    ],
    signs: [{ rank: "phase", stages: standing, codes: ["CLOSED", "EPIPE", "ECONNABORTED"] }],
  },
  "tcp.stalled": {
    scope: "endpoint",
    retry: "connection",
    title: { en: "{host} stopped answering", zh: "{host} 停止了响应" },
    explanation: {
      en: "The connection stood, and then no reply came within the time that the protocol allows.",
      zh: "连接仍在，但服务器没有在协议允许的时间内答复。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again on a new connection.",
        zh: "请等待几分钟；等待中的邮件会用新的连接重试。",
      },
      {
        en: "If it happens often, test with another endpoint: {otherEndpoints}.",
        zh: "如果经常发生，请换用其他服务器或端口测试：{otherEndpoints}。",
      },
    ],
    signs: [{ rank: "class", stages: ["auth", ...standing], codes: ["TIMEOUT"] }],
  },
  "tcp.failed": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "The connection to {host}:{port} failed",
      zh: "与 {host}:{port} 的连接失败",
    },
    explanation: {
      en: "The operating system reported: {detail}",
      zh: "操作系统报告：{detail}",
    },
    symptom: {
      en: "The connection fails with an error code that no other entry names.",
      zh: "连接失败，且错误代码不属于其他任何条目。",
    },
    steps: [
      { en: "Check the network of this machine.", zh: "检查本机的网络。" },
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
    ],
    signs: [{ rank: "class", kinds: ["socket", "timeout"] }],
  },
});
