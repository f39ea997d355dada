// OVHcloud mail.
import type { Provider } from "../provider.ts";

export const ovh: Provider = {
  id: "ovh",
  name: "OVHcloud mail",
  nameZh: "OVHcloud 邮箱",
  kind: "hosted",
  aliases: [],
  domains: ["ovh.net"],
  mxSuffixes: ["mail.ovh.net", "ovh.net"],
  endpoints: [
    { host: "ssl0.ovh.net", port: 465, security: "tls" },
    { host: "ssl0.ovh.net", port: 587, security: "starttls" },
    {
      host: "smtp.mail.ovh.net",
      port: 465,
      security: "tls",
      note: { en: "Newer name (unverified)", zh: "新地址（未经核实）" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password"],
    text: { en: "The mailbox password.", zh: "邮箱密码。" },
    obtain: {
      url: "https://www.ovh.com/manager/",
      path: {
        en: "Web Cloud > Emails > choose the domain > choose the account",
        zh: "Web Cloud > Emails > 选择域名 > 选择邮箱账户",
      },
    },
  },
  prerequisites: [],
  limits: {
    messageSizeBytes: 104850000,
    notes: "200 messages an hour per account (recalled).",
    source: "EHLO in https://github.com/benmerckx/smtpmailer/issues/2",
  },
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
    greeting: "ssl0.ovh.net player739",
    clear: ["SIZE 104850000", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME"],
    secured: ["SIZE 104850000", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN", "ENHANCEDSTATUSCODES", "8BITMIME"],
    evidence: "verbatim",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://www.ovh.com/manager/"],
  checked: "2026-11-23",
  recalled: [
    "endpoint ssl0.ovh.net:587",
    "endpoint smtp.mail.ovh.net:465",
    "secret.obtain",
    "sender",
    "mxSuffixes",
  ],
};
