// 163 Mail (NetEase).
import { neteaseReplies } from "../families/netease.ts";
import type { Provider } from "../provider.ts";

export const mail163: Provider = {
  id: "163",
  name: "163 Mail (NetEase)",
  nameZh: "163邮箱（网易）",
  kind: "mailbox",
  aliases: ["netease-163", "163.com"],
  domains: ["163.com"],
  mxSuffixes: [
    "163mx00.mxmail.netease.com",
    "163mx01.mxmail.netease.com",
    "163mx02.mxmail.netease.com",
    "163mx03.mxmail.netease.com",
  ],
  endpoints: [
    { host: "smtp.163.com", port: 465, security: "tls" },
    { host: "smtp.163.com", port: 994, security: "tls" },
    {
      host: "smtp.163.com",
      port: 587,
      security: "tls",
      note: {
        en: "NetEase documents 587 as an SSL port, not STARTTLS: implicit TLS, unlike everybody else",
        zh: "网易将 587 列为 SSL 端口而非 STARTTLS：采用隐式 TLS，与其他服务商不同",
      },
    },
    {
      host: "smtp.163.com",
      port: 25,
      security: "starttls",
      note: {
        en: "STARTTLS is offered and plain sign-in accepted too; blocked on most clouds",
        zh: "支持 STARTTLS，也接受明文登录；多数云平台封锁此端口",
      },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: {
      en: "The full email address; the part before @ is accepted too (unverified).",
      zh: "完整的邮箱地址；只填 @ 前面的部分也可以（未经核实）。",
    },
  },
  secret: {
    kinds: ["authorization-code"],
    pattern: "^[A-Za-z]{16}$",
    text: {
      en: "A 16-letter authorization code (授权码). A free account may hold two at a time.",
      zh: "16 位授权码；免费账号最多同时拥有两个。",
    },
    obtain: {
      url: "https://mail.163.com",
      path: {
        en: "Settings (设置) > POP3/SMTP/IMAP > Enable (开启) IMAP/SMTP or POP3/SMTP > confirm by SMS > Add authorization password (新增授权密码); it is shown only once",
        zh: "设置 > POP3/SMTP/IMAP > 开启 IMAP/SMTP 服务或 POP3/SMTP 服务 > 短信验证 > 新增授权密码（仅显示一次）",
      },
    },
  },
  prerequisites: [
    { en: "SMTP is switched on in the web settings.", zh: "已在网页版邮箱设置中开启 SMTP 服务。" },
    { en: "A phone number is bound to the account.", zh: "账号已绑定手机号。" },
    {
      en: "Authorization codes lapse (after 180 days, unverified) and have to be renewed.",
      zh: "授权码会过期（180 天，未经核实），需要重新生成。",
    },
  ],
  limits: {
    notes:
      "Numbers are not published; codes exist for: messages per connection (450/451 MI:DMC), recipients per connection (450 RP:DRC), messages in 15 minutes (451 MI:SFQ), connections of one IP (421 HL:ICC), volume of one IP (421 HL:IFC). 163 does not advertise SIZE on port 25.",
    source: "https://biecuoliao.com/pa/MBRrwEM.html (copy of NetEase's bounce-code table)",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "MAIL FROM must equal the address that signs in; otherwise 553.",
      zh: "信封发件人 (MAIL FROM) 必须与登录地址一致，否则返回 553。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [
    ...neteaseReplies,
    {
      code: 553,
      enhanced: null,
      words: ["Local user only"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample: "Local user only,163 smtp5,HdxpCgA3f+63sTNhtiNZDA--.2001S2 1630777785",
      meaning: { en: "MAIL FROM is not a NetEase address.", zh: "信封发件人 (MAIL FROM) 不是网易邮箱地址。" },
      evidence: "verbatim",
      source: "https://github.com/ruanyf/weather-action/issues/5",
    },
    {
      code: 554,
      enhanced: null,
      words: ["DT:SPM"],
      stage: "content",
      cause: "data.content-rejected",
      sample:
        "DT:SPM 163 smtp8,DMCowACHEMvH1adakFYxKA--.26575S3 1520948680,please see http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.1&hostid=smtp8&time=1520948680",
      meaning: {
        en: 'The subject, body or sender address looks like spam. "test" or "163" in the subject, or an IP address of a data centre, is enough.',
        zh: "主题、正文或发件人地址疑似垃圾邮件；主题中含“test”或“163”，或者从数据中心的 IP 发信，都可能触发。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
  ],
  wire: {
    greeting: "163.com Anti-spam GT for Coremail System (163com[20141201])",
    clear: [
      "PIPELINING",
      "AUTH LOGIN PLAIN",
      "AUTH=LOGIN PLAIN",
      "coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UFHbOaIUCa0xDrUUUUj",
      "STARTTLS",
      "8BITMIME",
    ],
    secured: [
      "AUTH LOGIN PLAIN XOAUTH2",
      "AUTH=LOGIN PLAIN XOAUTH2",
      "coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UFHbOaIUCa0xDrUUUUj",
      "STARTTLS",
      "ID",
      "8BITMIME",
    ],
    evidence: "verbatim",
  },
  changes: [],
  notes: [
    { en: "The settings given in older guides still hold.", zh: "旧教程中的设置仍然有效。" },
    {
      en: "Port 994 is NetEase's older implicit-TLS port and still in use. NetEase's own help now names 465 or 587, both implicit TLS, and advises against STARTTLS.",
      zh: "994 是网易较早的隐式 TLS 端口，至今仍在使用；网易官方帮助现在给出 465 或 587 端口，两者都是隐式 TLS (SSL)，并建议不要选择 STARTTLS。",
    },
    {
      en: "The help link in older guides leads to a page of 2009.",
      zh: "旧教程中的帮助链接指向 2009 年的页面。",
    },
    {
      en: "Authorization codes lapse, and a free account has only two.",
      zh: "授权码会过期，而且免费账号最多只有两个。",
    },
  ],
  quirks: [
    "port 587 speaks TLS from the first byte (NetEase's help page; a JavaMail log with isSSL true on 587), so STARTTLS there hangs or fails",
    'the LOGIN prompt is "username:" in lower case (334 dXNlcm5hbWU6), which clients that compare with VXNlcm5hbWU6 reject',
    "STARTTLS stays in the list after TLS",
    'host line is just "mail"',
    'AUTH PLAIN without an initial response is answered with an empty "334 "',
  ],
  links: ["https://mail.163.com", "https://help.163.com/09/1223/14/5R7P6CJ600753VB8.html?servCode=6010376"],
  checked: "2026-11-23",
  recalled: ["secret.pattern"],
};
