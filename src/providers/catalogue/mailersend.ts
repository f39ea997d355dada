// MailerSend.
import type { Provider } from "../provider.ts";

export const mailersend: Provider = {
  id: "mailersend",
  name: "MailerSend",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: ["mlsender.net"],
  endpoints: [
    { host: "smtp.mailersend.net", port: 587, security: "starttls" },
    { host: "smtp.mailersend.net", port: 2525, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "address",
    pattern: "^MS_\\w{6}@\\S+$",
    text: {
      en: "The generated SMTP user, MS_xxxxxx@<domain>.",
      zh: "系统生成的 SMTP 用户名，形如 MS_xxxxxx@<域名>。",
    },
  },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "The password made together with the SMTP user.", zh: "与该 SMTP 用户一同生成的密码。" },
    obtain: {
      url: "https://app.mailersend.com/domains",
      path: {
        en: "Domains > choose the domain > SMTP > Generate new user",
        zh: "Domains > 选择域名 > SMTP > Generate new user",
      },
    },
  },
  prerequisites: [
    {
      en: "The domain is verified; the trial domain trial-….mlsender.net sends only to the account owner (unverified).",
      zh: "域名已验证；试用域名 trial-….mlsender.net 只能发给账号所有者（未经核实）。",
    },
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
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.mailersend.net ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://app.mailersend.com/domains"],
  checked: "2026-11-23",
  recalled: ["endpoint smtp.mailersend.net:2525", "mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
