// Mailjet.
import type { Provider } from "../provider.ts";

export const mailjet: Provider = {
  id: "mailjet",
  name: "Mailjet",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "in-v3.mailjet.com", port: 587, security: "starttls" },
    { host: "in-v3.mailjet.com", port: 465, security: "tls" },
    { host: "in-v3.mailjet.com", port: 2525, security: "starttls" },
    { host: "in-v3.mailjet.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "key-id",
    text: { en: "The API key (32 hexadecimal digits).", zh: "API 密钥（32 位十六进制字符）。" },
  },
  secret: {
    kinds: ["api-key"],
    text: { en: "The secret key.", zh: "私密密钥 (Secret Key)。" },
    obtain: {
      url: "https://app.mailjet.com/account/setup",
      path: {
        en: "Account settings > SMTP and SEND API settings",
        zh: "Account settings > SMTP and SEND API settings（账户设置中）",
      },
    },
  },
  prerequisites: [
    { en: "The sender address or the domain is validated.", zh: "发件人地址或域名已通过验证。" },
  ],
  limits: {
    perDay: 200,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    messageSizeBytes: 15728640,
    notes: "The daily number counts messages (free plan, recalled).",
    source: "recalled",
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
    spfInclude: "spf.mailjet.com",
    dkimSelectors: ["mailjet"],
    notes: "The selector is recalled.",
    evidence: "sourced",
  },
  replies: [],
  wire: {
    greeting: "in-v3.mailjet.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 15728640", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 15728640", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: ["nodemailer's table still has the older name in.mailjet.com"],
  links: [
    "https://app.mailjet.com/account/setup",
    "https://docs.cloud.google.com/compute/docs/tutorials/sending-mail/using-mailjet",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
