// Mailtrap Email Sandbox.
import type { Provider } from "../provider.ts";

export const mailtrapSandbox: Provider = {
  id: "mailtrap-sandbox",
  name: "Mailtrap Email Sandbox",
  kind: "sandbox",
  aliases: ["smtp.mailtrap.io"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "sandbox.smtp.mailtrap.io", port: 2525, security: "starttls" },
    { host: "sandbox.smtp.mailtrap.io", port: 587, security: "starttls" },
    {
      host: "sandbox.smtp.mailtrap.io",
      port: 465,
      security: "starttls",
      note: {
        en: "Listed by Mailtrap; STARTTLS, not implicit TLS (unverified)",
        zh: "Mailtrap 列出的端口；采用 STARTTLS，而非隐式 TLS（未经核实）",
      },
    },
    { host: "sandbox.smtp.mailtrap.io", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
  username: {
    kind: "key-id",
    text: {
      en: "14 hexadecimal digits; each inbox has its own user name and password.",
      zh: "14 位十六进制字符；每个收件箱有各自的用户名和密码。",
    },
  },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "14 hexadecimal digits.", zh: "14 位十六进制字符。" },
    obtain: {
      url: "https://mailtrap.io/inboxes",
      path: {
        en: "Email Sandbox > choose the inbox > SMTP settings",
        zh: "Email Sandbox > 选择收件箱 > SMTP settings",
      },
    },
  },
  prerequisites: [],
  limits: { source: "recalled" },
  sender: {
    rule: "free",
    text: {
      en: "Nothing is delivered, so any sender address is accepted.",
      zh: "邮件不会真正投递，可使用任意发件人地址。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [
    {
      code: 550,
      enhanced: "5.7.0",
      words: ["too many emails per second"],
      stage: null,
      cause: "envelope.rate-limited",
      sample: "5.7.0 Requested action not taken: too many emails per second",
      meaning: {
        en: "Too many messages: the free plan allows one or two a second.",
        zh: "发信过快：免费套餐每秒只能发一两封。",
      },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: {
    greeting: "sandbox.smtp.mailtrap.io ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://mailtrap.io/inboxes"],
  checked: "2026-11-23",
  recalled: ["endpoint sandbox.smtp.mailtrap.io:465", "mechanisms", "secret.obtain", "sender"],
};
