// Zoho ZeptoMail.
import type { Provider } from "../provider.ts";

export const zeptomail: Provider = {
  id: "zeptomail",
  name: "Zoho ZeptoMail",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.zeptomail.com", port: 587, security: "starttls" },
    { host: "smtp.zeptomail.com", port: 465, security: "tls" },
    { host: "smtp.zeptomail.in", port: 587, security: "starttls", note: { en: "India", zh: "印度" } },
    {
      host: "smtp.zeptomail.eu",
      port: 587,
      security: "starttls",
      note: { en: "EU (unverified)", zh: "欧盟（未经核实）" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "literal",
    value: "emailapikey",
    text: { en: "The word emailapikey.", zh: "固定填写 emailapikey。" },
  },
  secret: {
    kinds: ["api-key"],
    text: {
      en: "The Send Mail token of the mail agent (it is long).",
      zh: "邮件代理 (Mail Agent) 的 Send Mail token（较长）。",
    },
    obtain: {
      url: "https://zeptomail.zoho.com",
      path: { en: "Mail Agents > choose the agent > SMTP/API", zh: "Mail Agents > 选择邮件代理 > SMTP/API" },
    },
  },
  prerequisites: [
    { en: "The domain is verified for the mail agent.", zh: "已为该邮件代理验证域名。" },
    { en: "Transactional mail only.", zh: "仅限事务性邮件。" },
  ],
  limits: { source: "recalled" },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The From address must belong to a verified sender or domain.",
      zh: "发件人地址必须属于已验证的发件人或域名。",
    },
  },
  oauth2: null,
  dns: { spfInclude: "zeptomail.net", dkimSelectors: [], evidence: "recalled" },
  replies: [],
  wire: {
    greeting: "smtp.zeptomail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://zeptomail.zoho.com"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.zeptomail.eu:587", "mechanisms", "secret.obtain", "sender"],
};
