// Lark Mail.
import type { Provider } from "../provider.ts";

export const larkMail: Provider = {
  id: "lark-mail",
  name: "Lark Mail",
  nameZh: "Lark 邮箱",
  kind: "hosted",
  aliases: [],
  domains: [],
  mxSuffixes: ["larksuite.com"],
  endpoints: [
    { host: "smtp.larksuite.com", port: 465, security: "tls" },
    { host: "smtp.larksuite.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password"],
    text: {
      en: "The client password or public-mailbox password made in Lark, not the Lark password.",
      zh: "在 Lark 中生成的客户端密码或公共邮箱密码，不是 Lark 登录密码。",
    },
    obtain: {
      url: "https://www.larksuite.com",
      path: {
        en: "Mail > Settings > Third-party client login; for public mailboxes: Admin console",
        zh: "邮箱 > 设置 > 第三方邮箱客户端登录；公共邮箱在管理后台设置",
      },
    },
  },
  prerequisites: [{ en: "The administrator allows IMAP/SMTP.", zh: "管理员已允许使用 IMAP/SMTP。" }],
  limits: { source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.larksuite.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://www.larksuite.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender", "mxSuffixes"],
};
