// Aliyun Mail (Alibaba Mail).
import type { Provider } from "../provider.ts";

export const aliyun: Provider = {
  id: "aliyun",
  name: "Aliyun Mail (Alibaba Mail)",
  nameZh: "阿里邮箱",
  kind: "hosted",
  aliases: ["alimail", "aliyun-mail", "mxhichina"],
  domains: ["aliyun.com"],
  mxSuffixes: [
    "mx1.qiye.aliyun.com",
    "mx2.qiye.aliyun.com",
    "mx3.qiye.aliyun.com",
    "mxn.mxhichina.com",
    "mxw.mxhichina.com",
    "mx1.mail.aliyun.com",
    "mx2.mail.aliyun.com",
  ],
  endpoints: [
    {
      host: "smtp.qiye.aliyun.com",
      port: 465,
      security: "tls",
      note: { en: "Own domains (enterprise edition)", zh: "自有域名（企业版）" },
    },
    {
      host: "smtp.aliyun.com",
      port: 465,
      security: "tls",
      note: { en: "Personal @aliyun.com addresses", zh: "个人版 @aliyun.com 地址" },
    },
    {
      host: "smtp.mxhichina.com",
      port: 465,
      security: "tls",
      note: {
        en: "Former enterprise name, still answering in October 2024",
        zh: "企业版的旧地址，2024 年 10 月仍可连接",
      },
      legacy: true,
    },
    {
      host: "smtp.qiye.aliyun.com",
      port: 25,
      security: "none",
      note: {
        en: "Plain; blocked inside Aliyun's own cloud, where port 80 is used instead. 587 is not open",
        zh: "明文；在阿里云内网被封锁，改用 80 端口。587 端口未开放",
      },
    },
  ],
  regions: [],
  legacyHosts: ["smtp.mxhichina.com"],
  mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The account password, or the third-party client password (三方客户端安全密码) where the administrator or you have switched it on. It is the default for newer enterprise tenants.",
      zh: "账号密码；如果管理员或您本人启用了三方客户端安全密码，则使用该密码（较新的企业租户默认启用）。",
    },
    obtain: {
      url: "https://qiye.aliyun.com",
      path: {
        en: "Web mail > Settings (设置) > Account security (账户安全) > Third-party client password (三方客户端安全密码) > generate one (it is shown only once)",
        zh: "网页版邮箱 > 设置 > 账户安全 > 三方客户端安全密码 > 生成新密码（仅显示一次）",
      },
    },
  },
  prerequisites: [
    {
      en: "New enterprise tenants forbid third-party clients by default: the postmaster has to allow them (Security > Account Security Strategy).",
      zh: "新企业租户默认禁止第三方客户端，需要邮箱管理员 (postmaster) 放行（安全管理 > 账号安全策略）。",
    },
    { en: "POP3/SMTP is switched on for the account.", zh: "账号已开启 POP3/SMTP 服务。" },
    {
      en: "With two-factor sign-in the client password is needed.",
      zh: "开启双因素登录后，必须使用三方客户端安全密码。",
    },
  ],
  limits: {
    notes:
      "No public numbers on these pages; replies exist for recipients (504/505), size (510), attachments (510).",
    source:
      "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "MAIL FROM must equal the address that signs in; otherwise it is refused with 440, a permanent problem behind a 4xx code.",
      zh: "信封发件人 (MAIL FROM) 必须与登录地址一致，否则返回 440 拒绝：虽是 4xx 代码，问题却是永久性的。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "spf.qiye.aliyun.com",
    dkimSelectors: ["default"],
    notes: "Older domains include spf.mxhichina.com.",
    evidence: "recalled",
  },
  replies: [
    {
      code: 526,
      enhanced: null,
      words: ["Authentication failure[0]"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "Authentication failure[0]",
      meaning: {
        en: "The password is wrong, a client password is required, or third-party clients are forbidden.",
        zh: "密码有误、需要使用三方客户端安全密码，或第三方客户端被禁止。",
      },
      evidence: "verbatim",
      source: "https://github.com/alibaba/canal/issues/554",
    },
    {
      code: 526,
      enhanced: null,
      words: ["Authentication failure[1]"],
      stage: "auth",
      cause: "auth.too-many-logins",
      sample: "Authentication failure[1]",
      meaning: { en: "Too many failed sign-ins.", zh: "登录失败次数过多。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 524,
      enhanced: null,
      words: ["username or passwd is NULL"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "username or passwd is NULL",
      meaning: { en: "The user name or password is empty.", zh: "用户名或密码为空。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 523,
      enhanced: null,
      words: ["invalid base64"],
      stage: "auth",
      cause: "auth.malformed-sasl",
      sample: "cipher text is invalid base64 format",
      meaning: { en: "The sign-in data is not valid base64.", zh: "登录数据不是有效的 base64 编码。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 440,
      enhanced: null,
      words: ["doesn't conform with authentication"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample:
        "mail from account doesn't conform with authentication (Auth Account:login@example.com|Mail Account:other@example.com)",
      meaning: {
        en: "MAIL FROM differs from the address that signed in. The code is 4xx, yet it never goes away by itself.",
        zh: "信封发件人 (MAIL FROM) 与登录地址不一致。虽是 4xx 代码，但不会自行恢复。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 554,
      enhanced: null,
      words: ["RCPT", "dosn't exist"],
      stage: "rcpt",
      cause: "envelope.recipient-unknown",
      sample: "RCPT (account) dosn't exist",
      meaning: { en: "The recipient is unknown.", zh: "收件人不存在。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 504,
      enhanced: null,
      words: ["RCPT attempts"],
      stage: "rcpt",
      cause: "envelope.too-many-recipients",
      sample: "the number of RCPT attempts is achieved the maximum threshold",
      meaning: { en: "Too many bad recipients.", zh: "无效收件人过多。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 510,
      enhanced: null,
      words: ["length of DATA content"],
      stage: "content",
      cause: "envelope.too-large",
      sample: "The length of DATA content is achieved the maximum threshold",
      meaning: { en: "The message is too large.", zh: "邮件过大。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 541,
      enhanced: null,
      words: ["isn't allowed to send"],
      stage: null,
      cause: "auth.account-blocked-or-unpaid",
      sample: "This account isn't allowed to send email",
      meaning: { en: "The account is not allowed to send.", zh: "该账号被禁止发信。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 454,
      enhanced: null,
      words: ["behaviour spam"],
      stage: null,
      cause: "envelope.rate-limited",
      sample: "Transient reject by behaviour spam",
      meaning: {
        en: "A temporary refusal because of the sending behaviour.",
        zh: "因发信行为异常而被临时拒绝。",
      },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
    {
      code: 554,
      enhanced: null,
      words: ["content spam"],
      stage: "content",
      cause: "data.content-rejected",
      sample: "Reject by content spam",
      meaning: { en: "The content was judged to be spam.", zh: "内容被判为垃圾邮件。" },
      evidence: "verbatim",
      source:
        "http://sh-aliyun.com/index.php/Products/detail/cid/0/pid/87.html (reseller's list of Alimail replies)",
    },
  ],
  wire: {
    greeting: "smtp.aliyun-inc.com MX AliMail Server",
    clear: [
      "8BITMIME",
      "AUTH=PLAIN LOGIN XOAUTH2 XALIOAUTH",
      "AUTH PLAIN LOGIN XOAUTH2 XALIOAUTH",
      "PIPELINING",
      "DSN",
    ],
    secured: [
      "8BITMIME",
      "AUTH=PLAIN LOGIN XOAUTH2 XALIOAUTH",
      "AUTH PLAIN LOGIN XOAUTH2 XALIOAUTH",
      "PIPELINING",
      "DSN",
    ],
    evidence: "verbatim",
  },
  changes: [],
  notes: [
    {
      en: "Older guides say smtp.mxhichina.com. Today the documented name is smtp.qiye.aliyun.com (smtp.<your domain> as a CNAME also works); the old one still answers.",
      zh: "旧教程写的是 smtp.mxhichina.com；如今官方地址是 smtp.qiye.aliyun.com（也可用 CNAME 指向的 smtp.<您的域名>），旧地址仍可连接。",
    },
    {
      en: "Older guides leave out the personal edition: @aliyun.com addresses use smtp.aliyun.com.",
      zh: "旧教程没有提到个人版：@aliyun.com 地址使用 smtp.aliyun.com。",
    },
    {
      en: "Older guides say to use the email password. Today it is often the third-party client password, and third-party clients are off by default for new tenants.",
      zh: "旧教程要求填写邮箱密码；如今往往要用三方客户端安全密码，而且新租户默认禁止第三方客户端。",
    },
  ],
  quirks: [
    'LOGIN prompt is "username:" in lower case (334 dXNlcm5hbWU6); Authelia refused it with "unexpected server response"',
    "5xx numbers of its own (523 to 526, 541, 542) and no enhanced codes",
    "no SIZE in EHLO",
    "the old AUTH= line comes before the proper one",
  ],
  links: [
    "https://qiye.aliyun.com",
    "https://help.aliyun.com/document_detail/36687.html",
    "https://alibabacloud.com/help/en/alibaba-mail/latest/how-to-prohibit-the-use-of-three-party-clients",
  ],
  checked: "2026-11-23",
  recalled: ["mxSuffixes mx3.qiye.aliyun.com", "mxSuffixes mx1.mail.aliyun.com"],
};
