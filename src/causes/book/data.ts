// The content: what the server says of the message itself, and a connection that dies under it.
import { chapter } from "../entry.ts";

const publish = {
  en: "Where the domain of {sender} is your own: publish the SPF and DKIM records that {provider} gives for it, and a DMARC record. Otherwise send under an address of your own domain or account.",
  zh: "如果 {sender} 的域名是您自己的：按{provider}的说明发布 SPF 和 DKIM 记录，并添加 DMARC 记录；否则请改用自己域名或账号的发件人地址。",
};

export const data = chapter("data", {
  "data.connection-lost-after-dot": {
    scope: "endpoint",
    retry: "transient",
    title: {
      en: "The connection broke after the message was handed over and before the answer",
      zh: "邮件已交出，但在收到确认之前连接中断",
    },
    explanation: {
      en: "From here there is no knowing whether {host} took the message. Sent again, it may arrive twice; not sent again, it may be lost.",
      zh: "我们无法得知 {host} 是否已收下邮件。重发可能收到两封，不重发则可能丢失。",
    },
    symptom: {
      en: "The connection closes or times out after the whole message was sent, before the 250.",
      zh: "整封邮件已发完，在收到 250 之前连接关闭或超时。",
    },
    steps: [
      {
        en: "Look in the log or the sent folder of {provider} for the Message-ID.",
        zh: "在{provider}的日志或已发送文件夹中查找该邮件的 Message-ID。",
      },
      {
        en: "If it is not there, send again: postrider messages retry ID",
        zh: "如果没有，请重新发送：postrider messages retry ID",
      },
    ],
    signs: [{ rank: "override", certainty: "unknown" }],
  },
  "data.unauthenticated-sender": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "The mail fails the checks of its sender's domain (SPF, DKIM, DMARC)",
      zh: "邮件未通过发件域名的验证（SPF、DKIM、DMARC）",
    },
    explanation: {
      en: "The receiving side found neither a passing SPF nor a passing DKIM for the domain of {sender}, or that domain's DMARC policy forbids the mail.",
      zh: "对 {sender} 的域名，收件方没有发现通过的 SPF 或 DKIM，或者该域名的 DMARC 策略禁止这封邮件。",
    },
    steps: [publish],
    signs: [
      { rank: "override", enhanced: ["5.7.26"] },
      { rank: "override", enhanced: ["4.7.26"], retry: "transient" },
      {
        rank: "override",
        stages: ["mail", "rcpt", "data", "content"],
        class: 5,
        text: /\bDMARC\b|sender is unauthenticated/i,
      },
    ],
  },
  "data.microsoft-5.7.515": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "Outlook.com wants SPF, DKIM and DMARC from the domain of {sender}",
      zh: "Outlook.com 要求 {sender} 的域名具备 SPF、DKIM 和 DMARC",
    },
    explanation: {
      en: "Since May 2025 Outlook.com, Hotmail and Live demand all three from domains that send more than 5,000 mails a day to them.",
      zh: "自 2025 年 5 月起，Outlook.com、Hotmail 和 Live 要求每天向其发送超过 5000 封邮件的域名三项齐备。",
    },
    steps: [publish],
    signs: [{ rank: "override", enhanced: ["5.7.515"] }],
  },
  "data.unusual-activity-lock": {
    scope: "account",
    retry: "pause-account",
    title: {
      en: "{provider} has locked sending for unusual activity",
      zh: "{provider}因异常发信行为锁定了该账号",
    },
    explanation: {
      en: "Volume, pace or content looked like abuse. Every further try can make the lock longer, so we pause the account.",
      zh: "发信数量、速度或内容被视为滥用。继续尝试可能延长锁定，因此我们暂停了该账号。",
    },
    steps: [
      {
        en: "Sign in at {provider} and unlock the account; the server's words above may hold the link.",
        zh: "登录{provider}解除锁定；上面的服务器原话中可能带有链接。",
      },
      {
        en: "Send more slowly afterwards: postrider account resume NAME lets the mail go again.",
        zh: "之后放慢发信速度，用 postrider account resume NAME 恢复发送。",
      },
    ],
    signs: [
      {
        rank: "override",
        kinds: ["reply"],
        text: /unusual sending activity|UnblockMe|OutboundSpam|bad outbound sender|sender address blocked/i,
      },
    ],
  },
  "data.no-reverse-dns": {
    scope: "endpoint",
    retry: "connection",
    title: {
      en: "This machine's internet address has no reverse name",
      zh: "本机的公网 IP 没有反向解析",
    },
    explanation: {
      en: "The receiving side takes mail only from addresses with a PTR record. It matters to machines that deliver on their own.",
      zh: "收件方只接受有 PTR 记录的 IP 的来信。这只影响自行直接投递的机器。",
    },
    steps: [
      { en: "Send through a provider with sign-in.", zh: "通过需要登录的服务商发信。" },
      {
        en: "Or have the hosting company set the PTR record of this machine's address.",
        zh: "或者请主机服务商为本机 IP 设置 PTR 记录。",
      },
    ],
    signs: [
      { rank: "override", enhanced: ["5.7.25", "4.7.25"] },
      { rank: "override", kinds: ["reply"], text: /PTR record|reverse (?:hostname|dns)|\brdns\b/i },
    ],
  },
  "data.bare-lf": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message has lines that end without CRLF", zh: "邮件中有不以 CRLF 结尾的行" },
    explanation: {
      en: "Since the discovery of SMTP smuggling in 2023 servers refuse bare line feeds.",
      zh: "自 2023 年发现 SMTP 走私漏洞以来，服务器会拒绝单独的换行符。",
    },
    steps: [
      {
        en: "Have the program that wrote the message end every line with CRLF.",
        zh: "请让生成邮件的程序以 CRLF 结束每一行。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["data", "content"],
        text: /\bbare[ -]?<?(?:lf|cr|line ?feed)|BareLinefeeds|smtplf/i,
      },
    ],
  },
  "data.bad-or-missing-headers": {
    scope: "message",
    retry: "permanent",
    title: { en: "A header of the message is missing or wrong", zh: "邮件缺少必需的头部，或头部格式有误" },
    explanation: {
      en: "The server checks From, Date and Message-ID, and found one missing or not written as the standard wants (RFC 5322, RFC 2047).",
      zh: "服务器会检查 From、Date、Message-ID 等头部，发现有缺失或不符合标准（RFC 5322、RFC 2047）。",
    },
    steps: [
      {
        en: "Give the message a From header with a full address, and encode names that are not ASCII.",
        zh: "为邮件设置含完整地址的 From 头部，并对非 ASCII 的名称进行编码。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["content"],
        class: 5,
        text: /\bfrom\b.{0,3} header|valid address in from|missing .{0,30}header|header (?:is )?(?:missing|invalid)|RFC ?2047/i,
      },
    ],
  },
  "data.timeout-after-data": {
    scope: "endpoint",
    retry: "transient",
    title: { en: "The message could not be handed over in time", zh: "邮件内容未能在时限内传完" },
    explanation: {
      en: "The upload was too slow, or large packets are lost on the way. The server did not take the message.",
      zh: "上传太慢，或大数据包在途中丢失。服务器没有收下邮件。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
      {
        en: "If small mails pass and large ones hang, set the MTU of this machine's network lower (for example 1450).",
        zh: "如果小邮件正常、大邮件卡住，请调低本机网络的 MTU（例如 1450）。",
      },
    ],
    signs: [
      { rank: "override", stages: ["data", "content"], class: 4, text: /time ?(?:d )?out/i },
      { rank: "phase", stages: ["data", "content"], enhanced: ["4.4.2"] },
      { rank: "phase", stages: ["data", "content"], codes: ["TIMEOUT"], certainty: "not-accepted" },
    ],
  },
  "data.line-too-long": {
    scope: "message",
    retry: "permanent",
    title: { en: "A line of the message is too long", zh: "邮件中有过长的行" },
    explanation: {
      en: "SMTP allows 998 characters in a line (RFC 5322 §2.1.1); HTML without line breaks goes over it.",
      zh: "SMTP 每行最多 998 个字符（RFC 5322 §2.1.1），没有换行的 HTML 会超出。",
    },
    steps: [
      {
        en: "Encode the content as quoted-printable or base64.",
        zh: "把内容编码为 quoted-printable 或 base64。",
      },
    ],
    signs: [{ rank: "phase", stages: ["data", "content"], text: /\blines?\b.{0,12}(?:too long|length)/i }],
  },
  "data.8bit-not-supported": {
    scope: "message",
    retry: "permanent",
    title: { en: "{host} takes no 8-bit content", zh: "{host} 不支持 8 位内容" },
    explanation: {
      en: "The message holds characters outside ASCII without an encoding, and the server lacks 8BITMIME.",
      zh: "邮件含有未编码的非 ASCII 字符，而服务器不支持 8BITMIME。",
    },
    steps: [
      {
        en: "Encode the content as quoted-printable or base64.",
        zh: "把内容编码为 quoted-printable 或 base64。",
      },
    ],
    signs: [
      {
        rank: "override",
        stages: ["mail", "data", "content"],
        class: 5,
        text: /8BITMIME|8-?bit (?:data|content|mime)/i,
      },
      { rank: "enhanced", stages: ["mail", "data", "content"], enhanced: ["5.6.1", "5.6.3"] },
    ],
  },
  "data.dkim-fail": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "The DKIM signature of {sender}'s domain did not verify",
      zh: "{sender} 域名的 DKIM 签名未通过验证",
    },
    explanation: {
      en: "The key is missing in DNS, or the message was changed after it was signed.",
      zh: "DNS 中缺少公钥，或者邮件在签名后被改动。",
    },
    steps: [
      {
        en: "Publish the DKIM records that {provider} shows for the domain.",
        zh: "为域名发布{provider}给出的 DKIM 记录。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["mail", "data", "content"], text: /\bDKIM\b/i },
      { rank: "enhanced", stages: ["data", "content"], enhanced: ["5.7.20", "5.7.21", "5.7.22", "5.7.30"] },
    ],
  },
  "data.spf-fail": {
    scope: "sender",
    retry: "permanent",
    title: {
      en: "The domain of {sender} does not name {provider} in SPF",
      zh: "{sender} 的域名没有在 SPF 中列出{provider}",
    },
    explanation: {
      en: "SPF lists who may send for a domain, and the server that sent this is not in it.",
      zh: "SPF 记录列出了允许代该域名发信的服务器，而本次发信的服务器不在其中。",
    },
    steps: [
      {
        en: "Add the include of {provider} to the domain's SPF record (exactly one record that begins with v=spf1).",
        zh: "在域名的 SPF 记录中加入{provider}的 include（以 v=spf1 开头的记录只能有一条）。",
      },
    ],
    signs: [
      { rank: "phase", stages: ["mail", "rcpt", "data", "content"], text: /\bSPF\b|does not designate/i },
      {
        rank: "enhanced",
        stages: ["mail", "rcpt", "data", "content"],
        enhanced: ["5.7.23", "5.7.24", "5.7.27"],
      },
    ],
  },
  "data.content-rejected": {
    scope: "message",
    retry: "permanent",
    title: { en: "{host} refuses the content of this message", zh: "{host} 拒绝了邮件的内容" },
    explanation: {
      en: "A filter took it for spam or for something dangerous: test words, a single line, shortened links, an attachment of a forbidden type. The account is not at fault.",
      zh: "内容过滤器把它判定为垃圾或危险邮件：测试字样、只有一行、短链接、禁止的附件类型等。账号本身没有问题。",
    },
    steps: [
      {
        en: "Change subject, text or attachment; a one-word test is often refused.",
        zh: "修改主题、正文或附件；只有一个词的测试邮件常被拒绝。",
      },
      { en: "Look for the reason in the server's words above.", zh: "在上面的服务器原话中查看理由。" },
    ],
    signs: [
      {
        rank: "phase",
        stages: ["content"],
        text: /\bspam\b|content (?:is |was |has been )?(?:rejected|denied|blocked|refused)|message content|because its content|DT:SP[MB]|virus|malware|phish|security (?:issue|reasons)|unsolicited|suspicious|(?:local|mail) ?policy/i,
      },
      { rank: "phase", stages: ["content"], replies: [552], enhanced: ["5.7.0"] },
    ],
  },
  "data.protocol-error-local": {
    scope: "message",
    retry: "permanent",
    title: { en: "The message is not well formed", zh: "邮件的结构不正确" },
    explanation: {
      en: "The server could not take the message apart: a MIME boundary that never ends, or a broken header.",
      zh: "服务器无法解析邮件：可能是 MIME 边界没有结束，或头部损坏。",
    },
    steps: [{ en: "Fix the program that built the message.", zh: "请修复生成邮件的程序。" }],
    signs: [
      {
        rank: "phase",
        stages: ["content"],
        text: /expected disposition|malformed|invalid mime|mime (?:error|structure)/i,
      },
      { rank: "enhanced", stages: ["content"], enhanced: ["5.6.0", "5.3.0"] },
    ],
  },
  "data.deferred": {
    scope: "message",
    retry: "transient",
    title: { en: "{host} takes this message later", zh: "{host} 要求稍后再发这封邮件" },
    explanation: {
      en: "The server refused the message for the time being.",
      zh: "服务器暂时拒绝了这封邮件。",
    },
    steps: [
      {
        en: "Wait some minutes; mail that waits is tried again by itself.",
        zh: "请等待几分钟；等待中的邮件会自动重试。",
      },
    ],
    signs: [
      { rank: "class", stages: ["data", "content"], replies: [430, 432, 441, 442, 450, 451, 452, 454] },
      { rank: "class", stages: ["data", "content"], status: 4 },
    ],
  },
  "data.refused": {
    scope: "message",
    retry: "permanent",
    title: { en: "{host} refuses this message", zh: "{host} 拒绝了这封邮件" },
    explanation: {
      en: "The refusal is final by its code; the server's words hold the reason, if it gave one.",
      zh: "从代码看这是永久拒绝，原因（如有）见服务器的回复。",
    },
    steps: [
      {
        en: "Read the server's words, change what they name, and send again.",
        zh: "阅读服务器的回复，按其说明修改后重新发送。",
      },
    ],
    signs: [
      {
        rank: "class",
        stages: ["data", "content"],
        replies: [500, 501, 502, 504, 510, 521, 541, 550, 551, 553, 554, 555, 556, 571],
      },
      { rank: "class", stages: ["data", "content"], status: 5 },
    ],
  },
});
