// Mailchimp Transactional (Mandrill).
import type { Provider } from "../provider.ts";

export const mandrill: Provider = {
  id: "mandrill",
  name: "Mailchimp Transactional (Mandrill)",
  kind: "relay",
  aliases: ["mailchimp-transactional"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.mandrillapp.com", port: 587, security: "starttls" },
    { host: "smtp.mandrillapp.com", port: 465, security: "tls" },
    { host: "smtp.mandrillapp.com", port: 2525, security: "starttls" },
    { host: "smtp.mandrillapp.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "any",
    text: {
      en: "Any text; the account's name or address is customary.",
      zh: "任意文本；一般填写账号名或邮箱地址。",
    },
  },
  secret: {
    kinds: ["api-key"],
    text: { en: "An API key.", zh: "API 密钥。" },
    obtain: {
      url: "https://mandrillapp.com/settings",
      path: {
        en: "Settings > SMTP & API Info > New API key",
        zh: "Settings > SMTP & API Info > New API key（新建 API 密钥）",
      },
    },
  },
  prerequisites: [
    { en: "The sending domain is verified and authenticated.", zh: "发信域名已验证，并已完成域名认证。" },
    { en: "A paid Mailchimp plan.", zh: "已购买 Mailchimp 付费套餐。" },
  ],
  limits: { messageSizeBytes: 26214400, source: "recalled" },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The From address must belong to a verified sender or domain.",
      zh: "发件人地址必须属于已验证的发件人或域名。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "spf.mandrillapp.com",
    dkimSelectors: ["mandrill", "mte1", "mte2"],
    notes: "The selector mandrill is sourced; Mailchimp itself uses servers.mcsv.net and k1.",
    evidence: "recalled",
  },
  replies: [],
  wire: {
    greeting: "smtp.mandrillapp.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 26214400", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 26214400", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://mandrillapp.com/settings"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender"],
};
