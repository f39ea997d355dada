// What Outlook.com, Hotmail and Microsoft 365 have in common: the same servers answer all three.
import type { KnownReply, Limits, OAuth2, WireProfile } from "../provider.ts";

export const microsoftReplies: readonly KnownReply[] = [
  {
    code: 535,
    enhanced: "5.7.139",
    words: ["basic authentication is disabled"],
    stage: "auth",
    cause: "auth.basic-auth-disabled",
    sample:
      "5.7.139 Authentication unsuccessful, basic authentication is disabled. [LO2P265CA0482.GBRP265.PROD.OUTLOOK.COM 2026-02-19T15:42:20.743Z 08DE6F7B77124F67]",
    meaning: {
      en: "For personal accounts, passwords and app passwords are refused before they are even looked at.",
      zh: "对于个人账号，密码和应用专用密码在核对之前就会被直接拒绝。",
    },
    evidence: "verbatim",
    source: "https://github.com/hassio-addons/app-vaultwarden/issues/402",
  },
  {
    code: 535,
    enhanced: "5.7.3",
    words: ["Authentication unsuccessful"],
    stage: "auth",
    cause: "auth.bad-credentials",
    sample: "5.7.3 Authentication unsuccessful [SN7P220CA0005.NAMP220.PROD.OUTLOOK.COM]",
    meaning: {
      en: "With OAuth2 (XOAUTH2): wrong scope, wrong audience, a user name that does not match the token, or SMTP AUTH switched off for the mailbox. With a password: the password is wrong.",
      zh: "使用 OAuth2 (XOAUTH2) 时：作用域 (scope) 有误、受众 (audience) 有误、用户名与令牌不符，或该邮箱关闭了 SMTP AUTH。使用密码时：密码有误。",
    },
    evidence: "verbatim",
    source: "https://github.com/harishkrupo/oauth2ms/issues/21",
  },
  {
    code: 554,
    enhanced: "5.2.252",
    words: ["SendAsDenied"],
    stage: "content",
    cause: "envelope.sender-not-owned",
    sample:
      "5.2.252 SendAsDenied; login@outlook.com not allowed to send as other@example.com; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message [BeginDiagnosticData]Cannot submit message.",
    meaning: {
      en: "The From address is neither the address that signed in nor one of its aliases.",
      zh: "发件人地址既不是登录地址，也不是它的别名。",
    },
    evidence: "verbatim",
    source: "https://github.com/gophish/gophish/issues/2900",
  },
  {
    code: 554,
    enhanced: "5.2.0",
    words: ["SendAsDenied"],
    stage: "content",
    cause: "envelope.sender-not-owned",
    sample:
      "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message Cannot submit message.",
    meaning: {
      en: "The From address is neither the address that signed in nor one of its aliases (older form of the reply).",
      zh: "发件人地址既不是登录地址，也不是它的别名（旧版回复格式）。",
    },
    evidence: "verbatim",
    source: "https://github.com/MicrosoftDocs/OfficeDocs-Support/issues/1187",
  },
  {
    code: 432,
    enhanced: "4.3.2",
    words: ["Concurrent connections limit exceeded"],
    stage: "content",
    cause: "banner.421-busy-or-limited",
    sample:
      "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=OS0PR01MB6099.jpnprd01.prod.outlook.com]",
    meaning: {
      en: "One mailbox had more than three submissions open at the same time.",
      zh: "同一邮箱同时进行的发信连接超过三个。",
    },
    evidence: "verbatim",
    source: "https://github.com/sabuhish/fastapi-mail/issues/75",
  },
  {
    code: 530,
    enhanced: "5.7.57",
    words: ["Client was not authenticated"],
    stage: "mail",
    cause: "envelope.authentication-required",
    sample:
      "5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM [HK2PR06CA0009.apcprd06.prod.outlook.com]",
    meaning: { en: "MAIL was sent without a successful sign-in.", zh: "尚未登录成功就发送了 MAIL 命令。" },
    evidence: "verbatim",
    source: "seen in a public repository",
  },
];

export const consumerReplies: readonly KnownReply[] = [
  {
    code: 554,
    enhanced: "5.2.0",
    words: ["OutboundSpamException", "Actual verdict is Suspend"],
    stage: "content",
    cause: "data.unusual-activity-lock",
    sample:
      "5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message [BeginDiagnosticData]WASCL UserAction verdict is not None. Actual verdict is Suspend, ShowTierUpgrade. OutboundSpamException: WASCL UserAction verdict is not None. Actual verdict is Suspend, ShowTierUpgrade.[EndDiagnosticData]",
    meaning: { en: "The account is suspended for outgoing mail.", zh: "该账号已被暂停发信。" },
    evidence: "verbatim",
    source: "seen in a public repository",
  },
  {
    code: 554,
    enhanced: "5.2.0",
    words: ["OutboundSpamException", "Actual verdict is RefuseQuota"],
    stage: "content",
    cause: "envelope.daily-quota",
    sample:
      "5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception with message [BeginDiagnosticData]WASCL UserAction verdict is not None. Actual verdict is RefuseQuota. OutboundSpamException: WASCL UserAction verdict is not None. Actual verdict is RefuseQuota.[EndDiagnosticData]",
    meaning: { en: "The daily quota of the account is used up.", zh: "该账号当天的发信配额已用完。" },
    evidence: "verbatim",
    source: "seen in a public repository",
  },
];

export const consumerLimits: Limits = {
  perDay: 5000,
  perDayUnit: "recipients",
  recipientsPerMessage: 500,
  messageSizeBytes: 157286400,
  concurrentConnections: 3,
  notes:
    "Also at most 1 000 recipients a day never written to before; attachments 25 MB; free and new accounts get an unpublished lower quota (people report 15 to 500). 3 connections is the Exchange Online number. The daily number counts recipients (Microsoft 365 subscribers; fewer without).",
  source:
    "https://support.microsoft.com/en-us/office/sending-limits-in-outlook-com-279ee200-594c-40f0-9ec8-bb6af7735c2e ; size from EHLO",
};

export const consumerOAuth2: OAuth2 = {
  authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
  token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
  device: "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
  scopes: ["https://outlook.office.com/SMTP.Send", "offline_access"],
  mechanism: "XOAUTH2",
  notes: [
    "use /consumers/ in place of /common/ for personal accounts only (recalled)",
    "some clients use the outlook.office365.com host in the scope; Thunderbird does for work accounts",
    "without offline_access there is no refresh token",
    "a token with the wrong audience or from an app not allowed for personal accounts gives 535 5.7.3, not an OAuth error",
  ],
  source: "https://github.com/simonrob/email-oauth2-proxy (emailproxy.config, 2026-04-21)",
};

export const microsoftWire: WireProfile = {
  greeting:
    "SN7P220CA0005.outlook.office365.com Microsoft ESMTP MAIL Service ready at Mon, 3 Oct 2022 15:50:36 +0000",
  clear: [
    "SIZE 157286400",
    "PIPELINING",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "STARTTLS",
    "8BITMIME",
    "BINARYMIME",
    "CHUNKING",
    "SMTPUTF8",
  ],
  secured: [
    "SIZE 157286400",
    "PIPELINING",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "AUTH LOGIN XOAUTH2",
    "8BITMIME",
    "BINARYMIME",
    "CHUNKING",
    "SMTPUTF8",
  ],
  evidence: "verbatim",
};
