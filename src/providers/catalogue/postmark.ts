// Postmark.
import type { Provider } from "../provider.ts";

export const postmark: Provider = {
  id: "postmark",
  name: "Postmark",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    {
      host: "smtp.postmarkapp.com",
      port: 587,
      security: "starttls",
      note: { en: "Transactional stream", zh: "事务性邮件通道" },
    },
    { host: "smtp.postmarkapp.com", port: 2525, security: "starttls" },
    { host: "smtp.postmarkapp.com", port: 25, security: "starttls" },
    {
      host: "smtp-broadcasts.postmarkapp.com",
      port: 587,
      security: "starttls",
      note: { en: "Broadcast stream", zh: "群发邮件通道" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
  username: {
    kind: "api-key",
    text: {
      en: "The Server API token (the same as the password), or the access key of an SMTP token.",
      zh: "Server API token（与密码相同），或 SMTP token 的 access key。",
    },
  },
  secret: {
    kinds: ["api-key"],
    text: {
      en: "The Server API token again, or the secret key of an SMTP token.",
      zh: "同样填写 Server API token，或 SMTP token 的 secret key。",
    },
    obtain: {
      url: "https://account.postmarkapp.com/servers",
      path: {
        en: "Choose the server > message stream > Settings / API Tokens",
        zh: "选择 server > message stream > Settings / API Tokens",
      },
    },
  },
  prerequisites: [
    {
      en: "The sender signature or the domain is confirmed.",
      zh: "发件人签名 (Sender Signature) 或域名已确认。",
    },
    {
      en: "The account is approved; otherwise mail goes only to your own domains (unverified).",
      zh: "账号已通过审核；否则只能发往您自己的域名（未经核实）。",
    },
  ],
  limits: {
    recipientsPerMessage: 50,
    messageSizeBytes: 10485760,
    notes: "10 MB and 50 recipients, recalled.",
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
    spfInclude: "spf.mtasv.net",
    dkimSelectors: ["pm"],
    notes:
      "One page names spf.postmarkapp.com; not needed with the return-path CNAME pm-bounces. A selector <date>pm also occurs (recalled).",
    evidence: "sourced",
  },
  replies: [],
  wire: {
    greeting: "smtp.postmarkapp.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [
    "no implicit-TLS port: 465 hangs instead of failing",
    "X-PM-Message-Stream header picks the stream when the server token is used",
    'a suppressed recipient is accepted over SMTP and fails later as an "SMTP API Error"',
  ],
  links: [
    "https://account.postmarkapp.com/servers",
    "https://postmarkapp.com/support/article/811-what-are-the-smtp-details-api-tokens-i-should-be-using",
    "https://postmarkapp.com/developer/webhooks/smtp-api-error",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
