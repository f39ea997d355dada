// Infomaniak.
import type { Provider } from "../provider.ts";

export const infomaniak: Provider = {
  id: "infomaniak",
  name: "Infomaniak",
  kind: "hosted",
  aliases: [],
  domains: ["ik.me", "ikmail.com", "etik.com"],
  mxSuffixes: ["mta-gw.infomaniak.ch", "infomaniak.ch"],
  endpoints: [
    { host: "mail.infomaniak.com", port: 465, security: "tls" },
    { host: "mail.infomaniak.com", port: 587, security: "starttls" },
  ],
  regions: [],
  legacyHosts: [],
  mechanisms: ["PLAIN", "LOGIN"],
  username: { kind: "address", text: { en: "The full email address.", zh: "完整的邮箱地址。" } },
  secret: {
    kinds: ["account-password", "app-password"],
    text: {
      en: "The mailbox password or a device password, not the Infomaniak account password.",
      zh: "邮箱密码或设备密码，不是 Infomaniak 账号密码。",
    },
    obtain: {
      url: "https://manager.infomaniak.com",
      path: {
        en: "Mail Service > choose the address > Devices > add a device",
        zh: "Mail Service > 选择邮箱地址 > Devices > 添加设备",
      },
    },
  },
  prerequisites: [],
  limits: {
    recipientsPerMessage: 10,
    notes:
      "10 recipients per message on ik.me according to the Delta Chat list; paid plans allow more (recalled).",
    source: "https://github.com/deltachat/provider-db (_providers/infomaniak.com.md, 2024-11-22)",
  },
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
    greeting: "mail.infomaniak.com ESMTP ready",
    clear: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "STARTTLS"],
    secured: ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"],
    evidence: "derived",
  },
  changes: [],
  notes: [],
  quirks: [],
  links: ["https://manager.infomaniak.com"],
  checked: "2026-11-23",
  recalled: ["mechanisms", "secret.obtain", "sender", "mxSuffixes"],
};
