// 126 Mail (NetEase).
import { neteaseReplies } from "../families/netease.ts";
import type { Provider } from "../provider.ts";

export const netease126: Provider = {
  id: "netease-126",
  name: "126 Mail (NetEase)",
  nameZh: "126邮箱（网易）",
  kind: "mailbox",
  aliases: ["126"],
  domains: ["126.com"],
  mxSuffixes: ["126mx00.mxmail.netease.com", "126mx01.mxmail.netease.com", "126mx02.mxmail.netease.com"],
  endpoints: [
    { host: "smtp.126.com", port: 465, security: "tls" },
    { host: "smtp.126.com", port: 994, security: "tls" },
    {
      host: "smtp.126.com",
      port: 587,
      security: "tls",
      note: { en: "Implicit TLS, as with 163 Mail", zh: "隐式 TLS (SSL)，与163邮箱相同" },
    },
    { host: "smtp.126.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["authorization-code"],
    pattern: "^[A-Za-z]{16}$",
    text: {
      en: "A 16-letter authorization code (授权码). A free account may hold two at a time.",
      zh: "16 位授权码；免费账号最多同时拥有两个。",
    },
    obtain: {
      url: "https://mail.126.com",
      path: {
        en: "Settings (设置) > POP3/SMTP/IMAP > Enable (开启) > Add authorization password (新增授权密码)",
        zh: "设置 > POP3/SMTP/IMAP > 开启服务 > 新增授权密码",
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
  replies: neteaseReplies,
  wire: {
    greeting: "126.com Anti-spam GT for Coremail System (126com[20140526])",
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
  notes: [],
  quirks: [
    "port 587 speaks TLS from the first byte (NetEase's help page; a JavaMail log with isSSL true on 587), so STARTTLS there hangs or fails",
    'the LOGIN prompt is "username:" in lower case (334 dXNlcm5hbWU6), which clients that compare with VXNlcm5hbWU6 reject',
    "STARTTLS stays in the list after TLS",
    'host line is just "mail"',
    'AUTH PLAIN without an initial response is answered with an empty "334 "',
  ],
  links: ["https://mail.126.com"],
  checked: "2026-11-23",
  recalled: ["secret.pattern", "secret.obtain"],
};
