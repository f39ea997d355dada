// Outlook.com.
import {
  consumerLimits,
  consumerOAuth2,
  consumerReplies,
  microsoftReplies,
  microsoftWire,
} from "../families/microsoft.ts";
import type { Provider } from "../provider.ts";

export const outlook: Provider = {
  id: "outlook",
  name: "Outlook.com",
  kind: "mailbox",
  aliases: ["outlook.com"],
  domains: [
    "outlook.com",
    "outlook.at",
    "outlook.be",
    "outlook.cl",
    "outlook.cz",
    "outlook.de",
    "outlook.dk",
    "outlook.es",
    "outlook.fr",
    "outlook.hu",
    "outlook.ie",
    "outlook.in",
    "outlook.it",
    "outlook.jp",
    "outlook.kr",
    "outlook.lv",
    "outlook.my",
    "outlook.ph",
    "outlook.pt",
    "outlook.sa",
    "outlook.sg",
    "outlook.sk",
    "outlook.co.id",
    "outlook.co.il",
    "outlook.co.th",
    "outlook.com.ar",
    "outlook.com.au",
    "outlook.com.br",
    "outlook.com.gr",
    "outlook.com.tr",
    "outlook.com.vn",
  ],
  mxSuffixes: ["olc.protection.outlook.com"],
  endpoints: [
    { host: "smtp-mail.outlook.com", port: 587, security: "starttls" },
    {
      host: "smtp.office365.com",
      port: 587,
      security: "starttls",
      note: { en: "Works for personal accounts too", zh: "个人账号也可使用" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "XOAUTH2"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["oauth2"],
    text: {
      en: "An OAuth2 access token only. Account passwords and app passwords are refused.",
      zh: "只能使用 OAuth2 访问令牌；账号密码和应用专用密码都会被拒绝。",
    },
    obtain: {
      url: "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps",
      path: {
        en: 'Register an application once: Azure portal > App registrations > New registration > account type "Personal Microsoft accounts" > redirect URI http://localhost > allow public client flows > delegated permission SMTP.Send. Then sign in with its client id, and consent',
        zh: "先注册一次应用：Azure 门户 > 应用注册 > 新注册 > 帐户类型选“个人 Microsoft 帐户” > 重定向 URI 填 http://localhost > 允许公共客户端流 > 委托的权限选 SMTP.Send；然后用其客户端 ID 登录并同意授权",
      },
    },
  },
  prerequisites: [
    {
      en: "An app registration that allows personal Microsoft accounts.",
      zh: "有一个允许个人 Microsoft 帐户的应用注册。",
    },
    { en: "Consent by the owner of the account.", zh: "账号所有者同意授权。" },
    {
      en: "Settings > Mail > Forwarding and IMAP may hold a switch that lets other apps use POP (unverified).",
      zh: "“设置 > 邮件 > 转发和 IMAP”中可能有一个允许其他应用使用 POP 的开关（未经核实）。",
    },
  ],
  limits: consumerLimits,
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The address that signs in, or one of the account's aliases. Anything else is refused with SendAsDenied.",
      zh: "只能使用登录地址或该账号的别名；其他地址会被拒绝 (SendAsDenied)。",
    },
  },
  oauth2: consumerOAuth2,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [...microsoftReplies, ...consumerReplies],
  wire: microsoftWire,
  changes: [
    {
      date: "2024-09-16",
      text: {
        en: "Basic authentication, app passwords included, ended for Outlook.com, Hotmail, Live and MSN accounts.",
        zh: "Outlook.com、Hotmail、Live 和 MSN 账号停用基本身份验证，应用专用密码也随之失效。",
      },
      source: "https://github.com/simonrob/email-oauth2-proxy/issues/297",
    },
  ],
  notes: [
    {
      en: "Older guides say to use the account password. It has been refused since 16 September 2024, and app passwords too; only OAuth2 works.",
      zh: "旧教程要求填写账号密码；自 2024 年 9 月 16 日起已被拒绝，应用专用密码同样无效，只能使用 OAuth2。",
    },
    {
      en: "The host and port given in older guides are unchanged.",
      zh: "旧教程中的服务器地址和端口没有变化。",
    },
    {
      en: "Thunderbird's list offers OAuth2 as the only sign-in method for this server.",
      zh: "在 Thunderbird 的列表中，此服务器唯一的登录方式是 OAuth2。",
    },
  ],
  quirks: [
    "more than three submissions of one mailbox at a time are refused (432 4.3.2); one at a time works best",
    "the host name, time and trace id in square brackets differ in every reply",
    "limits are reported as 5xx although they pass by themselves",
  ],
  links: [
    "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps",
    "https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040",
  ],
  checked: "2026-11-23",
  recalled: ["secret.obtain"],
};
