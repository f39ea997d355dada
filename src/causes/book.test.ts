// The book against the ids that others hold on to: applications match on them, pages are linked by them.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { cause, causeIds, isCauseId } from "./book.ts";
import { causeLink, exampleRemedy, handlingOf, symptomsOf } from "./page.ts";

/** Once given out, an id never goes and never changes its meaning. */
const givenOut: readonly string[] = [
  "config.tls-on-starttls-port",
  "config.plain-on-implicit-tls-port",
  "config.secure-derived-from-string-port",
  "config.host-typo",
  "config.host-exists-but-wrong-role",
  "config.imap-or-pop-host",
  "config.port-not-a-number",
  "config.falls-back-to-localhost",
  "config.env-value-mangled",
  "config.username-not-full-address",
  "config.app-password-spaces",
  "config.wrong-region-endpoint",
  "config.inbound-rule-for-outbound-problem",
  "dns.nxdomain",
  "dns.no-address-record",
  "dns.resolver-unreachable",
  "dns.servfail",
  "dns.timeout",
  "dns.ipv6-only-answer-no-route",
  "dns.lookup-and-resolver-disagree",
  "dns.sinkholed",
  "dns.search-domain-ndots",
  "tcp.refused-by-server",
  "tcp.refused-by-local-rule",
  "tcp.timeout-cloud-egress-block",
  "tcp.timeout-security-group",
  "tcp.timeout-local-drop",
  "tcp.timeout-provider-drops-your-ip",
  "tcp.isp-block",
  "tcp.admin-prohibited",
  "tcp.no-route",
  "tcp.reset",
  "tcp.broken-ipv6",
  "tcp.happy-eyeballs-250ms",
  "tcp.aggregate-error-hides-text",
  "tcp.transparent-smtp-proxy",
  "tcp.mail-host-behind-web-proxy",
  "tcp.container-egress",
  "tcp.kubernetes-networkpolicy",
  "tcp.paas-plan-block",
  "tcp.corporate-proxy-only",
  "tcp.mtu-blackhole",
  "banner.silent-server",
  "banner.slow-tarpit",
  "banner.421-busy-or-limited",
  "banner.554-refused",
  "banner.other-protocol",
  "banner.http-server",
  "banner.closed-without-greeting",
  "banner.cisco-fixup",
  "banner.not-the-expected-provider",
  "ehlo.name-rejected",
  "ehlo.not-implemented",
  "ehlo.starttls-missing",
  "ehlo.starttls-stripped-xxxxxxxa",
  "ehlo.starttls-refused",
  "ehlo.starttls-required",
  "ehlo.plaintext-after-starttls",
  "ehlo.silent-plaintext-downgrade",
  "tls.unsupported-protocol",
  "tls.alert-protocol-version",
  "tls.no-protocols-available",
  "tls.handshake-failure",
  "tls.no-shared-cipher",
  "tls.unknown-cipher-returned",
  "tls.dh-key-too-small",
  "tls.unsafe-legacy-renegotiation",
  "tls.legacy-sigalg",
  "tls.closed-during-handshake",
  "tls.large-clienthello-intolerance",
  "tls.unrecognized-name",
  "tls.client-certificate-required",
  "tls.invalid-cipher-option",
  "tls.server-alert-internal-error",
  "tls.handshake-timeout",
  "tls.provider-rejects-old-tls",
  "tls.app-and-doctor-use-different-openssl",
  "cert.self-signed-leaf",
  "cert.self-signed-in-chain",
  "cert.expired",
  "cert.not-yet-valid",
  "cert.clock-skew",
  "cert.hostname-mismatch",
  "cert.connect-by-ip",
  "cert.missing-intermediate",
  "cert.unknown-root",
  "cert.no-ca-bundle-in-image",
  "cert.antivirus-interception",
  "cert.corporate-inspection",
  "cert.weak-key-or-digest",
  "cert.cn-only",
  "cert.verification-disabled",
  "auth.not-offered-before-tls",
  "auth.not-offered-at-all",
  "auth.mechanism-unsupported",
  "auth.bad-credentials",
  "auth.app-password-required",
  "auth.authorization-code-required",
  "auth.smtp-auth-disabled-tenant",
  "auth.basic-auth-disabled",
  "auth.security-defaults-or-conditional-access",
  "auth.too-many-logins",
  "auth.web-login-required",
  "auth.xoauth2-challenge",
  "auth.oauth-token-refused",
  "auth.malformed-sasl",
  "auth.temporary-failure",
  "auth.account-blocked-or-unpaid",
  "auth.source-ip-not-allowed",
  "auth.smtp-service-not-enabled",
  "auth.wrong-kind-of-key",
  "auth.connection-closed",
  "envelope.sender-not-owned",
  "envelope.sender-not-verified",
  "envelope.sandbox",
  "envelope.authentication-required",
  "envelope.relay-denied",
  "envelope.recipient-unknown",
  "envelope.domain-not-found",
  "envelope.too-many-recipients",
  "envelope.too-large",
  "envelope.mailbox-full",
  "envelope.greylisted",
  "envelope.rate-limited",
  "envelope.daily-quota",
  "envelope.smtputf8-missing",
  "envelope.syntax",
  "envelope.bad-sequence",
  "envelope.source-ip-listed",
  "data.unauthenticated-sender",
  "data.microsoft-5.7.515",
  "data.spf-fail",
  "data.dkim-fail",
  "data.no-reverse-dns",
  "data.content-rejected",
  "data.bad-or-missing-headers",
  "data.bare-lf",
  "data.line-too-long",
  "data.8bit-not-supported",
  "data.unusual-activity-lock",
  "data.timeout-after-data",
  "data.connection-lost-after-dot",
  "data.protocol-error-local",
  "delivery.accepted-then-bounced",
  "delivery.spam-folder",
  "delivery.dmarc-misaligned",
  "delivery.from-freemail-domain",
  "delivery.spf-lacks-provider",
  "delivery.spf-broken",
  "delivery.dkim-missing",
  "delivery.from-rewritten",
  "delivery.suppressed",
  "delivery.no-dmarc-record",
  "environment.serverless-frozen",
  "environment.host-ok-container-fails",
  "environment.config-not-reloaded",
  "environment.old-runtime",
  "environment.new-runtime-stricter",
  "environment.openssl-conf",
  "environment.library-limits",
  "environment.test-button-uses-other-sender",
];

