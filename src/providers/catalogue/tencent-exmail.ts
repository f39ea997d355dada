// Tencent Exmail (企业邮箱).
import type { Provider } from "../provider.ts";

export const tencentExmail: Provider = {
  id: "tencent-exmail",
  name: "Tencent Exmail (企业邮箱)",
  nameZh: "腾讯企业邮箱",
  kind: "hosted",
  aliases: ["exmail"],
  domains: ["exmail.qq.com"],
  mxSuffixes: ["mxbiz1.qq.com", "mxbiz2.qq.com", "cloudmx.qq.com"],
  endpoints: [
    { host: "smtp.exmail.qq.com", port: 465, security: "tls" },
    {
      host: "hwsmtp.exmail.qq.com",
      port: 465,
      security: "tls",
      note: { en: "Node outside mainland China", zh: "境外节点" },
    },
    { host: "smtp.exmail.qq.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password", "account-password"],
    text: {
      en: "The client-specific password (客户端专用密码), once secure login is on.",
      zh: "开启安全登录后，使用客户端专用密码。",
    },
    obtain: {
      url: "https://exmail.qq.com",
      path: {
        en: "Settings (设置) > Sending and receiving (收发信设置): IMAP/SMTP on; and Mailbox binding (邮箱绑定) > Secure login (安全登录) > Generate new password (生成新密码)",
        zh: "设置 > 收发信设置（开启 IMAP/SMTP 服务）；然后 设置 > 邮箱绑定 > 安全登录 > 生成新密码",
      },
    },
  },
  prerequisites: [
    {
      en: "The administrator has covered the member in the WeCom console: Collaboration > Security > Client access restriction.",
      zh: "管理员：在企业微信管理后台“协作 > 安全管理 > 客户端访问限制”中将该成员纳入范围。",
    },
    {
      en: "The member has switched IMAP/SMTP and secure login on.",
      zh: "成员：已开启 IMAP/SMTP 服务和安全登录。",
    },
  ],
  limits: {
    messageSizeBytes: 73400320,
    source: "EHLO in https://github.com/PHPMailer/PHPMailer/issues/1044",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "spf.mail.qq.com",
    dkimSelectors: [],
    notes: "The console shows the selector.",
    evidence: "recalled",
  },
  replies: [
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
  ],
  wire: {
    greeting: "smtp.qq.com Esmtp QQ Mail Server",
    clear: [
      "PIPELINING",
      "SIZE 73400320",
      "STARTTLS",
      "AUTH LOGIN PLAIN",
      "AUTH=LOGIN",
      "MAILCOMPRESS",
      "8BITMIME",
    ],
    secured: ["PIPELINING", "SIZE 73400320", "AUTH LOGIN PLAIN", "AUTH=LOGIN", "MAILCOMPRESS", "8BITMIME"],
    evidence: "verbatim",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://exmail.qq.com"],
  checked: "2026-11-23",
};
