// Yahoo! JAPAN Mail.
import type { Provider } from "../provider.ts";

export const yahooJapan: Provider = {
  id: "yahoo-japan",
  name: "Yahoo! JAPAN Mail",
  nameZh: "日本雅虎邮箱",
  kind: "mailbox",
  aliases: [],
  domains: ["yahoo.co.jp", "ybb.ne.jp"],
  mxSuffixes: ["mail.yahoo.co.jp"],
  endpoints: [{ host: "smtp.mail.yahoo.co.jp", port: 465, security: "tls" }],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "local-part",
    text: { en: "The Yahoo! JAPAN ID without the domain.", zh: "Yahoo! JAPAN ID（不含 @ 及域名）。" },
  },
  secret: {
    kinds: ["account-password"],
    text: {
      en: "The account password, or the mail password from the settings page.",
      zh: "账号密码，或设置页面中的邮件密码。",
    },
    obtain: {
      url: "https://mail.yahoo.co.jp",
      path: {
        en: "Settings (設定) > IMAP/POP/SMTP access (IMAP/POP/SMTPアクセス)",
        zh: "設定（设置） > IMAP/POP/SMTPアクセス（IMAP/POP/SMTP 访问）",
      },
    },
  },
  prerequisites: [{ en: "Access from outside is allowed in the settings.", zh: "已在设置中允许外部访问。" }],
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
    greeting: "smtp.mail.yahoo.co.jp ESMTP ready",
    clear: [],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://mail.yahoo.co.jp"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
