// Purelymail.
import type { Provider } from "../provider.ts";

export const purelymail: Provider = {
  id: "purelymail",
  name: "Purelymail",
  kind: "hosted",
  aliases: [],
  domains: ["purelymail.com", "cheapermail.com", "placeq.com", "rethinkmail.com", "worldofmail.com"],
  mxSuffixes: ["mailserver.purelymail.com"],
  endpoints: [
    { host: "smtp.purelymail.com", port: 465, security: "tls" },
    { host: "smtp.purelymail.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The user's password; with two-factor sign-in, an app password.",
      zh: "用户密码；开启双重验证后使用应用专用密码。",
    },
    obtain: {
      url: "https://purelymail.com/manage/users",
      path: { en: "Users > Modify > App passwords", zh: "Users > Modify > App passwords（应用专用密码）" },
    },
  },
  prerequisites: [],
  limits: { perHour: 300, source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "Any address at the domains that the user may send from.",
      zh: "该用户有权发信的域名下的任何地址。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.purelymail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://purelymail.com/manage/users"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.purelymail.com:587", "mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
