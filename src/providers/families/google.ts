// What Gmail and Google Workspace have in common: the same servers answer both.
import type { KnownReply, OAuth2, WireProfile } from "../provider.ts";

export const googleReplies: readonly KnownReply[] = [
  {
    code: 535,
    enhanced: "5.7.8",
    words: ["Username and Password not accepted"],
    stage: "auth",
    cause: "auth.bad-credentials",
    sample:
      "5.7.8 Username and Password not accepted. For more information, go to\n5.7.8  https://support.google.com/mail/?p=BadCredentials ffacd0b85a97d-45d9ec344536t8f.12 - gsmtp",
    meaning: {
      en: "The app password is wrong, or the account password was used.",
      zh: "应用专用密码有误，或者误用了账号密码。",
    },
    evidence: "reassembled",
    source: "https://github.com/danielalves96/zublo/issues/11",
  },
  {
    code: 534,
    enhanced: "5.7.9",
    words: ["Application-specific password required"],
    stage: "auth",
    cause: "auth.app-password-required",
    sample:
      "5.7.9 Application-specific password required. Learn more at\n5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor o13sm2119833lfg.90 - gsmtp",
    meaning: {
      en: "2-Step Verification is on and the account password was used.",
      zh: "账号已开启两步验证，却使用了账号密码。",
    },
    evidence: "verbatim",
    source: "https://github.com/nodemailer/nodemailer/issues/1116",
  },
  {
    code: 530,
    enhanced: "5.7.0",
    words: ["Must issue a STARTTLS command first"],
    stage: "mail",
    cause: "ehlo.starttls-required",
    sample:
      "5.7.0 Must issue a STARTTLS command first. For more information, go to\n5.7.0  https://support.google.com/a/answer/3221692 and review RFC 3207\n5.7.0 specifications. ffacd0b85a97d-3825fbedfccsm63 - gsmtp",
    meaning: { en: "Mail was offered on port 587 without TLS.", zh: "在 587 端口上未启用 TLS 就尝试发信。" },
    evidence: "verbatim",
    source: "seen in a public repository",
  },
  {
    code: 550,
    enhanced: "5.4.5",
    words: ["sending limit exceeded"],
    stage: null,
    cause: "envelope.daily-quota",
    sample:
      "5.4.5 Daily user sending limit exceeded. For more information on Gmail\n5.4.5 sending limits go to\n5.4.5  https://support.google.com/a/answer/166852 d2e1a72fcca58-76e7d551493sm9728466b3a.112 - gsmtp",
    meaning: {
      en: "The day's quota is used up. The code is permanent, but the state is temporary.",
      zh: "当天的发信配额已用完。返回的是永久性代码，但状态只是暂时的。",
    },
    evidence: "verbatim",
    source: "https://github.com/woowacourse-teams/2025-ah-madda/issues/635",
  },
  {
    code: 454,
    enhanced: "4.7.0",
    words: ["Too many login attempts"],
    stage: "auth",
    cause: "auth.too-many-logins",
    sample:
      "4.7.0 Too many login attempts, please try again later. 4-20020a056000154400b00203812ca383sm10857871wry.78 - gsmtp",
    meaning: {
      en: "Too many sign-ins: the client signs in once per message. A few hundred sign-ins in a row are enough to cause this.",
      zh: "登录过于频繁：客户端每发一封邮件就登录一次，连续几百次登录就会触发此限制。",
    },
    evidence: "verbatim",
    source: "https://github.com/nodemailer/nodemailer/issues/1388",
  },
  {
    code: 421,
    enhanced: "4.7.0",
    words: ["Try again later, closing connection"],
    stage: "ehlo",
    cause: "banner.421-busy-or-limited",
    sample: "4.7.0 Try again later, closing connection.",
    meaning: {
      en: "Usually a guard against denial of service at HELO/EHLO, according to Google's table of errors.",
      zh: "按 Google 的错误代码表，这通常是 HELO/EHLO 阶段的拒绝服务防护。",
    },
    evidence: "verbatim",
    source: "https://support.google.com/a/answer/3726730",
  },
  {
    code: 421,
    enhanced: "4.4.5",
    words: ["Server busy"],
    stage: null,
    cause: "banner.421-busy-or-limited",
    sample: "4.4.5 Server busy, try again later.",
    meaning: { en: "A temporary fault on Google's side.", zh: "Google 一侧的临时故障。" },
    evidence: "verbatim",
    source: "https://support.google.com/a/answer/3726730",
  },
  {
    code: 452,
    enhanced: "4.5.3",
    words: ["too many recipients"],
    stage: "rcpt",
    cause: "envelope.too-many-recipients",
    sample:
      "4.5.3 Your message has too many recipients. For more information regarding Google's sending limits, review this article.",
    meaning: {
      en: "The message has more recipients than one message may have.",
      zh: "单封邮件的收件人数超过上限。",
    },
    evidence: "verbatim",
    source: "https://www.entertop.net/knowledge/smtp-error-reference/ (copy of Google's table)",
  },
  {
    code: 552,
    enhanced: "5.2.3",
    words: ["exceeded", "message size limits"],
    stage: "content",
    cause: "envelope.too-large",
    sample:
      "5.2.3 Your message exceeded Google's message size limits. Please visit\n5.2.3 http://mail.google.com/support/bin/answer.py?answer=8770 to review\n5.2.3 our size guidelines. d15sm9 - gsmtp",
    meaning: {
      en: "The message is larger than the server accepts (its SIZE limit).",
      zh: "邮件超过服务器的大小上限 (SIZE)。",
    },
    evidence: "verbatim",
    source: "seen in a public repository",
  },
];

export const googleOAuth2: OAuth2 = {
  authorization: "https://accounts.google.com/o/oauth2/v2/auth",
  token: "https://oauth2.googleapis.com/token",
  device: null,
  scopes: ["https://mail.google.com/"],
  mechanism: "XOAUTH2",
  notes: [
    "mail.google.com is a restricted scope: a published app needs Google's verification; in Testing status refresh tokens end after 7 days (recalled)",
    "the device flow does not grant this scope (recalled)",
    "service accounts with domain-wide delegation work for Workspace only",
  ],
  source:
    "https://github.com/simonrob/email-oauth2-proxy (emailproxy.config, 2026-04-21) ; authorization path v2 recalled (the proxy and Thunderbird use https://accounts.google.com/o/oauth2/auth)",
};

export const googleWire: WireProfile = {
  greeting: "smtp.gmail.com ESMTP x84sm12002146lfa.97 - gsmtp",
  clear: [
    "SIZE 35882577",
    "8BITMIME",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "CHUNKING",
    "SMTPUTF8",
  ],
  secured: [
    "SIZE 35882577",
    "8BITMIME",
    "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "CHUNKING",
    "SMTPUTF8",
  ],
  evidence: "verbatim",
};
