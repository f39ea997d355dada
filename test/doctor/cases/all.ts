// Every case, in the order of layers.
import type { CauseId } from "../../../src/causes/book.ts";
import type { Case } from "../case.ts";
import { auth } from "./auth.ts";
import { banner, ehlo } from "./banner.ts";
import { certificate } from "./certificate.ts";
import { config } from "./config.ts";
import { data } from "./data.ts";
import { delivery } from "./delivery.ts";
import { dns } from "./dns.ts";
import { envelope } from "./envelope.ts";
import { healthy } from "./healthy.ts";
import { tcp, unreadable } from "./tcp.ts";
import { tls } from "./tls.ts";

export const cases: readonly Case[] = [
  ...config,
  ...dns,
  ...tcp,
  ...banner,
  ...ehlo,
  ...tls,
  ...certificate,
  ...auth,
  ...envelope,
  ...data,
  ...delivery,
  ...healthy,
];

/** What is on the stage beside them. */
export const staged: readonly Case[] = [...cases, unreadable];

/** Causes that show in the same way, and how: in words, or as the effect that the finding names beside the cause. */
export const lookAlikes: readonly { readonly symptom: RegExp; readonly causes: readonly CauseId[] }[] = [
  {
    symptom: /ECONNREFUSED|refused/i,
    causes: ["tcp.refused-by-server", "tcp.refused-by-local-rule"],
  },
  {
    symptom: /not answer|no answer|TIMEOUT|timed out/i,
    causes: [
      "tcp.timeout",
      "tcp.timeout-local-drop",
      "tcp.timeout-cloud-egress-block",
      "tcp.timeout-security-group",
      "tcp.timeout-provider-drops-your-ip",
      "tcp.mail-host-behind-web-proxy",
      "tcp.kubernetes-networkpolicy",
      "tcp.paas-plan-block",
      "tcp.isp-block",
      "config.host-exists-but-wrong-role",
    ],
  },
  {
    symptom: /\b5[35][05]\b/,
    causes: [
      "auth.bad-credentials",
      "auth.app-password-required",
      "auth.authorization-code-required",
      "auth.smtp-service-not-enabled",
      "auth.smtp-auth-disabled-tenant",
      "auth.basic-auth-disabled",
      "auth.wrong-kind-of-key",
      "config.username-not-full-address",
    ],
  },
  { symptom: /cert\.expired/, causes: ["cert.expired", "cert.clock-skew"] },
  { symptom: /cert\.not-yet-valid/, causes: ["cert.not-yet-valid", "cert.clock-skew"] },
  {
    symptom: /self-signed/i,
    causes: ["cert.self-signed-in-chain", "cert.antivirus-interception", "cert.corporate-inspection"],
  },
  { symptom: /ENOTFOUND|no such name|not exist/i, causes: ["dns.nxdomain", "config.host-typo"] },
  {
    symptom: /EAI_AGAIN|name server/i,
    causes: ["dns.servfail", "dns.timeout", "dns.resolver-unreachable"],
  },
  { symptom: /ECONNRESET|reset|broke/i, causes: ["tcp.reset", "tls.large-clienthello-intolerance"] },
  { symptom: /STARTTLS/, causes: ["ehlo.starttls-missing", "ehlo.starttls-stripped-xxxxxxxa"] },
];
