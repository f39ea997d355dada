// Tencent Cloud SES.
import type { Provider } from "../provider.ts";

export const tencentSes: Provider = {
  id: "tencent-ses",
  name: "Tencent Cloud SES",
  nameZh: "腾讯云邮件推送",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.qcloudmail.com", port: 465, security: "tls", note: { en: "Hong Kong", zh: "中国香港" } },
    { host: "gz-smtp.qcloudmail.com", port: 465, security: "tls", note: { en: "Guangzhou", zh: "广州" } },
    { host: "sg-smtp.qcloudmail.com", port: 465, security: "tls", note: { en: "Singapore", zh: "新加坡" } },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The sender address.", zh: "发信地址。" } },
  secret: {
    kinds: ["smtp-password"],
    text: { en: "The SMTP password of that sender address.", zh: "该发信地址的 SMTP 密码。" },
    obtain: {
      url: "https://console.cloud.tencent.com/ses",
      path: {
        en: "Configuration > Sender Address > Set SMTP Password",
        zh: "邮件配置 > 发信地址 > 设置 SMTP 密码",
      },
    },
  },
  prerequisites: [
    { en: "The domain is verified.", zh: "域名已验证。" },
    { en: "The sender address has been created.", zh: "已创建发信地址。" },
  ],
  limits: {
    perSecond: 20,
    perDay: 500,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    notes:
      "20 calls a second per account; 10 messages an hour from one sender to one recipient; port 25 is disabled. The daily number counts messages for new accounts.",
    source:
      "https://tencentcloud.com/document/product/1084/44458 ; https://tencentcloud.com/document/product/1084/40185",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "Both the address that signs in and the From address are the sender address.",
      zh: "登录地址和发件人地址都是该发信地址。",
    },
  },
  oauth2: null,
  dns: { spfInclude: null, dkimSelectors: [], evidence: "none" },
  replies: [],
  wire: {
    greeting: "smtp.qcloudmail.com ESMTP ready",
    clear: [],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: [
    "https://console.cloud.tencent.com/ses",
    "https://tencentcloud.com/document/product/1084/44458",
    "https://www.tencentcloud.com/pt/document/product/1084/44457",
  ],
  checked: "2026-11-23",
  recalled: ["mechanisms", "sender"],
};
