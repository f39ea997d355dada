// SMTP2GO.
import type { Provider } from "../provider.ts";

export const smtp2go: Provider = {
  id: "smtp2go",
  name: "SMTP2GO",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "mail.smtp2go.com", port: 2525, security: "starttls" },
    { host: "mail.smtp2go.com", port: 587, security: "starttls" },
    { host: "mail.smtp2go.com", port: 8025, security: "starttls" },
    { host: "mail.smtp2go.com", port: 465, security: "tls" },
    { host: "mail.smtp2go.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
  username: { kind: "name", text: { en: "The name of an SMTP user.", zh: "SMTP 用户名。" } },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "The password of that SMTP user.", zh: "该 SMTP 用户的密码。" },
    obtain: {
      url: "https://app.smtp2go.com/sending/smtp_users",
      path: { en: "Sending > SMTP Users > Add", zh: "Sending > SMTP Users > Add（添加 SMTP 用户）" },
    },
  },
  prerequisites: [
    { en: "The sender domain or a single sender is verified.", zh: "发信域名或单个发件人已验证。" },
  ],
  limits: {
    perDay: 200,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    messageSizeBytes: 52428800,
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
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "mail.smtp2go.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://app.smtp2go.com/sending/smtp_users"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender"],
};
