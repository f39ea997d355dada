// The introduction, and the step to encryption.
import { chapter } from "../entry.ts";

export const ehlo = chapter("ehlo", {
  "ehlo.starttls-stripped-xxxxxxxa": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "Something on the way removes encryption from {host}:{port}",
      zh: "途中有设备抹掉了 {host}:{port} 的加密功能",
    },
    explanation: {
      en: "Where the server offers STARTTLS, a row of X came. A firewall, virus scanner or internet provider overwrites it so that it can read the mail. We sent no password.",
      zh: "服务器本应提供 STARTTLS 的地方变成了一串 X。防火墙、杀毒软件或运营商改写了它，以便读取邮件内容。我们没有发送密码。",
    },
    steps: [
      { en: "Use port 465 with SSL/TLS.", zh: "改用 465 端口和 SSL/TLS。" },
      {
        en: "Have mail inspection switched off on that device; until then treat this network as hostile.",
        zh: "请关闭该设备的邮件检查；在此之前应把这个网络视为不可信。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["ehlo", "starttls", "auth"],
        secured: false,
        earlier: /^250[ -]X{6,}[A-Z]?\s*$/,
      },
      { rank: "override", stages: ["starttls", "ehlo"], text: /\bX{7,}[A-Z]?\b/ },
    ],
  },
  "ehlo.starttls-required": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host} wants encryption first",
      zh: "{host} 要求先加密再操作",
    },
    explanation: {
      en: "The account is set to {security} on port {port}, and the server takes neither sign-in nor mail in clear.",
      zh: "账号在端口 {port} 上的设置是{security}，而服务器不接受明文登录或发信。",
    },
    steps: [
      { en: "Set the security to STARTTLS on port {port}.", zh: "把端口 {port} 的加密方式改为 STARTTLS。" },
      {
        en: "Or use port 465 with SSL/TLS. Settings that fit: {endpoints}.",
        zh: "或者使用 465 端口和 SSL/TLS。可用的设置：{endpoints}。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["ehlo", "auth", "mail", "rcpt", "data"],
        secured: false,
        text: /starttls|encryption (?:is )?(?:required|needed)|without (?:ssl|tls)|(?:ssl|tls) (?:is )?required|must use (?:ssl|tls)|secure connection|ssl\/tls encryption/i,
      },
      {
        rank: "override",
        stages: ["auth", "mail"],
        text: /must issue a starttls|without ssl\/tls encryption is not allowed/i,
      },
      { rank: "phase", secured: false, replies: [538] },
      { rank: "phase", secured: false, enhanced: ["5.7.11", "5.7.10"] },
    ],
  },
  "ehlo.name-rejected": {
    scope: "account",
    retry: "config",
    title: {
      en: "{host} does not accept the name this machine introduces itself with",
      zh: "{host} 不接受本机自报的主机名",
    },
    explanation: {
      en: "In EHLO a client says who it is. This server wants a full domain name there, and got a bare or unknown one.",
      zh: "客户端在 EHLO 命令中要报上自己的名字。该服务器要求完整的域名，而收到的是不完整或无法识别的名字。",
    },
    steps: [
      {
        en: "Give this machine a full host name that exists in DNS.",
        zh: "为本机设置一个在 DNS 中存在的完整主机名。",
      },
      { en: "Then test the account again.", zh: "然后重新测试该账号。" },
    ],
    signs: [
      { rank: "override", text: /(?:helo|ehlo) command rejected|invalid (?:helo|ehlo)|bad (?:helo|ehlo)/i },
      { rank: "phase", stages: ["ehlo"], replies: [501, 504, 550, 553] },
    ],
  },
  "ehlo.not-implemented": {
    scope: "endpoint",
    retry: "config",
    title: { en: "{host} does not speak today's SMTP", zh: "{host} 不支持现行的 SMTP 协议" },
    explanation: {
      en: "It refuses EHLO, so that it can offer neither encryption nor sign-in: a very old server, or a firewall that blocks them.",
      zh: "它拒绝 EHLO 命令，因而无法提供加密和登录：可能是非常旧的服务器，或者被防火墙拦截。",
    },
    steps: [
      { en: "Use port 465 with SSL/TLS.", zh: "改用 465 端口和 SSL/TLS。" },
      {
        en: "Ask the owner of the network whether a firewall inspects mail.",
        zh: "询问网络管理员防火墙是否在检查邮件流量。",
      },
    ],
    signs: [{ rank: "phase", stages: ["ehlo"], class: 5 }],
  },
  "ehlo.starttls-missing": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "{host} does not offer STARTTLS on port {port}",
      zh: "{host} 的端口 {port} 没有提供 STARTTLS",
    },
    explanation: {
      en: "Without it the password and the mail would travel in clear, so we stopped. The server offers encryption on another port only, has it switched off, or a device on the way removed the offer.",
      zh: "没有它，密码和邮件都会明文传输，因此我们已停止。可能是服务器只在其他端口提供加密、没有开启加密，或者途中的设备去掉了这项能力。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS. Settings that fit: {endpoints}.",
        zh: "改用 465 端口和 SSL/TLS。可用的设置：{endpoints}。",
      },
      { en: "If the server is your own, switch STARTTLS on.", zh: "如果是自建服务器，请开启 STARTTLS。" },
    ],
    signs: [{ rank: "phase", codes: ["STARTTLS_NOT_OFFERED"] }],
  },
  "ehlo.starttls-refused": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "{host} could not start encryption", zh: "{host} 无法启动加密" },
    explanation: {
      en: "It offers STARTTLS and then refused it: its certificate or key is at fault. We did not go on in clear.",
      zh: "服务器声明支持 STARTTLS，却拒绝执行，多半是它的证书或私钥有问题。我们没有改用明文继续。",
    },
    symptom: {
      en: 'STARTTLS is offered and answered with 454, "TLS not available".',
      zh: "服务器列出 STARTTLS，执行时却回复 454 TLS not available。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      {
        en: "Or use port 465 with SSL/TLS: {otherEndpoints}.",
        zh: "或者改用 465 端口和 SSL/TLS：{otherEndpoints}。",
      },
    ],
    signs: [{ rank: "phase", stages: ["starttls"], kinds: ["reply"] }],
  },
  "ehlo.plaintext-after-starttls": {
    scope: "endpoint",
    retry: "config",
    title: {
      en: "{host} agreed to encrypt and then went on in plain text",
      zh: "{host} 同意加密后仍然发送明文",
    },
    explanation: {
      en: "It answered STARTTLS with yes, and what followed is not TLS: a proxy in front of it is set up wrongly.",
      zh: "它同意了 STARTTLS，但随后的数据不是 TLS，多半是前端代理配置有误。",
    },
    steps: [
      {
        en: "Use port 465 with SSL/TLS: {otherEndpoints}.",
        zh: "改用 465 端口和 SSL/TLS：{otherEndpoints}。",
      },
      { en: "Report it to the owner of the server.", zh: "请把问题反馈给服务器管理员。" },
    ],
    signs: [
      {
        rank: "override",
        stages: ["tls"],
        security: ["starttls"],
        codes: [
          "ERR_SSL_WRONG_VERSION_NUMBER",
          "ERR_SSL_PACKET_LENGTH_TOO_LONG",
          "ERR_SSL_RECORD_LAYER_FAILURE",
        ],
      },
    ],
  },
  "ehlo.silent-plaintext-downgrade": {
    scope: "account",
    retry: "config",
    title: {
      en: "Mail would leave without encryption, though {host} offers it",
      zh: "邮件将以明文发送，而 {host} 支持加密",
    },
    explanation: {
      en: "The setting asks for no encryption. Programs that take encryption only where it happens to be offered send in clear, sign-in included, as soon as somebody on the way hides the offer, and nothing tells. Postrider never signs in without TLS to another machine.",
      zh: "当前设置不要求加密。只在对方恰好提供时才加密的程序，一旦途中有人隐去该能力，就会连同登录信息一起明文发送，而且没有任何提示。Postrider 绝不会在没有 TLS 的情况下向其他主机登录。",
    },
    symptom: {
      en: "Everything works, and the password travels unencrypted; only the transcript shows it.",
      zh: "一切看似正常，密码却未加密传输；只有会话记录能看出来。",
    },
    steps: [
      {
        en: "Set the security to STARTTLS or SSL/TLS. Settings that fit: {endpoints}.",
        zh: "把加密方式设为 STARTTLS 或 SSL/TLS。可用的设置：{endpoints}。",
      },
      {
        en: "In other programs switch on what requires TLS (nodemailer: requireTLS).",
        zh: "在其他程序中打开“必须使用 TLS”（nodemailer：requireTLS）。",
      },
    ],
  },
});
