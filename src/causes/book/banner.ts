// What the server says, or does not say, before a word of ours.
import { chapter } from "../entry.ts";

export const banner = chapter("banner", {
  "banner.421-busy-or-limited": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} takes no more connections for now",
      zh: "{host} 暂时不接受更多连接",
    },
    explanation: {
      en: "The server refused for the time being and closed the connection: too many connections from this address or account, too many messages on this one, or it is busy. The message itself was not judged.",
      zh: "服务器临时拒绝并断开了连接：来自本机 IP 或账号的连接太多、这条连接上的邮件太多，或者服务器繁忙。这与邮件本身无关。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits goes out later, over fewer connections.",
        zh: "请等待几分钟；等待中的邮件稍后会以较少的连接重试。",
      },
      {
        en: "See whether another program sends through the same account or address at the same time.",
        zh: "检查是否有其他程序同时使用同一账号或同一 IP 发信。",
      },
    ],
    signs: [
      {
        rank: "override",
        class: 4,
        text: /too many (?:concurrent |simultaneous |open |parallel )?(?:smtp )?(?:connections|sessions)|connections? limit (?:exceeded|reached)|HL:ICC/i,
      },
      {
        rank: "override",
        class: 4,
        text: /too many (?:messages|mails|transactions) (?:on|in|per|for) (?:this |one |a |the )?(?:connection|session)|MI:DMC/i,
      },
      { rank: "override", stages: ["tls"], received: /^4\d\d[ -]/ },
      { rank: "phase", stages: ["greeting", "ehlo"], class: 4 },
      { rank: "class", replies: [421] },
    ],
  },
  "banner.554-refused": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} refuses to talk to this machine",
      zh: "{host} 拒绝为本机服务",
    },
    explanation: {
      en: "The refusal came before anything was sent. Either the internet address of this machine is on a block list, or this host takes no mail from clients.",
      zh: "在我们发送任何内容之前就被拒绝了：要么本机的公网 IP 在黑名单上，要么这台主机不接受客户端投递。",
    },
    steps: [
      {
        en: "If the reply names a block list, ask there for removal of this machine's public address.",
        zh: "如果回复中提到黑名单，请到该名单的网站申请移除本机的公网 IP。",
      },
      {
        en: "Use the host for submission with sign-in, not the one that receives mail for a domain: {endpoints}.",
        zh: "请使用需要登录的发信主机，而不是域名的收信（MX）主机：{endpoints}。",
      },
    ],
    signs: [
      { rank: "override", stages: ["tls"], received: /^5\d\d[ -]/ },
      { rank: "phase", stages: ["greeting"], class: 5 },
    ],
  },
  "banner.http-server": {
    scope: "account",
    retry: "config",
    title: { en: "A web server answers on {host}:{port}", zh: "{host}:{port} 上应答的是网页服务器" },
    explanation: {
      en: "What came back is HTTP, not SMTP. The host or port is wrong, or a web proxy stands in front of the mail host.",
      zh: "返回的是 HTTP 而不是 SMTP：主机或端口填错了，或者邮件主机前面有网页代理（CDN）。",
    },
    steps: [
      {
        en: "Correct host and port. Settings that fit: {endpoints}.",
        zh: "更正主机和端口。可用的设置：{endpoints}。",
      },
      {
        en: "If {host} is behind a CDN, set its DNS record to DNS only or use the server's own name.",
        zh: "如果 {host} 使用了 CDN，请把该记录改为仅解析（DNS only），或使用服务器本身的域名。",
      },
    ],
    signs: [
      { rank: "override", received: /^(?:HTTP\/|<!doctype|<html)/i },
      { rank: "override", stages: ["tls"], codes: ["ERR_SSL_HTTP_REQUEST", "ERR_SSL_HTTPS_PROXY_REQUEST"] },
    ],
  },
  "banner.cisco-fixup": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "A firewall between here and {host} rewrites the mail dialogue",
      zh: "本机与 {host} 之间的防火墙在改写邮件会话",
    },
    explanation: {
      en: 'The greeting came masked with asterisks. Cisco\'s "inspect esmtp" (formerly "fixup protocol smtp") does that, and it removes STARTTLS as well, so that the password would travel in clear.',
      zh: "问候语被替换成了星号。这是 Cisco 防火墙 inspect esmtp（旧称 fixup protocol smtp）的行为，它还会去掉 STARTTLS，导致密码只能明文传输。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS, which is not inspected.",
        zh: "改用 465 端口和 SSL/TLS，这种流量不会被检查。",
      },
      {
        en: "Or have the inspection of ESMTP switched off, or TLS allowed, on that firewall.",
        zh: "或者请管理员关闭该防火墙的 ESMTP 检查，或允许 TLS。",
      },
    ],
    signs: [
      { rank: "override", received: /^220[ -][*02 ]{8,}/ },
      {
        rank: "override",
        stages: ["ehlo", "starttls", "auth", "mail"],
        secured: false,
        earlier: /^220[ -]\*{4,}/,
      },
    ],
  },
  "banner.other-protocol": {
    scope: "account",
    retry: "config",
    title: {
      en: "What answers on {host}:{port} is not a mail server",
      zh: "{host}:{port} 上应答的不是邮件服务器",
    },
    explanation: {
      en: "The first bytes are not an SMTP greeting. The port belongs to another service.",
      zh: "收到的内容不是 SMTP 问候语，这个端口属于其他服务。",
    },
    steps: [
      {
        en: "Correct the port and the host. Settings that fit: {endpoints}.",
        zh: "更正端口和主机。可用的设置：{endpoints}。",
      },
    ],
    signs: [
      { rank: "override", received: /^SSH-/ },
      // Bytes of no known make may come from a server in trouble: they stop no account.
      { rank: "phase", stages: ["greeting"], kinds: ["protocol"], scope: "endpoint", retry: "connection" },
      { rank: "class", stages: ["greeting"], kinds: ["reply"], scope: "endpoint", retry: "connection" },
    ],
  },
  "banner.closed-without-greeting": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} closed the connection without a greeting",
      zh: "{host} 没有发送问候语就断开了连接",
    },
    explanation: {
      en: "The connection was closed before the server said anything: this machine's address is banned or not on an allow list there, a proxy has no server behind it, or the port wants SSL/TLS from the first byte.",
      zh: "服务器没有返回任何内容就断开了连接：本机 IP 被封禁或不在对方的白名单中、代理后面没有服务器，或者该端口要求一开始就使用 SSL/TLS。",
    },
    steps: [
      {
        en: "Check that the security fits the port. Settings that fit: {endpoints}.",
        zh: "检查加密方式与端口是否匹配。可用的设置：{endpoints}。",
      },
      {
        en: "Wait a quarter of an hour, as bans often end by themselves; then ask {provider} whether this machine's address is banned.",
        zh: "等待十五分钟（封禁常会自动解除）；如仍失败，请询问{provider}是否封禁了本机 IP。",
      },
    ],
    signs: [{ rank: "phase", stages: ["greeting"], codes: ["CLOSED", "EPIPE", "ECONNABORTED"] }],
  },
  "banner.silent-server": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} accepted the connection on port {port} and said nothing",
      zh: "{host} 接受了端口 {port} 的连接，但一直没有应答",
    },
    explanation: {
      en: "No greeting came. The server waits for us because this port wants SSL/TLS from the first byte, it is overloaded, it delays strangers on purpose, or a device on the way completed the connection in its place.",
      zh: "没有收到问候语：该端口要求一开始就使用 SSL/TLS（服务器在等我们）、服务器过载、故意延迟陌生来源，或者途中的设备代它接受了连接。",
    },
    steps: [
      {
        en: "Check that the security fits the port: 465 wants SSL/TLS, 587 STARTTLS.",
        zh: "检查加密方式与端口是否匹配：465 用 SSL/TLS，587 用 STARTTLS。",
      },
      { en: "Try another endpoint: {otherEndpoints}.", zh: "换用其他服务器或端口：{otherEndpoints}。" },
      { en: "Look at the status page of {provider} and wait.", zh: "查看{provider}的服务状态页并等待恢复。" },
    ],
    signs: [{ rank: "phase", stages: ["greeting"], codes: ["TIMEOUT"] }],
  },
  "banner.slow-tarpit": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "{host} lets clients wait for its greeting",
      zh: "{host} 的问候语来得很慢",
    },
    explanation: {
      en: "The greeting came after {found}. Some servers wait on purpose, to catch spammers that talk too early; others look for the reverse name of your address, and their name server does not answer. Programs with a short limit say that the greeting was never received.",
      zh: "问候语在 {found} 后才到。有的服务器故意拖延，以识别抢先说话的垃圾邮件程序；有的在查询你地址的反向解析，而 DNS 没有回应。时限较短的程序会报告没有收到问候语。",
    },
    symptom: {
      en: 'The greeting comes after 5 to 60 seconds; hasty programs say "Greeting never received".',
      zh: "问候语要等 5 到 60 秒；等待时间短的程序报 Greeting never received。",
    },
    steps: [
      {
        en: "Give the application at least 60 s for the greeting. Postrider waits five minutes, as RFC 5321 says.",
        zh: "应用等待问候语的时限至少设为 60 秒。Postrider 按 RFC 5321 等待五分钟。",
      },
      {
        en: "If the server is your own: give this machine's address a reverse name, or switch the pause off for clients that sign in.",
        zh: "如果是自建服务器：为本机地址设置反向解析，或对需要登录的客户端关闭延迟。",
      },
    ],
  },
  "banner.not-the-expected-provider": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "Whoever answers at {host} is not {provider}",
      zh: "在 {host} 应答的不是{provider}",
    },
    explanation: {
      en: "The server calls itself {found}. Something on the way answers in its place, or a stale address leads elsewhere.",
      zh: "对方自称 {found}。可能途中有设备代为应答，也可能是过期的地址指到了别处。",
    },
    symptom: {
      en: "The 220 line names a host that is not the provider's.",
      zh: "220 行里的主机名不属于该服务商。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS, where a certificate proves who answers before anything is said.",
        zh: "改用 465 端口的 SSL/TLS：在交谈之前，证书就能证明对方身份。",
      },
      {
        en: "Look for a line with {host} in the hosts file, and ask the hosting company whether it intercepts mail.",
        zh: "检查 hosts 文件中有没有 {host} 的记录，并询问主机商是否拦截邮件。",
      },
    ],
  },
});
