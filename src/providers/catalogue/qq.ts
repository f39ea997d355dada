// QQ Mail.
import type { Provider } from "../provider.ts";

export const qq: Provider = {
  id: "qq",
  name: "QQ Mail",
  nameZh: "QQ邮箱",
  kind: "mailbox",
  aliases: ["foxmail", "qq-mail"],
  domains: ["qq.com", "vip.qq.com", "foxmail.com"],
  mxSuffixes: ["mx1.qq.com", "mx2.qq.com", "mx3.qq.com"],
  endpoints: [
    { host: "smtp.qq.com", port: 465, security: "tls" },
    { host: "smtp.qq.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: {
      en: "The full email address (the bare QQ number may work too).",
      zh: "完整的邮箱地址（只填 QQ 号可能也可以）。",
    },
  },
  secret: {
    kinds: ["authorization-code"],
    pattern: "^[a-z]{16}$",
    text: {
      en: "A 16-letter authorization code (授权码). You can make one for each device.",
      zh: "16 位授权码；可以为每台设备分别生成一个。",
    },
    obtain: {
      url: "https://mail.qq.com",
      path: {
        en: "Settings (设置) > Account (账户, now 账号与安全) > POP3/IMAP/SMTP/Exchange/CardDAV/CalDAV service (服务) > Enable (开启) > confirm by SMS > Generate authorization code (生成授权码)",
        zh: "设置 > 账户（新版为“账号与安全”） > POP3/IMAP/SMTP/Exchange/CardDAV/CalDAV 服务 > 开启服务 > 短信验证 > 生成授权码",
      },
    },
  },
  prerequisites: [
    {
      en: "The SMTP service is switched on in the web settings.",
      zh: "已在网页版邮箱设置中开启 SMTP 服务。",
    },
    { en: "An SMS from the bound phone number confirms it.", zh: "需用绑定的手机号发送短信进行验证。" },
    {
      en: "Changing the QQ password voids every authorization code.",
      zh: "修改 QQ 密码后，所有授权码都会失效。",
    },
  ],
  limits: {
    perDay: 500,
    perDayUnit: "messages",
    messageSizeBytes: 73400320,
    notes:
      "Tencent publishes no SMTP numbers here; EHLO SIZE 73400320 (70 MiB). The daily number counts messages (third-party figure).",
    source: "https://cloud.kd.cn/ask/9658.html (third party); size from EHLO",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "MAIL FROM has to be the address that signs in (otherwise 501), and the From header has to be present and well formed (otherwise 550).",
      zh: "信封发件人 (MAIL FROM) 必须与登录地址一致（否则返回 501）；邮件必须带有格式正确的 From 头（否则返回 550）。",
    },
  },
  oauth2: null,
  dns: { spfInclude: "spf.mail.qq.com", dkimSelectors: ["s201512"], evidence: "recalled" },
  replies: [
    {
      code: 535,
      enhanced: null,
      words: ["Account is abnormal", "service is not open"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample:
        "Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy. More information at https://help.mail.qq.com/detail/108/1023",
      meaning: {
        en: "The collective answer since about 2023: a wrong or void authorization code, SMTP switched off, too many sign-ins, or a frozen account.",
        zh: "大约自 2023 年起的统一回复：授权码错误或已失效、SMTP 服务未开启、登录过于频繁，或账号被冻结。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 535,
      enhanced: null,
      words: ["authorization code"],
      stage: "auth",
      cause: "auth.authorization-code-required",
      sample:
        "Login Fail. Please enter your authorization code to login. More information in http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
      meaning: {
        en: "The QQ password was used instead of the authorization code.",
        zh: "误用了 QQ 密码，应使用授权码。",
      },
      evidence: "verbatim",
      source: "https://github.com/louislam/uptime-kuma/issues/3434",
    },
    {
      code: 535,
      enhanced: null,
      words: ["授权码"],
      stage: "auth",
      cause: "auth.authorization-code-required",
      sample:
        "Error: 请使用授权码登录。详情请看: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
      meaning: {
        en: "The QQ password was used instead of the authorization code (the form before about 2019, sent as GBK bytes).",
        zh: "误用了 QQ 密码，应使用授权码（约 2019 年之前的旧回复，以 GBK 编码发送）。",
      },
      evidence: "verbatim",
      source: "https://github.com/pandolia/qqbot/issues/221",
    },
    {
      code: 501,
      enhanced: null,
      words: ["must be same as authorization user"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample: "Mail from address must be same as authorization user.",
      meaning: {
        en: "The envelope sender differs from the address that signed in.",
        zh: "信封发件人与登录地址不一致。",
      },
      evidence: "verbatim",
      source: "https://github.com/laurent22/joplin/issues/7952",
    },
    {
      code: 550,
      enhanced: null,
      words: ['"From" header is missing or invalid'],
      stage: "content",
      cause: "data.bad-or-missing-headers",
      sample:
        'The "From" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard protocol. https://service.mail.qq.com/detail/124/995.',
      meaning: {
        en: "The From header is missing, or it has a non-ASCII display name that is not encoded as RFC 2047 demands.",
        zh: "缺少 From 头，或者其中的非 ASCII 显示名没有按 RFC 2047 编码。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 530,
      enhanced: null,
      words: ["Must issue a STARTTLS command first"],
      stage: "auth",
      cause: "ehlo.starttls-required",
      sample: "Must issue a STARTTLS command first.",
      meaning: {
        en: "The client tried to sign in on port 587 before STARTTLS, although AUTH is on the server's list.",
        zh: "虽然服务器列出了 AUTH，但客户端在 587 端口上未先执行 STARTTLS 就尝试登录。",
      },
      evidence: "verbatim",
      source: "an smtplib debug log on smtp.qq.com:587",
    },
    {
      code: 550,
      enhanced: null,
      words: ["Mail content denied"],
      stage: "content",
      cause: "data.content-rejected",
      sample: "Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726",
      meaning: {
        en: "The content was judged to be spam or bulk mail.",
        zh: "内容被判为垃圾邮件或群发邮件。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 550,
      enhanced: null,
      words: ["Sender frequency limited"],
      stage: null,
      cause: "envelope.rate-limited",
      sample: "Sender frequency limited",
      meaning: { en: "Too many messages from this sender.", zh: "该发件人发信过于频繁。" },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
  ],
  wire: {
    greeting: "newxmesmtplogicsvrszc8.qq.com XMail Esmtp QQ Mail Server.",
    clear: [
      "PIPELINING",
      "SIZE 73400320",
      "STARTTLS",
      "AUTH LOGIN PLAIN XOAUTH XOAUTH2",
      "AUTH=LOGIN",
      "MAILCOMPRESS",
      "8BITMIME",
    ],
    secured: [
      "PIPELINING",
      "SIZE 73400320",
      "AUTH LOGIN PLAIN XOAUTH XOAUTH2",
      "AUTH=LOGIN",
      "MAILCOMPRESS",
      "8BITMIME",
    ],
    evidence: "verbatim",
  },
  changes: [],
  notes: [
    { en: "The settings given in older guides still hold.", zh: "旧教程中的设置仍然有效。" },
    {
      en: 'Older guides say "465 or 587 for SSL". Port 465 is implicit TLS and 587 is STARTTLS; they are not interchangeable.',
      zh: "旧教程写“SSL 使用 465 或 587 端口”；其实 465 是隐式 TLS (SSL)，587 是 STARTTLS，两者不能混用。",
    },
    {
      en: "The help link in older guides (no=166) is out of date; the server itself now points to help.mail.qq.com/detail/108/1023.",
      zh: "旧教程中的帮助链接 (no=166) 已过时；服务器现在指向 help.mail.qq.com/detail/108/1023。",
    },
    {
      en: 'Around 2023 the error text changed from "Please enter your authorization code" to one sentence that covers five causes.',
      zh: "大约在 2023 年，错误提示从“Please enter your authorization code”改为一句话，笼统涵盖五种原因。",
    },
  ],
  quirks: [
    "AUTH is advertised on 587 before STARTTLS but refused with 530",
    "signing in too often is refused with the same 535 as a wrong code: wait a quarter of an hour",
    "no enhanced status codes",
    "replies can be GBK bytes",
    "private capability MAILCOMPRESS and the old AUTH=LOGIN line",
    "some clients report the connection as lost after a good delivery because QQ drops it after QUIT without a TLS close (recalled)",
  ],
  links: [
    "https://mail.qq.com",
    "https://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
    "https://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=166",
    "https://help.mail.qq.com/detail/108/1023",
  ],
  checked: "2026-11-23",
};
