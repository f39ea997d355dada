// NetEase free domain mail (ym.163.com).
import type { Provider } from "../provider.ts";

export const neteaseYm: Provider = {
  id: "netease-ym",
  name: "NetEase free domain mail (ym.163.com)",
  nameZh: "网易免费企业邮箱",
  kind: "hosted",
  aliases: [],
  domains: [],
  mxSuffixes: ["mx.ym.163.com"],
  endpoints: [
    { host: "smtp.ym.163.com", port: 994, security: "tls" },
    { host: "smtp.ym.163.com", port: 25, security: "none" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password"],
    text: { en: "The account password.", zh: "账号密码。" },
    obtain: { url: "https://ym.163.com", path: { en: "Domain management console", zh: "域名邮箱管理后台" } },
  },
  prerequisites: [],
  limits: { source: "recalled" },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "MAIL FROM must equal the address that signs in; otherwise 553.",
      zh: "信封发件人 (MAIL FROM) 必须与登录地址一致，否则返回 553。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.ym.163.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN"],
    evidence: "derived",
  },
  changes: [
    {
      date: "2020s",
      text: {
        en: "Closed to new domains; accounts were moved to the paid enterprise mail.",
        zh: "不再接受新域名，账号迁移至收费的企业邮箱。",
      },
      source: "recalled",
    },
  ],
  notes: [],
  quirks: [],
  links: ["https://ym.163.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain"],
};
