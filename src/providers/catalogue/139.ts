// 139 Mail (China Mobile).
import type { Provider } from "../provider.ts";

export const mail139: Provider = {
  id: "139",
  name: "139 Mail (China Mobile)",
  nameZh: "139邮箱（中国移动）",
  kind: "mailbox",
  aliases: [],
  domains: ["139.com"],
  mxSuffixes: ["mail.139.com"],
  endpoints: [
    { host: "smtp.139.com", port: 465, security: "tls" },
    {
      host: "smtp.10086.cn",
      port: 465,
      security: "tls",
      note: { en: "For some accounts", zh: "适用于部分账号" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["authorization-code"],
    text: {
      en: "An authorization code made in the web settings (older accounts: the password).",
      zh: "在网页版设置中生成的授权码（较早的账号使用密码）。",
    },
    obtain: {
      url: "https://mail.10086.cn",
      path: {
        en: "Settings (设置) > Mailbox protocols (邮箱协议设置) > POP3/SMTP/IMAP on (开启) > Authorization code (授权码)",
        zh: "设置 > 邮箱协议设置 > 开启 POP3/SMTP/IMAP > 授权码",
      },
    },
  },
  prerequisites: [],
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
    greeting: "smtp.139.com ESMTP ready",
    clear: [],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://mail.10086.cn"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender"],
};
