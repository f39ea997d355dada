// Google Workspace SMTP relay.
import type { Provider } from "../provider.ts";

export const googleWorkspaceRelay: Provider = {
  id: "google-workspace-relay",
  name: "Google Workspace SMTP relay",
  nameZh: "Google Workspace SMTP 中继",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp-relay.gmail.com", port: 587, security: "starttls" },
    { host: "smtp-relay.gmail.com", port: 465, security: "tls" },
    { host: "smtp-relay.gmail.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["LOGIN", "PLAIN", "XOAUTH2"],
  username: {
    kind: "address",
    text: {
      en: "A Google Workspace user; or no sign-in at all when the sending IP address is on the allow list.",
      zh: "Google Workspace 用户；如果发信 IP 地址已加入许可名单，则无需登录。",
    },
  },
  secret: {
    kinds: ["app-password", "none"],
    text: {
      en: "An app password; or none when the IP address is on the allow list.",
      zh: "应用专用密码；如果 IP 地址已加入许可名单，则无需密码。",
    },
    obtain: {
      url: "https://admin.google.com",
      path: {
        en: "Apps > Google Workspace > Gmail > Routing > SMTP relay service > add a rule",
        zh: "应用 > Google Workspace > Gmail > 路由 > SMTP 中继服务 > 添加规则",
      },
    },
  },
  prerequisites: [
    { en: "An administrator has set up the relay service.", zh: "管理员已设置 SMTP 中继服务。" },
    {
      en: "EHLO must name a domain of the organisation, not localhost (unverified).",
      zh: "EHLO 必须使用组织的域名，不能是 localhost（未经核实）。",
    },
  ],
  limits: {
    perDay: 10000,
    perDayUnit: "recipients",
    notes: "The daily number counts recipients per user.",
    source: "https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings.md",
  },
  sender: {
    rule: "verified-identity",
    text: {
      en: "Any address of the organisation's domains, depending on the rule.",
      zh: "可使用组织域名下的任何地址，具体取决于中继规则。",
    },
  },
  oauth2: null,
  dns: { spfInclude: "_spf.google.com", dkimSelectors: ["google"], evidence: "sourced" },
  replies: [
    {
      code: 450,
      enhanced: "4.2.1",
      words: ["relay limit exceeded"],
      stage: null,
      cause: "envelope.rate-limited",
      sample:
        "4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error. For more information on SMTP relay limits, please contact your administrator.",
      meaning: { en: "A burst of messages over the relay limit.", zh: "短时间内的发信量超过中继上限。" },
      evidence: "verbatim",
      source:
        "https://my.vedova.net/plugin/support_manager/knowledgebase/view/1/test-article/1/ (copy of Google's table)",
    },
    {
      code: 550,
      enhanced: "5.7.1",
      words: ["Invalid credentials for relay"],
      stage: null,
      cause: "auth.source-ip-not-allowed",
      sample: "5.7.1 Invalid credentials for relay",
      meaning: {
        en: "The IP address or domain is not registered in the relay rule.",
        zh: "该 IP 地址或域名未在中继规则中登记。",
      },
      evidence: "recalled",
      source: "recalled",
    },
  ],
  wire: {
    greeting: "smtp-relay.gmail.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH LOGIN PLAIN XOAUTH2"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://admin.google.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender"],
};
