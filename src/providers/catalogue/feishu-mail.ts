// Feishu Mail (飞书邮箱).
import type { Provider } from "../provider.ts";

export const feishuMail: Provider = {
  id: "feishu-mail",
  name: "Feishu Mail (飞书邮箱)",
  nameZh: "飞书邮箱",
  kind: "hosted",
  aliases: ["feishu"],
  domains: [],
  mxSuffixes: ["mx1.feishu.cn", "mx2.feishu.cn", "feishu.cn"],
  endpoints: [
    { host: "smtp.feishu.cn", port: 465, security: "tls" },
    { host: "smtp.feishu.cn", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password"],
    text: {
      en: "The client password made in the mail settings, not the Feishu password.",
      zh: "在邮箱设置中生成的客户端密码，不是飞书登录密码。",
    },
    obtain: {
      url: "https://www.feishu.cn/mail",
      path: {
        en: "Mail (邮箱) > Settings (设置) > Third-party email client login (第三方邮箱客户端登录) > Generate password (生成密码)",
        zh: "邮箱 > 设置 > 第三方邮箱客户端登录 > 生成密码",
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
    greeting: "smtp.feishu.cn ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://www.feishu.cn/mail"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.feishu.cn:587", "mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
