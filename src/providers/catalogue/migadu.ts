// Migadu.
import type { Provider } from "../provider.ts";

export const migadu: Provider = {
  id: "migadu",
  name: "Migadu",
  kind: "hosted",
  aliases: [],
  domains: ["migadu.com"],
  mxSuffixes: ["aspmx1.migadu.com", "aspmx2.migadu.com"],
  endpoints: [
    { host: "smtp.migadu.com", port: 465, security: "tls" },
    { host: "smtp.migadu.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password"],
    text: {
      en: "The mailbox password (one mailbox can have several).",
      zh: "邮箱密码（一个邮箱可以有多个）。",
    },
    obtain: {
      url: "https://admin.migadu.com",
      path: {
        en: "Domain > Mailboxes > choose the mailbox > Password",
        zh: "Domain > Mailboxes > 选择邮箱 > Password",
      },
    },
  },
  prerequisites: [],
  limits: { notes: "Daily outgoing limit per plan, account-wide.", source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: { en: "Addresses and identities of the mailbox.", zh: "该邮箱的地址及其身份 (Identity)。" },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.migadu.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://admin.migadu.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
