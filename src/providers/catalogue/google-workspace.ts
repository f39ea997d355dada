// Google Workspace.
import { googleOAuth2, googleReplies, googleWire } from "../families/google.ts";
import type { Provider } from "../provider.ts";

export const googleWorkspace: Provider = {
  id: "google-workspace",
  name: "Google Workspace",
  kind: "hosted",
  aliases: ["gsuite"],
  domains: [],
  mxSuffixes: ["aspmx.l.google.com", "googlemail.com", "smtp.google.com"],
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
      en: "2-Step Verification is on and the administrator has not forbidden app passwords; or OAuth2 is used.",
      zh: "已开启两步验证，且管理员未禁用应用专用密码；或者使用 OAuth2。",
    },
  ],
  limits: {
    perDay: 2000,
    perDayUnit: "messages",
    messageSizeBytes: 35882577,
    notes: "Trial accounts less (recalled).",
    source: "https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings.md",
  },
  sender: {
    rule: "rewritten",
    text: {
      en: 'A From address that the account does not own is silently replaced by the account\'s own address, and the message is still sent. Verified "Send mail as" aliases are kept.',
      zh: "如果发件人地址不属于该账号，会被悄悄替换为账号自己的地址，邮件仍会发出；已验证的“用这个地址发送邮件”别名会保留。",
    },
  },
  oauth2: googleOAuth2,
  dns: { spfInclude: "_spf.google.com", dkimSelectors: ["google"], evidence: "sourced" },
  replies: googleReplies,
  wire: googleWire,
  changes: [
    {
      date: "2025-05",
      text: {
        en: "Google finished removing access with plain passwords, Google Workspace included.",
        zh: "Google 全面停止用普通密码登录，Google Workspace 也包括在内。",
      },
      source: "https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings.md",
    },
  ],
  notes: [],
  quirks: [
    "signing in too often is refused for a while (454 4.7.0 Too many login attempts): keep to few connections and send many messages over each",
    "MX smtp.google.com is the single record used for domains set up since 2023 (recalled)",
  ],
  links: [
    "https://myaccount.google.com/apppasswords",
    "https://support.google.com/accounts/answer/185833",
    "https://support.google.com/a/answer/166852",
  ],
  checked: "2026-11-23",
  recalled: ["mxSuffixes smtp.google.com"],
};
