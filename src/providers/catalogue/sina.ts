// Sina Mail.
import type { Provider } from "../provider.ts";

export const sina: Provider = {
  id: "sina",
  name: "Sina Mail",
  nameZh: "新浪邮箱",
  kind: "mailbox",
  aliases: [],
  domains: ["sina.com", "sina.cn", "vip.sina.com", "vip.sina.cn"],
  mxSuffixes: ["mx.sina.com.cn", "freemx.sinamail.sina.com.cn"],
  endpoints: [
    { host: "smtp.sina.com", port: 465, security: "tls" },
    {
      host: "smtp.sina.cn",
      port: 465,
      security: "tls",
      note: { en: "For @sina.cn addresses", zh: "用于 @sina.cn 地址" },
    },
    {
      host: "smtp.vip.sina.com",
      port: 465,
      security: "tls",
      note: { en: "For @vip.sina.com addresses", zh: "用于 @vip.sina.com 地址" },
    },
    { host: "smtp.sina.com", port: 587, security: "tls" },
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
      url: "https://mail.sina.com.cn",
      path: {
        en: "Settings (设置) > Client POP/IMAP/SMTP (客户端 pop/imap/smtp) > Enable (开启) > Authorization code (授权码)",
        zh: "设置 > 客户端 pop/imap/smtp > 开启 > 授权码",
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
    greeting: "smtp.sina.com ESMTP ready",
    clear: [],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: ["the host depends on the suffix"],
  links: ["https://mail.sina.com.cn"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.sina.com:587", "mechanisms", "sender", "mxSuffixes"],
};
