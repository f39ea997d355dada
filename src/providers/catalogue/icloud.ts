// iCloud Mail.
import type { Provider } from "../provider.ts";

export const icloud: Provider = {
  id: "icloud",
  name: "iCloud Mail",
  nameZh: "iCloud 邮件",
  kind: "mailbox",
  aliases: ["apple", "me.com"],
  domains: ["icloud.com", "me.com", "mac.com"],
  mxSuffixes: ["mail.icloud.com"],
  endpoints: [
    {
      host: "smtp.mail.me.com",
      port: 587,
      security: "starttls",
      note: { en: "The documented port", zh: "官方文档给出的端口" },
    },
    {
      host: "smtp.mail.me.com",
      port: 465,
      security: "tls",
      note: { en: "Works, though Apple's page lists only 587", zh: "可用，但 Apple 的说明页只列出 587 端口" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: {
      en: "The full iCloud address. With a custom domain on iCloud+ it is still the @icloud.com (or Apple Account) address, not the custom one.",
      zh: "完整的 iCloud 邮箱地址。使用 iCloud+ 自定域名时，仍填写 @icloud.com 地址（或 Apple 账户地址），不要填自定域名地址。",
    },
  },
  secret: {
    kinds: ["app-password"],
    pattern: "^[a-z]{4}-[a-z]{4}-[a-z]{4}-[a-z]{4}$",
    text: {
      en: "An app-specific password, shown as xxxx-xxxx-xxxx-xxxx.",
      zh: "App 专用密码，格式为 xxxx-xxxx-xxxx-xxxx。",
    },
    obtain: {
      url: "https://account.apple.com",
      path: {
        en: "Sign-In and Security > App-Specific Passwords > + > give it a name > copy it",
        zh: "登录和安全 > App 专用密码 > + > 填写名称 > 复制",
      },
    },
  },
  prerequisites: [
    { en: "Two-factor authentication on the Apple Account.", zh: "Apple 账户已开启双重认证。" },
    { en: "An iCloud Mail address has been set up.", zh: "已创建 iCloud 邮箱地址。" },
  ],
  limits: {
    perDay: 1000,
    perDayUnit: "messages",
    recipientsPerMessage: 500,
    messageSizeBytes: 28319744,
    notes:
      "Apple states 20 MB a message; EHLO SIZE 28319744 is the encoded size. Older copies of the page say 200 messages and 100 recipients. The daily number counts messages (and 1 000 recipients).",
    source: "https://support.apple.com/en-ca/102198 ; EHLO SIZE",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The address that signs in, an alias or a custom-domain address of the account; others are refused at MAIL FROM. The envelope sender has to be the From address, not always the one that signs in: with a custom domain the sign-in address in MAIL FROM is refused.",
      zh: "可使用登录地址、别名或该账号的自定域名地址，其他地址在 MAIL FROM 阶段被拒绝。信封发件人须与发件人地址一致，不一定是登录地址：使用自定域名时，在 MAIL FROM 中填登录地址反而会被拒绝。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "icloud.com",
    dkimSelectors: ["sig1"],
    notes: "For custom domains; sig1 is a CNAME record (recalled).",
    evidence: "sourced",
  },
  replies: [
    {
      code: 550,
      enhanced: "5.7.0",
      words: ["not one of your addresses"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample: "5.7.0 From address is not one of your addresses",
      meaning: {
        en: "The envelope sender is not an address of this account.",
        zh: "信封发件人不是该账号的地址。",
      },
      evidence: "verbatim",
      source: "live checks by the Epistole project, 2026-09-29",
    },
    {
      code: 535,
      enhanced: "5.7.8",
      words: ["authentication failed"],
      stage: "auth",
      cause: "auth.bad-credentials",
      sample: "5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
      meaning: {
        en: "The normal Apple password was used, or the app-specific password was revoked (changing the Apple password revokes all of them).",
        zh: "使用了普通的 Apple 账户密码，或 App 专用密码已被撤销（修改 Apple 账户密码会撤销所有 App 专用密码）。",
      },
      evidence: "recalled",
      source: "recalled",
    },
    {
      code: 554,
      enhanced: "5.7.1",
      words: ["[HM08]"],
      stage: "content",
      cause: "data.content-rejected",
      sample: "5.7.1 [HM08] Message rejected due to local policy",
      meaning: {
        en: "This reply comes from Apple's receiving servers (MX) when you deliver to iCloud through another service. It is about reputation or policy, not about sending through iCloud.",
        zh: "此回复来自 Apple 的收信服务器 (MX)，出现在通过其他服务向 iCloud 投递邮件时，原因是信誉或策略，与通过 iCloud 发信无关。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
  ],
  wire: {
    greeting: "iCloud SMTP - outbound.qs.icloud.com",
    clear: [
      "PIPELINING",
      "SIZE 28319744",
      "ETRN",
      "STARTTLS",
      "ENHANCEDSTATUSCODES",
      "8BITMIME",
      "DSN",
      "SMTPUTF8",
    ],
    secured: [
      "PIPELINING",
      "SIZE 28319744",
      "ETRN",
      "AUTH LOGIN PLAIN ATOKEN ATOKEN2 WSTOKEN WETOKEN XOAUTH2",
      "ENHANCEDSTATUSCODES",
      "8BITMIME",
      "DSN",
      "SMTPUTF8",
    ],
    evidence: "verbatim",
  },
  changes: [],
  notes: [
    { en: "The settings given in older guides are right as they stand.", zh: "旧教程中的设置仍然正确。" },
    {
      en: "Port 465 with implicit TLS was seen working in September 2026, although Apple does not list it.",
      zh: "2026 年 9 月有记录显示 465 端口（隐式 TLS）可用，但 Apple 未将其列出。",
    },
    {
      en: '"SSL required: Yes" with port 587 means STARTTLS. Setting implicit TLS on 587 fails with "wrong version number".',
      zh: "587 端口旁的“需要 SSL：是”指的是 STARTTLS；在 587 端口上设为隐式 TLS 会报错“wrong version number”。",
    },
  ],
  quirks: [
    "XOAUTH2 and token mechanisms are on the list but Apple offers no OAuth2 to third parties; do not pick them",
    "a wrong password leaves the connection open",
    "Message-ID is kept, custom domains are DKIM-signed with the custom domain",
  ],
  links: [
    "https://account.apple.com",
    "https://support.apple.com/102654",
    "https://support.apple.com/102525",
  ],
  checked: "2026-11-23",
  recalled: ["secret.pattern"],
};
