// WEB.DE.
import type { Provider } from "../provider.ts";

export const webDe: Provider = {
  id: "web-de",
  name: "WEB.DE",
  kind: "mailbox",
  aliases: ["web.de"],
  domains: ["web.de", "email.de"],
  mxSuffixes: ["web.de"],
  endpoints: [
    { host: "smtp.web.de", port: 587, security: "starttls" },
    { host: "smtp.web.de", port: 465, security: "tls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: {
    kind: "local-part",
    text: {
      en: "The part before @ (the full address works as well, unverified).",
      zh: "@ 前面的部分（填完整地址也可以，未经核实）。",
    },
  },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The account password; with two-factor sign-in, an app password.",
      zh: "账号密码；开启双重验证后使用应用专用密码。",
    },
    obtain: {
      url: "https://hilfe.web.de/pop-imap/einschalten.html",
      path: {
        en: "E-Mail > Einstellungen (settings) > POP3/IMAP Abruf (retrieval) > erlauben (allow)",
        zh: "E-Mail > Einstellungen（设置） > POP3/IMAP Abruf（收取） > erlauben（允许）",
      },
    },
  },
  prerequisites: [
    {
      en: "POP3 & IMAP access has been allowed once in the web settings.",
      zh: "已在网页版设置中允许 POP3 和 IMAP 访问。",
    },
  ],
  limits: { messageSizeBytes: 69920427, source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [
    {
      code: 535,
      enhanced: null,
      words: ["Authentication credentials invalid"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "Authentication credentials invalid",
      meaning: {
        en: "The password is wrong, or POP3/IMAP access is not switched on.",
        zh: "密码有误，或未开启 POP3/IMAP 访问。",
      },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: {
    greeting: "smtp.web.de ESMTP ready",
    clear: ["PIPELINING", "SIZE 69920427", "8BITMIME", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 69920427", "8BITMIME", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://hilfe.web.de/pop-imap/einschalten.html"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender", "mxSuffixes"],
};
