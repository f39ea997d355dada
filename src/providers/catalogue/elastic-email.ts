// Elastic Email.
import type { Provider } from "../provider.ts";

export const elasticEmail: Provider = {
  id: "elastic-email",
  name: "Elastic Email",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.elasticemail.com", port: 465, security: "tls" },
    { host: "smtp.elasticemail.com", port: 2525, security: "starttls" },
    { host: "smtp.elasticemail.com", port: 587, security: "starttls" },
    { host: "smtp.elasticemail.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
  username: {
    kind: "address",
    text: {
      en: "The name of the SMTP credential, usually the account's address.",
      zh: "SMTP 凭证的名称，通常是账号的邮箱地址。",
    },
  },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "The password of the SMTP credential.", zh: "SMTP 凭证的密码。" },
    obtain: {
      url: "https://app.elasticemail.com/api/settings/manage-smtp",
      path: {
        en: "Settings > SMTP > Create SMTP credentials",
        zh: "Settings > SMTP > Create SMTP credentials（创建 SMTP 凭证）",
      },
    },
  },
  prerequisites: [{ en: "The domain is verified.", zh: "域名已验证。" }],
  limits: { source: "recalled" },
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
    greeting: "smtp.elasticemail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://app.elasticemail.com/api/settings/manage-smtp"],
  checked: "2026-11-23",
  recalled: [
    "endpoint smtp.elasticemail.com:587",
    "endpoint smtp.elasticemail.com:25",
    "mechanisms",
    "secret.obtain",
    "sender",
  ],
};
