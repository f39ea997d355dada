// Gmail.
import { googleOAuth2, googleReplies, googleWire } from "../families/google.ts";
import type { Provider } from "../provider.ts";

export const gmail: Provider = {
  id: "gmail",
  name: "Gmail",
  kind: "mailbox",
  aliases: ["google", "googlemail"],
  domains: ["gmail.com", "googlemail.com"],
  mxSuffixes: ["gmail-smtp-in.l.google.com"],
  endpoints: [
    { host: "smtp.gmail.com", port: 465, security: "tls" },
    { host: "smtp.gmail.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2", "OAUTHBEARER"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password", "oauth2"],
    pattern: "^[a-z]{16}$",
    text: {
      en: "A 16-letter app password (the spaces shown on screen are not part of it), or an OAuth2 access token.",
      zh: "16 位应用专用密码（屏幕上显示的空格不属于密码），或 OAuth2 访问令牌。",
    },
    obtain: {
      url: "https://myaccount.google.com/apppasswords",
      path: {
        en: "Google Account > Security > 2-Step Verification (turn it on) > App passwords > give it a name > copy the 16 letters",
        zh: "Google 账号 > 安全性 > 两步验证（先开启） > 应用专用密码 > 填写名称 > 复制 16 位密码",
      },
    },
  },
  prerequisites: [
    {
      en: "2-Step Verification must be on before app passwords exist.",
      zh: "必须先开启两步验证，才能创建应用专用密码。",
    },
    {
      en: "An administrator or the Advanced Protection Program can remove app passwords altogether.",
      zh: "管理员设置或“高级保护计划”可能会完全禁用应用专用密码。",
    },
  ],
  limits: {
    perDay: 500,
    perDayUnit: "messages",
    recipientsPerMessage: 100,
    messageSizeBytes: 35882577,
    notes:
      "500 a day for personal accounts; 100 recipients per SMTP message is recalled, not sourced. EHLO SIZE 35882577 is the encoded limit, which leaves about 25 MB of attachments.",
    source: "https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings.md ; size from EHLO",
  },
  sender: {
    rule: "rewritten",
    text: {
      en: 'A From address that the account does not own is silently replaced by the account\'s own address, and the message is still sent. Verified "Send mail as" aliases are kept.',
      zh: "如果发件人地址不属于该账号，会被悄悄替换为账号自己的地址，邮件仍会发出；已验证的“用这个地址发送邮件”别名会保留。",
    },
  },
  oauth2: googleOAuth2,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [
    ...googleReplies,
    {
      code: 530,
      enhanced: "5.7.0",
      words: ["Authentication Required"],
      stage: "mail",
      cause: "envelope.authentication-required",
      sample: "5.7.0 Authentication Required",
      meaning: { en: "MAIL was sent without signing in.", zh: "尚未登录就发送了 MAIL 命令。" },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: googleWire,
  changes: [
    {
      date: "2022-05-30",
      text: {
        en: '"Less secure app access" was taken away from personal accounts, so the account password stopped working.',
        zh: "个人账号取消了“不够安全的应用的访问权限”，账号密码从此不能用于发信。",
      },
      source: "recalled",
    },
    {
      date: "2025-05",
      text: {
        en: "Google finished removing access with plain passwords, Google Workspace included.",
        zh: "Google 全面停止用普通密码登录，Google Workspace 也包括在内。",
      },
      source: "https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings.md",
    },
  ],
  notes: [
    {
      en: "Older guides say to use your Gmail password. Today it is refused; an app password or OAuth2 is needed.",
      zh: "旧教程要求填写 Gmail 密码；如今会被拒绝，必须使用应用专用密码或 OAuth2。",
    },
    {
      en: "The host and ports given in older guides are unchanged.",
      zh: "旧教程中的服务器地址和端口没有变化。",
    },
    {
      en: "Thunderbird's list also names google.com, jazztel.es and nyu.edu for this server; domains hosted at Google belong under Google Workspace.",
      zh: "Thunderbird 的列表中，google.com、jazztel.es 和 nyu.edu 也使用此服务器；托管在 Google 的自有域名请选择 Google Workspace。",
    },
  ],
  quirks: [
    "after 535 Gmail often closes the connection at once (two of three tries), so a client that then tries a second mechanism reports a lost connection instead of a bad password",
    "signing in too often is refused for a while (454 4.7.0 Too many login attempts): keep to few connections and send many messages over each",
    "Message-ID is kept over SMTP",
    'the trailing token and "- gsmtp" change with every reply: match on code and words, never on the whole line',
  ],
  links: [
    "https://myaccount.google.com/apppasswords",
    "https://support.google.com/accounts/answer/185833",
    "https://support.google.com/mail/answer/7126229",
  ],
  checked: "2026-11-23",
};
