// Proton Mail.
import type { Provider } from "../provider.ts";

export const proton: Provider = {
  id: "proton",
  name: "Proton Mail",
  nameZh: "Proton 邮箱",
  kind: "hosted",
  aliases: ["protonmail"],
  domains: ["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
  mxSuffixes: ["mail.protonmail.ch", "mailsec.protonmail.ch"],
  endpoints: [
    {
      host: "smtp.protonmail.ch",
      port: 587,
      security: "starttls",
      note: {
        en: "SMTP submission with a token, custom-domain addresses only",
        zh: "使用令牌的 SMTP 发信，仅限自定义域名地址",
      },
    },
    {
      host: "127.0.0.1",
      port: 1025,
      security: "starttls",
      note: {
        en: "Proton Mail Bridge on the same machine; the port may differ",
        zh: "本机上的 Proton Mail Bridge；端口可能不同",
      },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["smtp-token"],
    text: {
      en: "An SMTP token for one address, or the Bridge's own password.",
      zh: "某个地址的 SMTP 令牌，或 Bridge 自己的密码。",
    },
    obtain: {
      url: "https://account.proton.me/mail/imap-smtp",
      path: {
        en: "Settings > IMAP/SMTP > SMTP tokens > Generate token",
        zh: "设置 > IMAP/SMTP > SMTP 令牌 > 生成令牌",
      },
    },
  },
  prerequisites: [
    {
      en: "For tokens: a business, Visionary or Family plan and a custom-domain address.",
      zh: "使用令牌需要 Business、Visionary 或 Family 套餐，并有自定义域名地址。",
    },
    { en: "For the Bridge: a paid plan.", zh: "使用 Bridge 需要付费套餐。" },
  ],
  limits: { messageSizeBytes: 36480000, source: "https://github.com/home-assistant/core/issues/154774" },
  sender: {
    rule: "must-equal-login",
    text: { en: "Only the address that the token belongs to.", zh: "只能使用该令牌对应的地址。" },
  },
  oauth2: null,
  dns: {
    spfInclude: "_spf.protonmail.ch",
    dkimSelectors: ["protonmail", "protonmail2", "protonmail3"],
    evidence: "recalled",
  },
  replies: [
    {
      code: 553,
      enhanced: "5.7.1",
      words: ["Sender address rejected: not logged in"],
      stage: "rcpt",
      cause: "envelope.authentication-required",
      sample: "5.7.1 <login@example.com>: Sender address rejected: not logged in",
      meaning: {
        en: "RCPT was sent without signing in (the client skipped AUTH).",
        zh: "尚未登录就发送了 RCPT 命令（客户端跳过了 AUTH）。",
      },
      evidence: "verbatim",
      source: "https://github.com/home-assistant/core/issues/154774",
    },
  ],
  wire: {
    greeting: "smtp.protonmail.ch ESMTP Postfix",
    clear: ["PIPELINING", "SIZE 36480000", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "CHUNKING"],
    secured: [
      "PIPELINING",
      "SIZE 36480000",
      "AUTH PLAIN LOGIN",
      "ENHANCEDSTATUSCODES",
      "8BITMIME",
      "CHUNKING",
    ],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [
    "mail sent this way is not end-to-end encrypted",
    "addresses at proton.me and the like cannot use tokens, only Bridge",
  ],
  links: ["https://account.proton.me/mail/imap-smtp", "https://proton.me/support/smtp-submission"],
  checked: "2026-11-23",
  recalled: ["mxSuffixes"],
};
