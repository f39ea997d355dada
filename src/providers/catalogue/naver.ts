// Naver Mail.
import type { Provider } from "../provider.ts";

export const naver: Provider = {
  id: "naver",
  name: "Naver Mail",
  nameZh: "Naver 邮箱",
  kind: "mailbox",
  aliases: [],
  domains: ["naver.com"],
  mxSuffixes: ["mx1.naver.com", "mx2.naver.com", "mx3.naver.com"],
  endpoints: [
    { host: "smtp.naver.com", port: 465, security: "tls" },
    { host: "smtp.naver.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: {
    kind: "address",
    text: {
      en: "The full email address, or the part before @: both are in use (Thunderbird uses the former, Delta Chat the latter).",
      zh: "完整的邮箱地址，或 @ 前面的部分，两种写法都有人使用（Thunderbird 用前者，Delta Chat 用后者）。",
    },
  },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The account password; with two-step verification, an app password.",
      zh: "账号密码；开启两步验证后使用应用专用密码。",
    },
    obtain: {
      url: "https://mail.naver.com",
      path: {
        en: "Settings (환경설정) > POP3/IMAP settings (POP3/IMAP 설정) > Use IMAP/SMTP (IMAP/SMTP 사용함)",
        zh: "환경설정（设置） > POP3/IMAP 설정（设置） > IMAP/SMTP 사용함（启用 IMAP/SMTP）",
      },
    },
  },
  prerequisites: [
    { en: "IMAP/SMTP is switched on in the web settings.", zh: "已在网页版邮箱设置中开启 IMAP/SMTP 服务。" },
  ],
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
    greeting: "smtp.naver.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: [
    "https://mail.naver.com",
    "https://help.naver.com/support/contents/contents.help?serviceNo=2342&categoryNo=2288",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender", "mxSuffixes"],
};
