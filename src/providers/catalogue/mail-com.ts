// mail.com.
import type { Provider } from "../provider.ts";

export const mailCom: Provider = {
  id: "mail-com",
  name: "mail.com",
  kind: "mailbox",
  aliases: ["mail.com"],
  domains: [
    "mail.com",
    "email.com",
    "usa.com",
    "post.com",
    "europe.com",
    "consultant.com",
    "engineer.com",
    "dr.com",
    "myself.com",
    "iname.com",
    "writeme.com",
    "techie.com",
  ],
  mxSuffixes: ["mail.com"],
  endpoints: [
    { host: "smtp.mail.com", port: 465, security: "tls" },
    { host: "smtp.mail.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password"],
    text: { en: "The account password.", zh: "账号密码。" },
    obtain: {
      url: "https://www.mail.com",
      path: { en: "Settings > POP3 & IMAP", zh: "Settings > POP3 & IMAP（设置中开启）" },
    },
  },
  prerequisites: [
    {
      en: "POP3/IMAP access is allowed; in some countries this is a premium feature (unverified).",
      zh: "已允许 POP3/IMAP 访问；在部分国家或地区属于付费功能（未经核实）。",
    },
  ],
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
    greeting: "smtp.mail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://www.mail.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
