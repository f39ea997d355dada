// Microsoft 365 / Exchange Online.
import { microsoftReplies, microsoftWire } from "../families/microsoft.ts";
import type { Provider } from "../provider.ts";

export const microsoft365: Provider = {
  id: "microsoft-365",
  name: "Microsoft 365 / Exchange Online",
  kind: "hosted",
  aliases: ["office365", "microsoft365", "exchange-online"],
  domains: ["onmicrosoft.com", "office365.com"],
  mxSuffixes: ["mail.protection.outlook.com", "mx.microsoft"],
  endpoints: [
    { host: "smtp.office365.com", port: 587, security: "starttls" },
    {
      host: "smtp-legacy.office365.com",
      port: 587,
      security: "starttls",
      note: { en: "Only for old TLS versions", zh: "仅用于旧版 TLS" },
      legacy: true,
    },
    {
      host: "smtp.partner.outlook.cn",
      port: 587,
      security: "starttls",
      note: { en: "Tenants operated by 21Vianet (China)", zh: "世纪互联运营的（中国）租户" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: { en: "The user principal name of the mailbox.", zh: "该邮箱的用户主体名称 (UPN)。" },
  },
  secret: {
    kinds: ["oauth2", "account-password", "app-password"],
    text: {
      en: "An OAuth2 access token. A password works only where SMTP AUTH with basic authentication is still on.",
      zh: "OAuth2 访问令牌；只有仍启用 SMTP AUTH 基本身份验证时才能使用密码。",
    },
    obtain: {
      url: "https://entra.microsoft.com",
      path: {
        en: "App registrations > New registration > API permissions > Office 365 Exchange Online > SMTP.Send > grant consent. For the mailbox: admin.microsoft.com > Users > Mail > Manage email apps > Authenticated SMTP",
        zh: "应用注册 > 新注册 > API 权限 > Office 365 Exchange Online > SMTP.Send > 授予同意。邮箱设置：admin.microsoft.com > 用户 > 邮件 > 管理电子邮件应用 > 经过身份验证的 SMTP",
      },
    },
  },
  prerequisites: [
    {
      en: "Authenticated SMTP is enabled for the tenant and for the mailbox (Set-TransportConfig and Set-CASMailbox with -SmtpClientAuthenticationDisabled $false).",
      zh: "租户和邮箱都已启用经过身份验证的 SMTP（Set-TransportConfig 和 Set-CASMailbox，参数 -SmtpClientAuthenticationDisabled $false）。",
    },
    {
      en: "Security defaults and conditional access can forbid it.",
      zh: "安全默认值和条件访问策略可能会禁止它。",
    },
  ],
  limits: {
    perMinute: 30,
    perDay: 10000,
    perDayUnit: "recipients",
    recipientsPerMessage: 500,
    messageSizeBytes: 157286400,
    concurrentConnections: 3,
    notes:
      "Recipients per message adjustable from 1 to 1 000; over 30 a minute is delayed, over 10 000 a day refused; tenant-wide limit on external recipients (550 5.7.233), 100 external a day from onmicrosoft.com. The mailbox's own size limit is normally lower than EHLO SIZE (35 MB by default, recalled).",
    source:
      "https://www.simplenewsletter365.com/guides/microsoft-365-email-sending-limits/ (July 2026, quoting Microsoft) ; https://github.com/MicrosoftDocs/OfficeDocs-Support/pull/1488 ; connections: https://github.com/Ombi-app/Ombi/issues/4429",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The address that signs in, or another mailbox for which it holds the Send As permission.",
      zh: "登录地址，或登录账号拥有“代理发送”(Send As) 权限的其他邮箱。",
    },
  },
  oauth2: {
    authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    device: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
    scopes: ["https://outlook.office.com/SMTP.Send", "offline_access"],
    mechanism: "XOAUTH2",
    notes: [
      "use the tenant id instead of common for single-tenant apps",
      "client-credentials flow: scope https://outlook.office365.com/.default with the application permission SMTP.SendAsApp and mailbox rights",
      "China (21Vianet): login.partner.microsoftonline.cn and resource https://partner.outlook.cn",
    ],
    source: "https://github.com/simonrob/email-oauth2-proxy (emailproxy.config, 2026-04-21)",
  },
  dns: {
    spfInclude: "spf.protection.outlook.com",
    dkimSelectors: ["selector1", "selector2"],
    notes: "The selectors are CNAME records.",
    evidence: "sourced",
  },
  replies: [
    ...microsoftReplies,
    {
      code: 535,
      enhanced: "5.7.139",
      words: ["SmtpClientAuthentication is disabled"],
      stage: "auth",
      cause: "auth.smtp-auth-disabled-tenant",
      sample:
        "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [MN2PR05CA0004.namprd05.prod.outlook.com 2023-09-12T20:59:57.214Z 08DBB276B7E699C4]",
      meaning: { en: "SMTP AUTH is switched off for the organisation.", zh: "组织已关闭 SMTP AUTH。" },
      evidence: "verbatim",
      source: "https://github.com/simonrob/email-oauth2-proxy/issues/193",
    },
    {
      code: 550,
      enhanced: "5.7.30",
      words: ["Basic authentication is not supported"],
      stage: null,
      cause: "auth.basic-auth-disabled",
      sample: "5.7.30 Basic authentication is not supported for Client Submission.",
      meaning: {
        en: "Signing in with a password is no longer supported: the reply given after the end of basic authentication.",
        zh: "不再支持用密码登录：这是停用基本身份验证之后的回复。",
      },
      evidence: "verbatim",
      source:
        "https://techcommunity.microsoft.com/t5/exchange-team-blog/exchange-online-to-retire-basic-auth-for-client-submission-smtp/ba-p/4114750",
    },
    {
      code: 554,
      enhanced: "5.2.0",
      words: ["SubmissionQuotaExceeded"],
      stage: "content",
      cause: "envelope.daily-quota",
      sample: "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
      meaning: {
        en: "The limit of 10 000 recipients a day has been reached.",
        zh: "已达到每天 10 000 个收件人的上限。",
      },
      evidence: "verbatim",
      source: "https://github.com/MicrosoftDocs/OfficeDocs-Support/issues/1150",
    },
  ],
  wire: microsoftWire,
  changes: [
    {
      date: "2026-12-31",
      text: {
        en: "Basic authentication for SMTP AUTH is switched off by default for existing tenants (administrators may switch it on again). Tenants made later get it switched off.",
        zh: "现有租户的 SMTP AUTH 基本身份验证默认关闭（管理员可重新开启）；此后新建的租户默认关闭。",
      },
      source:
        "https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835",
    },
    {
      date: "2027-H2",
      text: { en: "Microsoft will announce the final removal date.", zh: "微软将公布最终移除日期。" },
      source:
        "https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835",
    },
  ],
  notes: [],
  quirks: [
    "more than three submissions of one mailbox at a time are refused (432 4.3.2); one at a time works best",
    "earlier announced dates (September 2025, then 1 March to 30 April 2026) were withdrawn on 27 January 2026",
    "mx.microsoft is the newer MX ending for DNSSEC domains (recalled)",
  ],
  links: [
    "https://entra.microsoft.com",
    "https://techcommunity.microsoft.com/blog/exchange/updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835",
    "https://aka.ms/smtp_auth_disabled",
  ],
  checked: "2026-11-23",
  recalled: ["secret.obtain", "mxSuffixes mx.microsoft"],
};
