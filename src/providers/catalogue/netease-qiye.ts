// NetEase enterprise mail (qiye.163.com).
import { neteaseReplies } from "../families/netease.ts";
import type { Provider } from "../provider.ts";

export const neteaseQiye: Provider = {
  id: "netease-qiye",
  name: "NetEase enterprise mail (qiye.163.com)",
  nameZh: "网易企业邮箱",
  kind: "hosted",
  aliases: ["163-qiye"],
  domains: [],
  mxSuffixes: [
    "qiye163mx01.mxmail.netease.com",
    "qiye163mx02.mxmail.netease.com",
    "hzmx01.mxmail.netease.com",
  ],
  endpoints: [
    { host: "smtp.qiye.163.com", port: 465, security: "tls" },
    { host: "smtp.qiye.163.com", port: 994, security: "tls" },
    {
      host: "hwhzsmtp.qiye.163.com",
      port: 465,
      security: "tls",
      note: { en: "Node outside mainland China", zh: "境外节点" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password", "account-password"],
    text: {
      en: "The client authorization password (16 characters). It needs a bound phone.",
      zh: "客户端授权密码（16 位），需要先绑定手机号。",
    },
    obtain: {
      url: "https://qiye.163.com",
      path: {
        en: "Mailbox settings (邮箱设置) > Client settings (客户端设置) > Add authorization password (新增授权密码)",
        zh: "邮箱设置 > 客户端设置 > 新增授权密码",
      },
    },
  },
  prerequisites: [
    { en: "A phone number is bound to the account.", zh: "账号已绑定手机号。" },
    {
      en: "The administrator may restrict sign-in to certain IP addresses (ERR.LOGIN.IPDENY).",
      zh: "管理员可能限制了允许登录的 IP 地址 (ERR.LOGIN.IPDENY)。",
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
  dns: {
    spfInclude: "spf.163.com",
    dkimSelectors: [],
    notes: "spf.qiye.163.com also occurs; the console shows the selector.",
    evidence: "recalled",
  },
  replies: neteaseReplies,
  wire: {
    greeting: "smtp.qiye.163.com ESMTP ready",
    clear: [],
    secured: ["PIPELINING", "8BITMIME", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [
    'the LOGIN prompt is "username:" in lower case (334 dXNlcm5hbWU6), which clients that compare with VXNlcm5hbWU6 reject',
    "STARTTLS stays in the list after TLS",
    'host line is just "mail"',
    'AUTH PLAIN without an initial response is answered with an empty "334 "',
  ],
  links: ["https://qiye.163.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