test("no id that was given out is missing from the book", () => {
  expect(givenOut.filter((id) => !isCauseId(id))).toEqual([]);
  expect(new Set(givenOut).size).toBe(161);
});

test("every cause has the page that its link names", () => {
  const root = new URL("../../", import.meta.url);
  const pages = readdirSync(new URL("docs/causes/", root)).map((name) => `docs/causes/${name}`);
  expect(causeIds.map(causeLink).filter((link) => !pages.includes(link))).toEqual([]);
});

test.each([
  "en",
  "zh",
] as const)("every page in %s says all of its parts, with nothing left open", (language) => {
  for (const id of causeIds) {
    const { title, explanation, steps } = exampleRemedy(id, language);
    const texts = [title, explanation, ...steps, handlingOf(id, language)];
    for (const text of texts) expect(text, id).not.toMatch(/^\s*$|\{\w*\}|undefined/);
    expect(steps.length, id).toBeGreaterThan(0);
    for (const line of symptomsOf(id, language)) expect(line, id).not.toMatch(/^\s*$|\{\w*\}|\\/);
    expect(symptomsOf(id, language).length, id).toBeGreaterThan(0);
  }
});

test("what a person sees is said in both languages, and only where no sign says it", () => {
  for (const id of causeIds) {
    const { symptom } = cause(id);
    if (symptom === undefined) continue;
    expect(symptomsOf(id, "en"), id).toEqual([symptom.en]);
    expect(symptom.en, id).not.toMatch(/\p{Script=Han}/u);
    expect(symptom.zh, id).toMatch(/\p{Script=Han}/u);
    expect(symptom.zh, id).not.toMatch(/\p{Script=Han}[,;:?!]/u);
  }
});
