// Mail.ru.
import type { Provider } from "../provider.ts";

export const mailRu: Provider = {
  id: "mail-ru",
  name: "Mail.ru",
  nameZh: "Mail.ru 邮箱",
  kind: "mailbox",
  aliases: ["mail.ru"],
  domains: ["mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"],
  mxSuffixes: ["mxs.mail.ru"],
  endpoints: [
    { host: "smtp.mail.ru", port: 465, security: "tls" },
    { host: "smtp.mail.ru", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password"],
    text: { en: "A password for external applications.", zh: "外部应用专用密码。" },
    obtain: {
      url: "https://account.mail.ru/user/2-step-auth/passwords/",
      path: {
        en: "Security (Безопасность) > Passwords for external applications (Пароли для внешних приложений) > Add (Добавить)",
        zh: "Безопасность（安全） > Пароли для внешних приложений（外部应用专用密码） > Добавить（添加）",
      },
    },
  },
  prerequisites: [{ en: "An app password with access to mail.", zh: "具有邮件权限的应用专用密码。" }],
  limits: { source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: null,
  dns: { spfInclude: "_spf.mail.ru", dkimSelectors: ["mailru"], evidence: "recalled" },
  replies: [
    {
      code: 535,
      enhanced: "5.7.0",
      words: ["Application password is REQUIRED"],
      stage: "auth",
      cause: "auth.app-password-required",
      sample:
        "5.7.0 NEOBHODIM parol prilozheniya https://help.mail.ru/mail/security/protection/external / Application password is REQUIRED",
      meaning: { en: "The account password was used.", zh: "使用了账号密码，应使用应用专用密码。" },
      evidence: "verbatim",
      source: "https://github.com/lmanukyan/print-designer/issues/5",
    },
    {
      code: 550,
      enhanced: null,
      words: ["not local sender over smtp"],
      stage: null,
      cause: "envelope.sender-not-owned",
      sample: "not local sender over smtp",
      meaning: { en: "The From address is not the one that signed in.", zh: "发件人地址不是登录地址。" },
      evidence: "verbatim",
      source: "https://github.com/nitinsh06/Django-Verify-Email/issues/35",
    },
  ],
  wire: {
    greeting: "smtp.mail.ru ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN XOAUTH2"],
    evidence: "derived",
  },
  changes: [
    {
      date: "2026-01",
      text: {
        en: "App passwords became the only way in for third-party software.",
        zh: "应用专用密码成为第三方软件唯一的登录方式。",
      },
      source: "https://github.com/pozitronik/CloudMailRu/issues/317",
    },
  ],
  notes: [],
  quirks: ["Thunderbird lists OAuth2 for the provider but offers only a password for the SMTP server"],
  links: ["https://account.mail.ru/user/2-step-auth/passwords/"],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
