// 189 Mail (China Telecom).
import type { Provider } from "../provider.ts";

export const mail189: Provider = {
  id: "189",
  name: "189 Mail (China Telecom)",
  nameZh: "189邮箱（中国电信）",
  kind: "mailbox",
  aliases: [],
  domains: ["189.cn"],
  mxSuffixes: ["189.cn"],
  endpoints: [
    { host: "smtp.189.cn", port: 465, security: "tls" },
    {
      host: "smtp.189.cn",
      port: 587,
      security: "tls",
      note: { en: "Documented as SSL, so implicit TLS", zh: "官方说明为 SSL 端口，即隐式 TLS" },
    },
    { host: "smtp.189.cn", port: 25, security: "none" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["app-password"],
    text: { en: "The dedicated client password (邮箱专用密码).", zh: "邮箱专用密码。" },
    obtain: {
      url: "https://webmail30.189.cn",
      path: {
        en: "Settings (设置) > Client-specific password (客户端专用密码)",
        zh: "设置 > 客户端专用密码",
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
    greeting: "smtp.189.cn ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://webmail30.189.cn"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender", "mxSuffixes"],
};
