// mailbox.org.
import type { Provider } from "../provider.ts";

export const mailboxOrg: Provider = {
  id: "mailbox-org",
  name: "mailbox.org",
  kind: "hosted",
  aliases: ["mailbox.org"],
  domains: ["mailbox.org", "secure.mailbox.org"],
  mxSuffixes: ["mailbox.org"],
  endpoints: [
    { host: "smtp.mailbox.org", port: 465, security: "tls" },
    { host: "smtp.mailbox.org", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The account password; with two-factor sign-in, an application password.",
      zh: "账号密码；开启双重验证后使用应用专用密码。",
    },
    obtain: {
      url: "https://login.mailbox.org",
      path: {
        en: "Settings > Security > Application passwords",
        zh: "Settings > Security > Application passwords（应用专用密码）",
      },
    },
  },
  prerequisites: [],
  limits: { source: "recalled" },
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
    greeting: "smtp.mailbox.org ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://login.mailbox.org"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.mailbox.org:587", "mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
