// Titan Email.
import type { Provider } from "../provider.ts";

export const titan: Provider = {
  id: "titan",
  name: "Titan Email",
  nameZh: "Titan 邮箱",
  kind: "hosted",
  aliases: [],
  domains: ["titan.email"],
  mxSuffixes: ["mx1.titan.email", "mx2.titan.email"],
  endpoints: [
    { host: "smtp.titan.email", port: 465, security: "tls" },
    { host: "smtp.titan.email", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The mailbox password; with two-factor sign-in, an app password.",
      zh: "邮箱密码；开启双重验证后使用应用专用密码。",
    },
    obtain: {
      url: "https://app.titan.email",
      path: {
        en: "Settings > Configure desktop and mobile apps > enable third-party access",
        zh: "Settings > Configure desktop and mobile apps > 开启第三方访问",
      },
    },
  },
  prerequisites: [
    {
      en: "Access by third-party apps is switched on (unverified).",
      zh: "已开启第三方应用访问（未经核实）。",
    },
  ],
  limits: { notes: "Hourly and daily limits per plan, recalled.", source: "recalled" },
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
    greeting: "smtp.titan.email ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: ["sold under hosters' names, for example Hostinger"],
  links: ["https://app.titan.email"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
