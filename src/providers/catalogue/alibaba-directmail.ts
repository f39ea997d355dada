// Alibaba Cloud DirectMail (邮件推送).
import type { Provider } from "../provider.ts";

export const alibabaDirectmail: Provider = {
  id: "alibaba-directmail",
  name: "Alibaba Cloud DirectMail (邮件推送)",
  nameZh: "阿里云邮件推送",
  kind: "relay",
  aliases: ["directmail"],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    {
      host: "smtpdm.aliyun.com",
      port: 465,
      security: "tls",
      note: { en: "Hangzhou, also for Beijing and Shenzhen", zh: "杭州，也用于北京和深圳" },
    },
    {
      host: "smtpdm.aliyun.com",
      port: 80,
      security: "none",
      note: { en: "Open inside Alibaba Cloud; plain, without TLS", zh: "在阿里云内网开放；明文，不加密" },
    },
    { host: "smtpdm.aliyun.com", port: 25, security: "none" },
    {
      host: "smtpdm-ap-southeast-1.aliyun.com",
      port: 465,
      security: "tls",
      note: {
        en: "Singapore; the newer name is smtpdm-ap-southeast-1.aliyuncs.com",
        zh: "新加坡；新地址为 smtpdm-ap-southeast-1.aliyuncs.com",
      },
    },
    {
      host: "smtpdm-ap-southeast-2.aliyun.com",
      port: 465,
      security: "tls",
      note: { en: "Sydney", zh: "悉尼" },
    },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The sender address (发信地址).", zh: "发信地址。" } },
  secret: {
    kinds: ["smtp-password"],
    text: {
      en: "The SMTP password set for that sender address in the console.",
      zh: "在控制台为该发信地址设置的 SMTP 密码。",
    },
    obtain: {
      url: "https://dm.console.aliyun.com",
      path: {
        en: "Sender addresses (发信地址) > Set SMTP password (设置 SMTP 密码)",
        zh: "发信地址 > 设置 SMTP 密码",
      },
    },
  },
  prerequisites: [
    { en: "The sending domain is verified.", zh: "发信域名已验证。" },
    {
      en: "The sender address has been created and its SMTP password set.",
      zh: "已创建发信地址，并为其设置 SMTP 密码。",
    },
  ],
  limits: {
    perDay: 2000,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    notes: "New accounts 200 to 2 000 a day depending on level, recalled.",
    source: "recalled",
  },
  sender: {
    rule: "must-equal-login",
    text: {
      en: "The address that signs in and MAIL FROM must be the same.",
      zh: "登录地址与信封发件人 (MAIL FROM) 必须相同。",
    },
  },
  oauth2: null,
  dns: { spfInclude: "spf1.dm.aliyun.com", dkimSelectors: ["aliyun-cn-hangzhou"], evidence: "recalled" },
  replies: [
    {
      code: 436,
      enhanced: null,
      words: ["doesn't conform with authentication"],
      stage: "mail",
      cause: "envelope.sender-not-owned",
      sample:
        '"MAIL FROM" doesn\'t conform with authentication [@sm060104]\n(Auth Account:noreply@example.com|Mail Account:root@example.com)',
      meaning: {
        en: "MAIL FROM is not the address that signed in. The code is 4xx, but the state is permanent.",
        zh: "信封发件人 (MAIL FROM) 不是登录地址。虽是 4xx 代码，但不会自行恢复。",
      },
      evidence: "verbatim",
      source: "seen in a public repository",
    },
  ],
  wire: {
    greeting: "smtpdm.aliyun.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "AUTH PLAIN LOGIN"],
    secured: ["PIPELINING", "8BITMIME", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://dm.console.aliyun.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
