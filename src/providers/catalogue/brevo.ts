// Brevo (formerly Sendinblue).
import type { Provider } from "../provider.ts";

export const brevo: Provider = {
  id: "brevo",
  name: "Brevo (formerly Sendinblue)",
  kind: "relay",
  aliases: ["sendinblue"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp-relay.brevo.com", port: 587, security: "starttls" },
    { host: "smtp-relay.brevo.com", port: 465, security: "tls" },
    { host: "smtp-relay.brevo.com", port: 2525, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"],
  username: {
    kind: "address",
    pattern: "^[^@\\s]+@smtp-brevo\\.com$",
    text: {
      en: "The SMTP login shown in the console, of the form <digits and letters>@smtp-brevo.com. It is not the sender address.",
      zh: "控制台中显示的 SMTP 登录名，形如 <数字和字母>@smtp-brevo.com；不是发件人地址。",
    },
  },
  secret: {
    kinds: ["smtp-key"],
    pattern: "^xsmtpsib-\\S+$",
    text: {
      en: "The SMTP key (xsmtpsib-…), neither the API key (xkeysib-…) nor the account password.",
      zh: "SMTP 密钥 (xsmtpsib-…)；不是 API 密钥 (xkeysib-…)，也不是账号密码。",
    },
    obtain: {
      url: "https://app.brevo.com/settings/keys/smtp",
      path: {
        en: "SMTP & API > SMTP > Generate a new SMTP key (it is shown only once)",
        zh: "SMTP & API > SMTP > Generate a new SMTP key（仅显示一次）",
      },
    },
  },
  prerequisites: [
    { en: "The sender or the domain is verified.", zh: "发件人或域名已验证。" },
    {
      en: '"Authorised IPs" for SMTP keys is switched off or filled in; new accounts start with it on.',
      zh: "SMTP 密钥的“Authorised IPs”（授权 IP）限制已关闭，或已填入您的 IP；新账号默认开启此限制。",
    },
  ],
  limits: {
    perDay: 300,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    notes: "The daily number counts messages (free plan).",
    source:
      "https://dev.to/omnigenz/send-app-emails-through-the-brevo-smtp-relay-with-nodejs-nodemailer-3j2j",
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
    spfInclude: "spf.brevo.com",
    dkimSelectors: ["mail", "brevo1", "brevo2"],
    notes: "The older include is sendinblue.com.",
    evidence: "recalled",
  },
  replies: [
    {
      code: 525,
      enhanced: "5.7.1",
      words: ["Unauthorized IP address"],
      stage: "auth",
      cause: "auth.source-ip-not-allowed",
      sample: "5.7.1 Unauthorized IP address",
      meaning: {
        en: "The IP restriction of the account refused the connection. It looks like a sign-in error, but the key is fine.",
        zh: "被账号的 IP 限制拒绝。看似登录错误，其实密钥没有问题。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 535,
      enhanced: "5.7.8",
      words: ["Authentication failed"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "5.7.8 Authentication failed",
      meaning: { en: "The SMTP key is wrong.", zh: "SMTP 密钥有误。" },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
    {
      code: 502,
      enhanced: "5.7.0",
      words: ["not yet activated"],
      stage: null,
      cause: "auth.account-blocked-or-unpaid",
      sample:
        "5.7.0 Your SMTP account is not yet activated. Please contact us at contact@sendinblue.com to request activation",
      meaning: { en: "The account is not activated for sending.", zh: "账号尚未开通发信功能。" },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: {
    greeting: "smtp-relay.brevo.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://app.brevo.com/settings/keys/smtp"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender"],
};
