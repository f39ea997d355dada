// SparkPost (Bird).
import type { Provider } from "../provider.ts";

export const sparkpost: Provider = {
  id: "sparkpost",
  name: "SparkPost (Bird)",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.sparkpostmail.com", port: 587, security: "starttls" },
    { host: "smtp.sparkpostmail.com", port: 2525, security: "starttls" },
    {
      host: "smtp.eu.sparkpostmail.com",
      port: 587,
      security: "starttls",
      note: { en: "Accounts in the EU", zh: "欧盟账号" },
    },
    { host: "smtp.eu.sparkpostmail.com", port: 2525, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN"],
  username: {
    kind: "literal",
    value: "SMTP_Injection",
    text: { en: "The word SMTP_Injection.", zh: "固定填写 SMTP_Injection。" },
  },
  secret: {
    kinds: ["api-key"],
    text: {
      en: 'An API key with the permission "Send via SMTP".',
      zh: "具有“Send via SMTP”权限的 API 密钥。",
    },
    obtain: {
      url: "https://app.sparkpost.com/account/api-keys",
      path: { en: "Configuration > API Keys", zh: "Configuration > API Keys（API 密钥）" },
    },
  },
  prerequisites: [{ en: "The sending domain is verified.", zh: "发信域名已验证。" }],
  limits: {
    messagesPerConnection: 100,
    notes: "Per-command timeout at least 60 seconds.",
    source: "https://developers.sparkpost.com/api/smtp/",
  },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The From address must belong to a verified sender or domain.",
      zh: "发件人地址必须属于已验证的发件人或域名。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "spf.sparkpostmail.com",
    dkimSelectors: [],
    notes: "The selector has the form scph#### (recalled).",
    evidence: "sourced",
  },
  replies: [],
  wire: {
    greeting: "smtp.sparkpostmail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: ["no implicit TLS; documentation names AUTH LOGIN only"],
  links: ["https://app.sparkpost.com/account/api-keys", "https://developers.sparkpost.com/api/smtp/"],
  checked: "2026-11-23",
  recalled: ["sender"],
};
