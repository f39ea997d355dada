// Yandex Mail.
import type { Provider } from "../provider.ts";

export const yandex: Provider = {
  id: "yandex",
  name: "Yandex Mail",
  nameZh: "Yandex 邮箱",
  kind: "hosted",
  aliases: [],
  domains: [
    "yandex.ru",
    "yandex.com",
    "yandex.by",
    "yandex.kz",
    "yandex.ua",
    "yandex.net",
    "ya.ru",
    "narod.ru",
  ],
  mxSuffixes: ["mx.yandex.ru", "mx.yandex.net"],
  endpoints: [
    { host: "smtp.yandex.com", port: 465, security: "tls" },
    { host: "smtp.yandex.ru", port: 465, security: "tls" },
    { host: "smtp.yandex.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: {
      en: "The full email address (for yandex.* addresses the login alone is enough, unverified).",
      zh: "完整的邮箱地址（yandex.* 地址只填登录名即可，未经核实）。",
    },
  },
  secret: {
    kinds: ["app-password", "oauth2"],
    text: { en: "An app password for Mail.", zh: "邮件用的应用专用密码。" },
    obtain: {
      url: "https://id.yandex.ru/security/app-passwords",
      path: {
        en: "Yandex ID > Security > App passwords > Mail",
        zh: "Yandex ID > Security（安全） > App passwords（应用专用密码） > Mail（邮件）",
      },
    },
  },
  prerequisites: [
    {
      en: "In the mail settings, under Mail clients, IMAP access and app passwords are allowed.",
      zh: "已在邮箱设置的 Mail clients（邮件客户端）中允许 IMAP 访问和应用专用密码。",
    },
  ],
  limits: {
    messageSizeBytes: 42991616,
    notes: "500 recipients a day for personal accounts (recalled).",
    source: "EHLO in https://github.com/splitbrain/dokuwiki-plugin-smtp/issues/38",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: {
    authorization: "https://oauth.yandex.com/authorize",
    token: "https://oauth.yandex.com/token",
    device: null,
    scopes: ["mail:smtp"],
    mechanism: "XOAUTH2",
    source: "https://github.com/thunderbird/autoconfig (ispdb/yandex.ru.xml, 2026-03-12)",
  },
  dns: { spfInclude: "_spf.yandex.net", dkimSelectors: ["mail"], evidence: "recalled" },
  replies: [
    {
      code: 553,
      enhanced: "5.7.1",
      words: ["not owned by auth user"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample: "5.7.1 Sender address rejected: not owned by auth user.",
      meaning: {
        en: "MAIL FROM is empty or not an address of the account.",
        zh: "信封发件人 (MAIL FROM) 为空或不属于该账号。",
      },
      evidence: "verbatim",
      source: "https://github.com/splitbrain/dokuwiki-plugin-smtp/issues/38",
    },
    {
      code: 554,
      enhanced: "5.7.1",
      words: ["suspicion of SPAM"],
      stage: "content",
      cause: "data.content-rejected",
      sample:
        "5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc 1631900360-h4Ajl35YEe-dK78OYi4",
      meaning: {
        en: "The content or the sending behaviour was judged to be spam; the account is barred for a day.",
        zh: "内容或发信行为被判为垃圾邮件；账号被禁止发信一天。",
      },
      evidence: "verbatim",
      source: "https://github.com/chatmail/provider-db/issues/205",
    },
    {
      code: 535,
      enhanced: "5.7.8",
      words: ["prove you are not a robot"],
      stage: "auth",
      cause: "auth.web-login-required",
      sample:
        "5.7.8 Error: authentication failed: Your message looks like spam. You need to use web for sending or prove you are not a robot using the following link http://ya.cc",
      meaning: {
        en: "Yandex wants a captcha to be solved in the web mail before the account may send.",
        zh: "Yandex 要求先在网页版邮箱中完成验证码验证，才能继续发信。",
      },
      evidence: "reassembled",
      source: "https://github.com/higty/higlabo/pull/17",
    },
    {
      code: 530,
      enhanced: "5.7.7",
      words: ["without SSL/TLS encryption is not allowed"],
      stage: "auth",
      cause: "ehlo.starttls-required",
      sample:
        "5.7.7 Email sending without SSL/TLS encryption is not allowed. Please see: http://help.yandex.ru/mail/mail-clients/ssl.xml",
      meaning: { en: "The client tried to sign in without TLS.", zh: "客户端未启用 TLS 就尝试登录。" },
      evidence: "verbatim",
      source: "https://github.com/PHPMailer/PHPMailer/issues/283",
    },
  ],
  wire: {
    greeting:
      "vla1-ee05250d997a.qloud-c.yandex.net ESMTP (Want to use Yandex.Mail for your domain? Visit http://pdd.yandex.ru)",
    clear: [
      "8BITMIME",
      "PIPELINING",
      "SIZE 42991616",
      "STARTTLS",
      "AUTH LOGIN PLAIN XOAUTH2",
      "DSN",
      "ENHANCEDSTATUSCODES",
    ],
    secured: [
      "8BITMIME",
      "PIPELINING",
      "SIZE 42991616",
      "AUTH LOGIN PLAIN XOAUTH2",
      "DSN",
      "ENHANCEDSTATUSCODES",
    ],
    evidence: "verbatim",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://id.yandex.ru/security/app-passwords"],
  checked: "2026-11-23",
  recalled: ["secret.obtain", "mxSuffixes mx.yandex.net"],
};
