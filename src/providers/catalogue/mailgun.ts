// Mailgun.
import type { Provider } from "../provider.ts";

export const mailgun: Provider = {
  id: "mailgun",
  name: "Mailgun",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: ["mailgun.org"],
  endpoints: [
    { host: "smtp.mailgun.org", port: 587, security: "starttls" },
    { host: "smtp.mailgun.org", port: 465, security: "tls" },
    { host: "smtp.mailgun.org", port: 2525, security: "starttls" },
    { host: "smtp.mailgun.org", port: 25, security: "starttls" },
    {
      host: "smtp.eu.mailgun.org",
      port: 587,
      security: "starttls",
      note: {
        en: "Accounts in the EU; the regions do not know each other",
        zh: "欧盟账号；各区域之间互不相通",
      },
    },
    { host: "smtp.eu.mailgun.org", port: 465, security: "tls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "address",
    text: {
      en: "The SMTP user of one domain, usually postmaster@<sending domain>.",
      zh: "某个域名的 SMTP 用户，通常是 postmaster@<发信域名>。",
    },
  },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "The password of that SMTP user, shown only once.", zh: "该 SMTP 用户的密码，仅显示一次。" },
    obtain: {
      url: "https://app.mailgun.com",
      path: {
        en: "Sending > Domain settings > choose the domain > SMTP credentials",
        zh: "Sending > Domain settings > 选择域名 > SMTP credentials",
      },
    },
  },
  prerequisites: [
    {
      en: "The domain is verified (or the recipients are authorised for the sandbox domain).",
      zh: "域名已验证（使用沙盒域名时，收件人须已授权）。",
    },
    { en: "The credentials belong to the same domain as the sender.", zh: "凭证与发件人属于同一个域名。" },
  ],
  limits: { messageSizeBytes: 26214400, notes: "25 MB, recalled.", source: "recalled" },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The sender domain must be one of your Mailgun domains; the From header is free.",
      zh: "发信域名必须是您在 Mailgun 中的域名；From 头不受限制。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "mailgun.org",
    dkimSelectors: ["k1", "pic", "mx", "smtp", "mailo"],
    notes: "The console shows the selector in use; all but k1 are recalled.",
    evidence: "sourced",
  },
  replies: [
    {
      code: 421,
      enhanced: null,
      words: ["Sandbox subdomains are for test purposes"],
      stage: "data",
      cause: "envelope.sandbox",
      sample:
        "Domain sandbox0123456789abcdef.mailgun.org is not allowed to send: Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.",
      meaning: {
        en: "The recipient is not authorised for the sandbox domain. The code is 4xx, but the state is permanent.",
        zh: "收件人未获沙盒域名授权。虽是 4xx 代码，但不会自行恢复。",
      },
      evidence: "verbatim",
      source: "https://github.com/swapmyvote/swapmyvote/issues/891",
    },
    {
      code: 554,
      enhanced: null,
      words: ["Sandbox subdomains are for test purposes"],
      stage: "content",
      cause: "envelope.sandbox",
      sample:
        "Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.",
      meaning: {
        en: "The recipient is not authorised for the sandbox domain (older form of the reply).",
        zh: "收件人未获沙盒域名授权（旧版回复格式）。",
      },
      evidence: "verbatim",
      source: "https://github.com/swapmyvote/swapmyvote/issues/332",
    },
    {
      code: 535,
      enhanced: "5.7.0",
      words: ["Invalid login or password"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "5.7.0 Invalid login or password",
      meaning: { en: "The user, password or region is wrong.", zh: "用户名、密码或区域有误。" },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: {
    greeting: "smtp.mailgun.org ESMTP ready",
    clear: ["PIPELINING", "SIZE 26214400", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 26214400", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: [
    "https://app.mailgun.com",
    "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-smtp",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms", "mxSuffixes"],
};
