// SendGrid (Twilio).
import type { Provider } from "../provider.ts";

export const sendgrid: Provider = {
  id: "sendgrid",
  name: "SendGrid (Twilio)",
  kind: "relay",
  aliases: ["twilio-sendgrid"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    {
      host: "smtp.sendgrid.net",
      port: 587,
      security: "starttls",
      note: { en: "Recommended by the provider", zh: "服务商推荐" },
    },
    { host: "smtp.sendgrid.net", port: 465, security: "tls" },
    {
      host: "smtp.sendgrid.net",
      port: 2525,
      security: "starttls",
      note: {
        en: "For hosting environments that block ports 25 and 587",
        zh: "适用于封锁了 25 和 587 端口的主机环境",
      },
    },
    {
      host: "smtp.sendgrid.net",
      port: 25,
      security: "starttls",
      note: { en: "Often blocked by hosting providers", zh: "常被云主机服务商封锁" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "literal",
    value: "apikey",
    text: {
      en: "The word apikey, seven characters, the same for every customer. Never the key itself, and no longer an account name.",
      zh: "固定填写 apikey 这七个字符，所有客户都一样；不要填密钥本身，也不再使用账号名。",
    },
  },
  secret: {
    kinds: ["api-key"],
    pattern: "^SG\\.\\S+$",
    text: {
      en: "A SendGrid API key (it begins with SG.) that has at least the Mail Send permission.",
      zh: "SendGrid API 密钥（以 SG. 开头），至少要有 Mail Send 权限。",
    },
    obtain: {
      url: "https://app.sendgrid.com/settings/api_keys",
      path: {
        en: "Settings > API Keys > Create API Key > Restricted Access, with Mail Send on (the key is shown only once)",
        zh: "Settings > API Keys > Create API Key > Restricted Access，并打开 Mail Send 权限（密钥只显示一次）",
      },
    },
  },
  prerequisites: [
    {
      en: "A verified Sender Identity: a single sender, or domain authentication.",
      zh: "已有通过验证的 Sender Identity（发件人身份）：单个发件人验证或域名验证均可。",
    },
    {
      en: "No line breaks or spaces inside the pasted key: SMTP works line by line, so they break the sign-in.",
      zh: "粘贴的密钥中不能有换行或空格：SMTP 按行通信，多余的字符会导致登录失败。",
    },
  ],
  limits: {
    recipientsPerMessage: 1000,
    messageSizeBytes: 31457280,
    concurrentConnections: 10000,
    messagesPerConnection: 5000,
    notes:
      "5 000 messages per connection and 10 000 connections from one server are the published ceilings; the X-SMTPAPI page of the same docs names a hard 10 000 addresses and advises 1 000. EHLO shows SIZE 31457280 (30 MiB). Daily volume depends on the plan; once it is used up the login itself is refused with 451.",
    source:
      "https://github.com/sendgrid/docs (content/docs/for-developers/sending-email/integrating-with-the-smtp-api.md, 2021-06-11) ; size from the EHLO capture in a public repository",
  },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The From address must belong to a verified Sender Identity; otherwise the message is refused with 550 after DATA.",
      zh: "发件人地址必须属于已验证的 Sender Identity，否则在 DATA 之后会返回 550 拒收。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "sendgrid.net",
    dkimSelectors: ["s1", "s2", "smtpapi"],
    notes:
      "A CNAME return path em#### takes the place of the include; s1 and s2 are CNAME records, smtpapi is the old selector.",
    evidence: "sourced",
  },
  replies: [
    {
      code: 535,
      enhanced: null,
      words: ["bad username"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "Authentication failed: Bad username / password",
      meaning: {
        en: "The user name is not the word apikey, or the key is wrong, deleted or lacks the Mail Send permission.",
        zh: "用户名不是 apikey，或者密钥错误、已被删除、缺少 Mail Send 权限。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 550,
      enhanced: null,
      words: ["verified Sender Identity"],
      stage: "content",
      cause: "envelope.sender-not-verified",
      sample:
        "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements",
      meaning: { en: "The From address is not a verified identity.", zh: "发件人地址不是已验证的身份。" },
      evidence: "verbatim",
      source: "https://github.com/mbentley/docker-omada-controller/issues/253",
    },
    {
      code: 550,
      enhanced: null,
      words: ["Unauthenticated senders"],
      stage: "mail",
      cause: "envelope.authentication-required",
      sample: "Unauthenticated senders not allowed",
      meaning: {
        en: "MAIL FROM was sent before a successful sign-in.",
        zh: "尚未登录成功就发送了 MAIL FROM。",
      },
      evidence: "verbatim",
      source: "https://github.com/Billionmail/BillionMail/issues/171",
    },
    {
      code: 451,
      enhanced: null,
      words: ["Maximum credits exceeded"],
      stage: "auth",
      cause: "auth.account-blocked-or-unpaid",
      sample: "Authentication failed: Maximum credits exceeded",
      meaning: {
        en: "The plan or trial has no credits left. SendGrid says so at sign-in with a 4xx code, so a client that only looks at the code would retry for ever.",
        zh: "套餐或试用的额度已用完。SendGrid 在登录阶段用 4xx 代码告知，只看代码的客户端会无休止地重试。",
      },
      evidence: "verbatim",
      source:
        "https://github.com/sendgrid/docs (content/docs/for-developers/sending-email/smtp-errors-and-troubleshooting.md, 2021-06-11)",
    },
    {
      code: 552,
      enhanced: null,
      words: ["larger than the current system limit"],
      stage: "content",
      cause: "envelope.too-large",
      sample:
        "This message is larger than the current system limit or the recipient's mailbox is full. Create a shorter message body or remove attachments and try sending it again.",
      meaning: { en: "The message is too large.", zh: "邮件过大。" },
      evidence: "verbatim",
      source:
        "https://github.com/sendgrid/docs (content/docs/for-developers/sending-email/smtp-errors-and-troubleshooting.md, 2021-06-11)",
    },
    {
      code: 403,
      enhanced: null,
      words: ["not authorized to send from"],
      stage: null,
      cause: "envelope.sender-not-verified",
      sample: "You are not authorized to send from that email address",
      meaning: {
        en: "You are not authorized to send from that address. 403 is not a legal SMTP code; it is listed among SendGrid's errors and appears in Email Activity.",
        zh: "无权使用该地址发信。403 并不是合法的 SMTP 代码，但列在 SendGrid 的错误表中，并会出现在 Email Activity 里。",
      },
      evidence: "verbatim",
      source:
        "https://github.com/sendgrid/docs (content/docs/for-developers/sending-email/smtp-errors-and-troubleshooting.md, 2021-06-11)",
    },
  ],
  wire: {
    greeting: "SG ESMTP service ready at ismtpd0013p1las1.sendgrid.net",
    clear: ["8BITMIME", "PIPELINING", "SIZE 31457280", "STARTTLS", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"],
    secured: ["8BITMIME", "PIPELINING", "SIZE 31457280", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"],
    evidence: "verbatim",
  },
  changes: [],
  notes: [
    {
      en: "Older guides say to use the account's own user name and password. Today only the user name apikey with an API key is accepted.",
      zh: "旧教程要求填写账号自己的用户名和密码；如今只接受用户名 apikey 加 API 密钥。",
    },
    {
      en: "Older guides list ports 25, 587 and 465. Today 2525 works as well.",
      zh: "旧教程列出 25、587 和 465 端口；如今 2525 端口也可使用。",
    },
    {
      en: 'Older guides call ports 25 and 587 "unencrypted/TLS". Plain connections are still technically accepted, but a client should require STARTTLS.',
      zh: "旧教程把 25 和 587 端口标为“未加密/TLS”；服务器在技术上仍接受明文连接，但客户端应强制使用 STARTTLS。",
    },
    {
      en: "Older guides do not say that the From address has to be a verified Sender Identity.",
      zh: "旧教程没有说明发件人地址必须是已验证的 Sender Identity。",
    },
  ],
  quirks: [
    'the last EHLO line is "250 AUTH=PLAIN LOGIN", the old equals form',
    "enhanced status codes are not advertised and not sent",
    "the free plan for good was replaced by a 60-day trial in 2025 (recalled)",
  ],
  links: [
    "https://app.sendgrid.com/settings/api_keys",
    "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api",
    "https://sendgrid.com/docs/for-developers/sending-email/sender-identity/",
  ],
  checked: "2026-11-23",
  recalled: ["secret.pattern"],
};
