// Sohu Mail.
import type { Provider } from "../provider.ts";

export const sohu: Provider = {
  id: "sohu",
  name: "Sohu Mail",
  nameZh: "搜狐邮箱",
  kind: "mailbox",
  aliases: [],
  domains: ["sohu.com", "vip.sohu.com"],
  mxSuffixes: ["sohumx.h.a.sohu.com"],
  endpoints: [
    { host: "smtp.sohu.com", port: 465, security: "tls" },
    { host: "smtp.sohu.com", port: 25, security: "none" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["authorization-code"],
    text: { en: "The independent client password (独立密码).", zh: "客户端独立密码。" },
    obtain: {
      url: "https://mail.sohu.com",
      path: {
        en: "Settings (设置) > Client authorization password (客户端授权密码) > Enable and generate (开启并生成)",
        zh: "设置 > 客户端授权密码 > 开启并生成",
      },
    },
  },
  prerequisites: [],
  limits: { source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The From address must be the one that signs in or one of its aliases.",
      zh: "发件人地址必须是登录地址或其别名。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.sohu.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://mail.sohu.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender", "mxSuffixes"],
};
