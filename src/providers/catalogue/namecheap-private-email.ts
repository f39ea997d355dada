// Namecheap Private Email.
import type { Provider } from "../provider.ts";

export const namecheapPrivateEmail: Provider = {
  id: "namecheap-private-email",
  name: "Namecheap Private Email",
  nameZh: "Namecheap 企业邮箱",
  kind: "hosted",
  aliases: ["privateemail"],
  domains: ["privateemail.com"],
  mxSuffixes: ["mx1.privateemail.com", "mx2.privateemail.com"],
  endpoints: [
    { host: "mail.privateemail.com", port: 465, security: "tls" },
    { host: "mail.privateemail.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password"],
    text: { en: "The mailbox password.", zh: "邮箱密码。" },
    obtain: {
      url: "https://privateemail.com",
      path: {
        en: "Namecheap account > Private Email > Manage",
        zh: "Namecheap 账户 > Private Email > Manage（管理）",
      },
    },
  },
  prerequisites: [],
  limits: { messageSizeBytes: 52428800, source: "recalled" },
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
    greeting: "mail.privateemail.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://privateemail.com"],
  checked: "2026-11-23",
  recalled: ["endpoint mail.privateemail.com:587", "mechanisms", "secret.obtain", "sender"],
};
