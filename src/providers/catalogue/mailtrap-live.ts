// Mailtrap Email Sending.
import type { Provider } from "../provider.ts";

export const mailtrapLive: Provider = {
  id: "mailtrap-live",
  name: "Mailtrap Email Sending",
  kind: "relay",
  aliases: ["mailtrap"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    {
      host: "live.smtp.mailtrap.io",
      port: 587,
      security: "starttls",
      note: { en: "Transactional mail", zh: "事务性邮件" },
    },
    { host: "live.smtp.mailtrap.io", port: 2525, security: "starttls" },
    {
      host: "bulk.smtp.mailtrap.io",
      port: 587,
      security: "starttls",
      note: { en: "Bulk mail", zh: "批量邮件" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "literal",
    value: "api",
    text: {
      en: "The word api (newer) or smtp@mailtrap.io (unverified).",
      zh: "填写 api（较新）或 smtp@mailtrap.io（未经核实）。",
    },
  },
  secret: {
    kinds: ["api-key"],
    text: { en: "The API token of the sending domain.", zh: "该发信域名的 API 令牌。" },
    obtain: {
      url: "https://mailtrap.io/sending/domains",
      path: {
        en: "Sending Domains > choose the domain > Integrations > choose the stream > SMTP",
        zh: "Sending Domains > 选择域名 > Integrations > 选择邮件通道 > SMTP",
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
    greeting: "live.smtp.mailtrap.io ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: [
    "https://mailtrap.io/sending/domains",
    "https://docs.mailtrap.io/email-api-smtp/setup/smtp-integration",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
