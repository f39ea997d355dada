// Resend.
import type { Provider } from "../provider.ts";

export const resend: Provider = {
  id: "resend",
  name: "Resend",
  kind: "relay",
  aliases: [],
  domains: [],
  mxSuffixes: [],
  endpoints: [
    { host: "smtp.resend.com", port: 465, security: "tls", note: { en: "Recommended", zh: "推荐" } },
    { host: "smtp.resend.com", port: 587, security: "starttls" },
    { host: "smtp.resend.com", port: 2465, security: "tls" },
    { host: "smtp.resend.com", port: 2587, security: "starttls" },
    { host: "smtp.resend.com", port: 25, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "literal", value: "resend", text: { en: "The word resend.", zh: "固定填写 resend。" } },
  secret: {
    kinds: ["api-key"],
    pattern: "^re_\\S+$",
    text: { en: "An API key (re_…).", zh: "API 密钥 (re_…)。" },
    obtain: {
      url: "https://resend.com/api-keys",
      path: {
        en: "API Keys > Create API Key, with sending access",
        zh: "API Keys > Create API Key，权限选择 Sending access（发信权限）",
      },
    },
  },
  prerequisites: [
    {
      en: "The domain is verified. Without one, only onboarding@resend.dev can send, and only to your own address (unverified).",
      zh: "域名已验证；否则只能用 onboarding@resend.dev 发往您自己的地址（未经核实）。",
    },
  ],
  limits: {
    perDay: 100,
    perDayUnit: "messages",
    perDayOf: "smallest-plan",
    messageSizeBytes: 41943040,
    notes: "The daily number counts messages (free plan, recalled).",
    source: "recalled",
  },
  sender: {
    rule: "verified-identity",
    text: {
      en: "The From address must belong to a verified sender or domain.",
      zh: "发件人地址必须属于已验证的发件人或域名。",
    },
  },
  oauth2: null,
  dns: {
    spfInclude: "amazonses.com",
    dkimSelectors: ["resend"],
    notes: "The include belongs on the send. subdomain.",
    evidence: "recalled",
  },
  replies: [
    {
      code: 450,
      enhanced: null,
      words: ["domain is not verified"],
      stage: null,
      cause: "envelope.sender-not-verified",
      sample:
        "The example.com domain is not verified. Please, add and verify your domain on https://resend.com/domains",
      meaning: { en: "The domain is not verified.", zh: "域名未验证。" },
      evidence: "paraphrase",
      source: "seen in a public repository",
    },
  ],
  wire: {
    greeting: "smtp.resend.com ESMTP ready",
    clear: ["PIPELINING", "SIZE 41943040", "8BITMIME", "STARTTLS"],
    secured: ["PIPELINING", "SIZE 41943040", "8BITMIME", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://resend.com/api-keys", "https://resend.com/changelog/smtp-service"],
  checked: "2026-11-23",
  recalled: ["mechanisms"],
};
