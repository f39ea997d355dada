// Each sample is a failure as servers, resolvers and OpenSSL really produce it; the judge must name its cause.
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { CertificateFacts, SmtpFailure, SmtpFailureFacts } from "../smtp/failure.ts";
import { type CauseId, cause, causeIds } from "./book.ts";
import { at, failure, refusal } from "./failures.fixture.ts";
import { type JudgeContext, judge } from "./judge.ts";

type Sample = readonly [cause: CauseId, failure: SmtpFailure, context?: Partial<JudgeContext>];

const connect = (code: string, facts: Partial<SmtpFailureFacts> = {}) =>
  failure({ stage: "connect", code, secured: false, ...facts });
const attempts = (code: string, ...addresses: string[]) =>
  addresses.map((address) => ({ address, code, message: code }));
const resolve = (code: string, errno?: number) =>
  failure(
    { stage: "resolve", kind: "resolve", code, secured: false },
    "no",
    Object.assign(new Error(code), { code, errno }),
  );
const tls = (code: string, facts: Partial<SmtpFailureFacts> = {}, message?: string) =>
  failure({ stage: "tls", kind: "tls", code, secured: false, ...facts }, message);
const banner = (received: string) =>
  failure({ stage: "greeting", kind: "protocol", code: "NOT_SMTP", received, secured: false });
const local = (stage: SmtpFailureFacts["stage"], code: string, message?: string) =>
  failure({ stage, kind: "local", code, secured: stage !== "starttls" && stage !== "ehlo" }, message);
const timeout = (stage: SmtpFailureFacts["stage"]) => failure({ stage, kind: "timeout", code: "TIMEOUT" });
const issued = (issuer: string): { certificate: CertificateFacts } => ({
  certificate: {
    subject: "CN=smtp.gmail.com",
    issuer,
    altNames: ["DNS:smtp.gmail.com"],
    validFrom: "2026-01-01T00:00:00Z",
    validTo: "2027-01-01T00:00:00Z",
    fingerprint256: "00",
  },
});
const on = (endpoint: Endpoint): Partial<JudgeContext> => ({ endpoint });
const clear = { secured: false };

const samples: readonly Sample[] = [
  ["config.plain-on-implicit-tls-port", timeout("greeting"), on(at(465, "starttls"))],
  ["config.plain-on-implicit-tls-port", failure({ stage: "greeting", code: "CLOSED" }), on(at(465, "none"))],
  ["config.plain-on-implicit-tls-port", banner("\\x15\\x03\\x01\\x00\\x02\\x02"), on(at(8465, "starttls"))],
  [
    "config.tls-on-starttls-port",
    tls("ERR_SSL_WRONG_VERSION_NUMBER", { received: "220 mx ESMTP" }),
    on(at(587, "tls")),
  ],
  [
    "config.tls-on-starttls-port",
    tls("EPROTO", {}, "SSL routines:ssl3_get_record:wrong version number"),
    on(at(587, "tls")),
  ],
  ["config.imap-or-pop-host", banner("* OK [CAPABILITY IMAP4rev1] ready")],
  ["config.imap-or-pop-host", banner("+OK POP3 ready")],
  [
    "config.imap-or-pop-host",
    tls("ERR_SSL_WRONG_VERSION_NUMBER", { received: "* OK Dovecot ready." }),
    on(at(143, "tls")),
  ],
  ["config.host-typo", resolve("ENOTFOUND", -3008), on(at(587, "starttls", "smtp://smtp.example.com"))],
  [
    "config.host-typo",
    local("settings", "BAD_INPUT", "the host is not a name or an address"),
    on(at(587, "starttls", "a@b.example")),
  ],
  ["config.port-not-a-number", local("settings", "ERR_SOCKET_BAD_PORT")],
  ["config.port-not-a-number", local("settings", "BAD_INPUT", "the port must be 1 to 65535, not 70000")],
  ["config.bad-option", local("settings", "BAD_INPUT", "the client name has a blank")],

  [
    "proxy.sign-in-refused",
    failure(
      { stage: "proxy", kind: "proxy", code: "PROXY_REFUSED" },
      "the proxy answers 407 Proxy Authentication Required",
    ),
  ],
  [
    "proxy.refused",
    failure({ stage: "proxy", kind: "proxy", code: "PROXY_REFUSED" }, "the proxy answers 403 Forbidden"),
  ],
  ["proxy.unreachable", failure({ stage: "proxy", kind: "proxy", code: "ECONNREFUSED" })],
  ["proxy.unreachable", failure({ stage: "proxy", kind: "timeout", code: "TIMEOUT" })],

  ["dns.nxdomain", resolve("ENOTFOUND", -3008)],
  ["dns.no-address-record", resolve("ENOTFOUND", -3007)],
  ["dns.no-address-record", resolve("ENODATA")],
  ["dns.servfail", resolve("ESERVFAIL")],
  ["dns.servfail", resolve("EREFUSED")],
  ["dns.timeout", timeout("resolve")],
  ["dns.timeout", resolve("ETIMEOUT")],
  ["dns.resolver-unreachable", resolve("EAI_AGAIN", -3001)],
  ["dns.resolver-unreachable", resolve("ECONNREFUSED")],
  [
    "dns.sinkholed",
    connect("ECONNREFUSED", { attempts: attempts("ECONNREFUSED", "0.0.0.0") }),
    on(at(465, "tls")),
  ],
  [
    "dns.sinkholed",
    connect("ECONNREFUSED", { attempts: attempts("ECONNREFUSED", "127.0.0.1:465", "[::1]:465") }),
    on(at(465, "tls", "smtp.gmail.com")),
  ],
  [
    "dns.ipv6-only-answer-no-route",
    connect("ENETUNREACH", { attempts: attempts("ENETUNREACH", "2001:db8::1", "2001:db8::2") }),
  ],

  [
    "tcp.refused-by-server",
    connect("ECONNREFUSED", { attempts: attempts("ECONNREFUSED", "127.0.0.1") }),
    on(at(1, "tls", "localhost")),
  ],
  ["tcp.timeout", connect("ETIMEDOUT")],
  ["tcp.timeout", timeout("connect")],
  ["tcp.admin-prohibited", connect("EHOSTUNREACH")],
  ["tcp.admin-prohibited", connect("EACCES")],
  ["tcp.no-route", connect("ENETUNREACH", { attempts: attempts("ENETUNREACH", "192.0.2.1:465") })],
  ["tcp.no-route", connect("ENETUNREACH", { attempts: attempts("ENETUNREACH", "192.0.2.1", "2001:db8::1") })],
  ["tcp.reset", connect("ECONNRESET")],
  ["tcp.reset", failure({ stage: "greeting", code: "ECONNRESET" })],
  ["tcp.connection-lost", failure({ stage: "rcpt", code: "CLOSED" })],
  ["tcp.stalled", timeout("mail")],
  ["tcp.failed", connect("EMFILE")],

  ["banner.421-busy-or-limited", refusal("greeting", "421 4.7.0 Too many connections from your IP")],
  ["banner.421-busy-or-limited", refusal("greeting", "421 Too many concurrent SMTP connections")],
  ["banner.421-busy-or-limited", refusal("ehlo", "421 4.7.0 Try again later, closing connection.")],
  ["banner.421-busy-or-limited", refusal("rcpt", "421 4.4.5 Server busy, try again later.")],
  [
    "banner.421-busy-or-limited",
    tls("ERR_SSL_WRONG_VERSION_NUMBER", { received: "421 busy" }),
    on(at(465, "tls")),
  ],
  ["banner.421-busy-or-limited", refusal("mail", "450 MI:DMC")],
  ["banner.554-refused", refusal("greeting", "554 No SMTP service here")],
  [
    "banner.554-refused",
    refusal(
      "greeting",
      "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1",
    ),
  ],
  ["banner.http-server", banner("HTTP/1.1 400 Bad Request")],
  ["banner.http-server", tls("ERR_SSL_HTTP_REQUEST")],
  ["banner.cisco-fixup", banner("220 ********************0*0*0*0*")],
  [
    "banner.cisco-fixup",
    local("ehlo", "STARTTLS_NOT_OFFERED"),
    { transcript: [{ ms: 1, from: "server", text: "220 *************" }] },
  ],
  ["banner.other-protocol", banner("SSH-2.0-OpenSSH_9.2")],
  ["banner.other-protocol", banner("\\xffgarbage")],
  ["banner.closed-without-greeting", failure({ stage: "greeting", code: "CLOSED" }), on(at(587, "starttls"))],
  ["banner.silent-server", timeout("greeting"), on(at(587, "starttls"))],

  [
    "ehlo.starttls-stripped-xxxxxxxa",
    local("starttls", "STARTTLS_NOT_OFFERED"),
    { transcript: [{ ms: 1, from: "server", text: "250-XXXXXXXA" }] },
  ],
  [
    "ehlo.starttls-stripped-xxxxxxxa",
    refusal("starttls", '500 5.5.1 Command unrecognized: "XXXXXXXX"', clear),
  ],
  [
    "ehlo.starttls-required",
    refusal(
      "mail",
      "530-5.7.0 Must issue a STARTTLS command first. For more information, go to\n530 5.7.0 https://support.google.com/a/answer/3221692",
      clear,
    ),
  ],
  ["ehlo.starttls-required", refusal("mail", "451 5.7.3 STARTTLS is required to send mail", clear)],
  [
    "ehlo.starttls-required",
    refusal("auth", "538 5.7.11 Encryption required for requested authentication mechanism", clear),
  ],
  [
    "ehlo.starttls-required",
    refusal("auth", "530 5.7.7 Email sending without SSL/TLS encryption is not allowed.", clear),
  ],
  ["ehlo.name-rejected", refusal("ehlo", "501 5.5.4 Invalid domain name")],
  [
    "ehlo.name-rejected",
    refusal("rcpt", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"),
  ],
  ["ehlo.not-implemented", refusal("ehlo", "502 5.5.1 Command not implemented")],
  ["ehlo.starttls-missing", local("starttls", "STARTTLS_NOT_OFFERED")],
  ["ehlo.starttls-refused", refusal("starttls", "454 4.7.0 TLS not available due to local problem", clear)],
  ["ehlo.plaintext-after-starttls", tls("ERR_SSL_WRONG_VERSION_NUMBER"), on(at(587, "starttls"))],

  [
    "tls.provider-rejects-old-tls",
    refusal(
      "mail",
      "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit https://aka.ms/smtp_auth_tls",
    ),
  ],
  ["tls.unsupported-protocol", tls("ERR_SSL_UNSUPPORTED_PROTOCOL")],
  ["tls.alert-protocol-version", tls("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION")],
  ["tls.no-protocols-available", tls("ERR_SSL_NO_PROTOCOLS_AVAILABLE")],
  ["tls.unknown-cipher-returned", tls("ERR_SSL_UNKNOWN_CIPHER_RETURNED")],
  ["tls.dh-key-too-small", tls("ERR_SSL_DH_KEY_TOO_SMALL")],
  ["tls.unsafe-legacy-renegotiation", tls("ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED")],
  [
    "tls.unsafe-legacy-renegotiation",
    tls("EPROTO", {}, "final_renegotiate:unsafe legacy renegotiation disabled"),
  ],
  ["tls.legacy-sigalg", tls("ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED")],
  ["tls.unrecognized-name", tls("ERR_SSL_TLSV1_UNRECOGNIZED_NAME")],
  [
    "tls.client-certificate-required",
    failure({ stage: "greeting", kind: "tls", code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" }),
  ],
  ["tls.invalid-cipher-option", tls("ERR_SSL_NO_CIPHER_MATCH")],
  ["tls.server-alert-internal-error", tls("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR")],
  ["tls.handshake-failure", tls("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE")],
  ["tls.handshake-failure", tls("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE")],
  [
    "tls.injected-before-handshake",
    failure({ stage: "tls", kind: "protocol", code: "DATA_BEFORE_TLS", received: "250 planted" }),
  ],
  ["tls.handshake-timeout", timeout("tls")],
  [
    "tls.closed-during-handshake",
    failure(
      { stage: "tls", code: "ECONNRESET" },
      "Client network socket disconnected before secure TLS connection was established",
    ),
  ],
  ["tls.closed-during-handshake", failure({ stage: "tls", code: "CLOSED" })],
  ["tls.failed", tls("ERR_SSL_SOMETHING_NEW")],

  [
    "cert.antivirus-interception",
    tls(
      "SELF_SIGNED_CERT_IN_CHAIN",
      issued("CN=Avast Web/Mail Shield Root, OU=generated by Avast Antivirus for SSL/TLS scanning"),
    ),
  ],
  ["cert.antivirus-interception", tls("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", issued("CN=ESET SSL Filter CA"))],
  ["cert.corporate-inspection", tls("SELF_SIGNED_CERT_IN_CHAIN", issued("CN=Zscaler Intermediate Root CA"))],
  ["cert.self-signed-leaf", tls("DEPTH_ZERO_SELF_SIGNED_CERT", issued("CN=smtp.gmail.com"))],
  ["cert.self-signed-in-chain", tls("SELF_SIGNED_CERT_IN_CHAIN", issued("CN=Budget CA"))],
  ["cert.expired", tls("CERT_HAS_EXPIRED")],
  ["cert.not-yet-valid", tls("CERT_NOT_YET_VALID")],
  [
    "cert.connect-by-ip",
    tls(
      "ERR_TLS_CERT_ALTNAME_INVALID",
      {},
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list:",
    ),
  ],
  [
    "cert.hostname-mismatch",
    tls(
      "ERR_TLS_CERT_ALTNAME_INVALID",
      {},
      "Hostname/IP does not match certificate's altnames: Host: smtp.gmail.com. is not in the cert's altnames: DNS:x",
    ),
    on(at(465, "tls", "127.0.0.1")),
  ],
  ["cert.hostname-mismatch", tls("ERR_TLS_CERT_ALTNAME_INVALID"), on(at(465, "tls"))],
  ["cert.missing-intermediate", tls("UNABLE_TO_VERIFY_LEAF_SIGNATURE")],
  ["cert.unknown-root", tls("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", issued("CN=Budget CA"))],
  ["cert.weak-key-or-digest", tls("UNSPECIFIED", {}, "EE certificate key too weak")],
  ["cert.weak-key-or-digest", tls("UNSPECIFIED", {}, "CA signature digest algorithm too weak")],
  ["cert.not-trusted", tls("CERT_REVOKED")],

  [
    "auth.security-defaults-or-conditional-access",
    refusal(
      "auth",
      "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
    ),
  ],
  [
    "auth.smtp-auth-disabled-tenant",
    refusal(
      "auth",
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
    ),
  ],
  [
    "auth.basic-auth-disabled",
    refusal("auth", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."),
  ],
  [
    "auth.basic-auth-disabled",
    refusal("mail", "550 5.7.30 Basic authentication is not supported for Client Submission."),
  ],
  [
    "auth.app-password-required",
    refusal(
      "auth",
      "534-5.7.9 Application-specific password required. Learn more at\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor o13sm2119833lfg.90 - gsmtp",
    ),
  ],
  ["auth.app-password-required", refusal("auth", "534 5.7.9 no")],
  [
    "auth.web-login-required",
    refusal(
      "auth",
      "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1>\n534 5.7.14 Please log in via your web browser and then try again.",
    ),
  ],
  [
    "auth.authorization-code-required",
    refusal(
      "auth",
      "535 Login Fail. Please enter your authorization code to login. More information in http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
    ),
  ],
  [
    "auth.authorization-code-required",
    refusal(
      "auth",
      "535 Error: 请使用授权码登录。详情请看: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
    ),
  ],
  ["auth.source-ip-not-allowed", refusal("auth", "525 5.7.1 Unauthorized IP address")],
  ["auth.source-ip-not-allowed", refusal("rcpt", "550 5.7.1 Invalid credentials for relay")],
  ["auth.account-blocked-or-unpaid", refusal("auth", "451 Authentication failed: Maximum credits exceeded")],
  ["auth.account-blocked-or-unpaid", refusal("auth", "535 5.7.1 Your account is suspended")],
  ["auth.account-blocked-or-unpaid", refusal("mail", "502 5.7.0 Your SMTP account is not yet activated.")],
  ["auth.too-many-logins", refusal("auth", "454 4.7.0 Too many login attempts, please try again later.")],
  ["auth.too-many-logins", refusal("greeting", "421 4.7.0 Too many failed login attempts")],
  ["auth.too-many-logins", refusal("auth", "535 5.7.0 (#AUTH005) Too many bad auth attempts.")],
  [
    "auth.oauth-token-refused",
    failure(
      { stage: "auth", kind: "local", code: null },
      "invalid_grant: Token has been expired or revoked.",
    ),
  ],
  [
    "auth.xoauth2-challenge",
    refusal("auth", "535 5.7.8 Username and Password not accepted", {
      challenge: '{"status":"400","schemes":"Bearer"}',
    }),
  ],
  [
    "auth.xoauth2-challenge",
    refusal("auth", "535 5.7.3 Authentication unsuccessful", { mechanism: "XOAUTH2" }),
  ],
  [
    "auth.bad-credentials",
    refusal("auth", "535 5.7.8 no", { mechanism: "SCRAM-SHA-256", challenge: "e=invalid-proof" }),
  ],
  ["auth.server-not-authentic", failure({ stage: "auth", kind: "protocol", code: "SERVER_NOT_AUTHENTIC" })],
  [
    "auth.not-offered-before-tls",
    failure({ stage: "auth", kind: "local", code: "AUTH_NOT_OFFERED", secured: false }),
  ],
  ["auth.not-offered-at-all", local("auth", "AUTH_NOT_OFFERED")],
  ["auth.mechanism-unsupported", local("auth", "NO_COMMON_MECHANISM")],
  ["auth.mechanism-unsupported", refusal("auth", "504 5.7.4 Unrecognized authentication type")],
  ["auth.malformed-sasl", refusal("auth", "501 5.5.2 Cannot Decode response")],
  ["auth.malformed-sasl", refusal("auth", "535 5.7.8 Error: Invalid base64 data")],
  ["auth.smtp-service-not-enabled", refusal("auth", "550 User has no permission")],
  ["auth.temporary-failure", refusal("auth", "454 4.7.0 Temporary authentication failure")],
  ["auth.temporary-failure", refusal("auth", "454 4.3.0 Try again")],
  ["auth.connection-closed", failure({ stage: "auth", code: "CLOSED" })],
  [
    "auth.bad-credentials",
    refusal(
      "auth",
      "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp",
    ),
  ],
  ["auth.bad-credentials", refusal("auth", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6")],
  ["auth.bad-credentials", refusal("auth", "526 Authentication failure[0]")],
  ["auth.bad-credentials", refusal("auth", "554 no")],
  ["auth.bad-credentials", refusal("mail", "535 5.7.8 Error: authentication failed")],

  [
    "envelope.sandbox",
    refusal(
      "data",
      "421 Domain x.mailgun.org is not allowed to send: Sandbox subdomains are for test purposes only.",
    ),
  ],
  [
    "envelope.sender-not-verified",
    refusal(
      "content",
      "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
    ),
  ],
  [
    "envelope.sender-not-verified",
    refusal(
      "content",
      "554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.example",
    ),
  ],
  ["envelope.sender-not-owned", refusal("mail", "501 Mail from address must be same as authorization user.")],
  ["envelope.sender-not-owned", refusal("mail", "553 Mail from must equal authorized user")],
  ["envelope.sender-not-owned", refusal("content", "553 Relaying disallowed as a@b.example")],
  [
    "envelope.sender-not-owned",
    refusal("rcpt", "553 5.7.1 <a@b.example>: Sender address rejected: not owned by user u@b.example"),
  ],
  [
    "envelope.sender-not-owned",
    refusal("content", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
  ],
  [
    "envelope.sender-not-owned",
    refusal(
      "content",
      "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
    ),
  ],
  [
    "envelope.sender-not-owned",
    refusal(
      "mail",
      "440 mail from account doesn't conform with authentication (Auth Account:a@b|Mail Account:c@d)",
    ),
  ],
  [
    "envelope.daily-quota",
    refusal(
      "content",
      "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.com/a/answer/166852",
    ),
  ],
  ["envelope.daily-quota", refusal("content", "454 Throttling failure: Daily message quota exceeded.")],
  [
    "envelope.daily-quota",
    refusal("content", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"),
  ],
  ["envelope.rate-limited", refusal("content", "454 Throttling failure: Maximum sending rate exceeded.")],
  [
    "envelope.rate-limited",
    refusal(
      "mail",
      "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    ),
  ],
  [
    "banner.421-busy-or-limited",
    refusal(
      "content",
      "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending",
    ),
  ],
  [
    "envelope.rate-limited",
    refusal("rcpt", "450 4.2.1 The user you are trying to contact is receiving mail too quickly."),
  ],
  ["envelope.authentication-required", refusal("mail", "530 5.5.1 Authentication Required.")],
  [
    "envelope.authentication-required",
    refusal("mail", "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"),
  ],
  ["envelope.authentication-required", refusal("mail", "550 Unauthenticated senders not allowed")],
  ["envelope.relay-denied", refusal("rcpt", "554 5.7.1 <a@b.example>: Relay access denied")],
  ["envelope.relay-denied", refusal("rcpt", "550 5.7.1 Unable to relay")],
  ["envelope.greylisted", refusal("rcpt", "451 4.7.1 Try again later")],
  [
    "envelope.greylisted",
    refusal("rcpt", "450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted for 300 seconds"),
  ],
  ["envelope.greylisted", refusal("rcpt", "422 4.2.2 Greylisted, please try again in a few moments")],
  [
    "envelope.source-ip-listed",
    refusal("rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
  ],
  ["envelope.source-ip-listed", refusal("mail", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]")],
  ["envelope.too-large", local("mail", "TOO_LARGE")],
  ["envelope.too-large", refusal("mail", "552 5.3.4 Message size exceeds fixed limit")],
  [
    "envelope.too-large",
    refusal(
      "content",
      "552-5.2.3 Your message exceeded Google's message size limits. Please visit\n552 5.2.3 https://support.google.com",
    ),
  ],
  ["envelope.too-large", refusal("mail", "523 no")],
  [
    "envelope.mailbox-full",
    refusal("rcpt", "452 4.2.2 The email account that you tried to reach is over quota"),
  ],
  ["envelope.mailbox-full", refusal("rcpt", "552 5.2.2 no")],
  ["envelope.too-many-recipients", refusal("rcpt", "452 4.5.3 Too many recipients")],
  ["envelope.too-many-recipients", refusal("rcpt", "550 5.5.3 no")],
  ["envelope.smtputf8-missing", refusal("mail", "553 5.6.7 Must declare SMTPUTF8 to send unicode address")],
  ["envelope.smtputf8-missing", local("mail", "SMTPUTF8_NOT_OFFERED")],
  [
    "envelope.domain-not-found",
    refusal("rcpt", "450 4.1.8 <root@localhost>: Sender address rejected: Domain not found"),
  ],
  ["envelope.domain-not-found", refusal("rcpt", "550 5.1.2 no")],
  ["envelope.syntax", refusal("mail", "501 5.1.7 Bad sender address syntax")],
  ["envelope.syntax", refusal("rcpt", "555 5.5.2 Syntax error")],
  ["envelope.syntax", local("rcpt", "BAD_INPUT")],
  [
    "envelope.recipient-unknown",
    refusal(
      "rcpt",
      "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1 double-checking",
    ),
  ],
  ["envelope.recipient-unknown", refusal("rcpt", "550 5.1.1 no")],
  ["envelope.recipient-unknown", refusal("rcpt", "554 RCPT (account) dosn't exist")],
  [
    "envelope.recipient-unknown",
    refusal("rcpt", "550 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table"),
  ],
  ["envelope.bad-sequence", refusal("rcpt", "503 5.5.1 Bad sequence of commands")],
  ["envelope.bad-sequence", refusal("rcpt", "500 5.5.1 Command unrecognized")],
  ["envelope.bad-sequence", refusal("mail", "502 5.5.2 Error: command not recognized")],
  ["envelope.sender-deferred", refusal("mail", "451 4.3.0 no")],
  ["envelope.sender-refused", refusal("mail", "550 no")],
  ["envelope.recipient-deferred", refusal("rcpt", "450 no")],
  ["envelope.recipient-refused", refusal("rcpt", "550 no")],

  ["data.connection-lost-after-dot", failure({ code: "CLOSED", certainty: "unknown" })],
  ["data.connection-lost-after-dot", failure({ kind: "timeout", code: "TIMEOUT", certainty: "unknown" })],
  [
    "data.unauthenticated-sender",
    refusal(
      "content",
      "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.",
    ),
  ],
  [
    "data.unauthenticated-sender",
    refusal(
      "content",
      "550 5.7.1 Unauthenticated email from b.example is not accepted due to domain's DMARC policy.",
    ),
  ],
  [
    "data.microsoft-5.7.515",
    refusal(
      "content",
      "550 5.7.515 Access denied, sending domain b.example does not meet the required authentication level.",
    ),
  ],
  [
    "data.unusual-activity-lock",
    refusal("content", "550 5.4.6 Unusual sending activity detected. Please try after sometime."),
  ],
  [
    "data.unusual-activity-lock",
    refusal(
      "content",
      "554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction verdict is not None. Actual verdict is Suspend, ShowTierUpgrade.",
    ),
  ],
  [
    "data.no-reverse-dns",
    refusal(
      "content",
      "550-5.7.25 The IP address sending this message does not have a PTR record\n550 5.7.25 setup",
    ),
  ],
  [
    "data.no-reverse-dns",
    refusal("rcpt", "554 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]"),
  ],
  ["data.bare-lf", refusal("content", "521 5.5.2 mx.example Error: bare <LF> received")],
  ["data.bare-lf", refusal("content", "451 See http://pobox.com/~djb/docs/smtplf.html.")],
  [
    "data.bare-lf",
    refusal("content", "552 5.2.0 Message contains bare CR and is violating 822.bis section 2.3"),
  ],
  [
    "data.bad-or-missing-headers",
    refusal(
      "content",
      '550 The "From" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard protocol.',
    ),
  ],
  [
    "data.bad-or-missing-headers",
    refusal("content", "550 5.7.1 Messages missing a valid address in From: header"),
  ],
  ["data.timeout-after-data", refusal("content", "451 Timeout waiting for data from client")],
  ["data.timeout-after-data", timeout("content")],
  ["data.line-too-long", refusal("content", "500 5.5.2 Error: line too long")],
  ["data.8bit-not-supported", refusal("content", "554 5.6.1 Eight bit data not allowed")],
  ["data.8bit-not-supported", refusal("mail", "555 8BITMIME not supported")],
  ["data.dkim-fail", refusal("content", "550 5.7.20 no")],
  ["data.spf-fail", refusal("mail", "550 5.7.1 SPF check failed")],
  ["data.spf-fail", refusal("content", "550 5.7.23 no")],
  [
    "data.content-rejected",
    refusal("content", "554 DT:SPM 163 smtp8,DMCowACHEMvH1adakFYxKA--.26575S3 1520948680"),
  ],
  [
    "data.content-rejected",
    refusal("content", "550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1"),
  ],
  [
    "data.content-rejected",
    refusal(
      "content",
      "552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue.",
    ),
  ],
  ["data.protocol-error-local", refusal("content", "554 Transaction failed: Expected disposition, got null")],
  ["data.protocol-error-local", refusal("content", "554 5.6.0 no")],
  ["data.deferred", refusal("content", "451 no")],
  ["data.refused", refusal("content", "554 no")],

  [
    "client.secret-in-clear",
    failure({ stage: "auth", kind: "local", code: "SECRET_IN_CLEAR", secured: false }),
  ],
  ["client.aborted", failure({ stage: "proxy", kind: "aborted", code: "ABORTED" })],
  ["message.malformed", local("content", "BAD_INPUT")],
  ["protocol.unexpected-reply", failure({ stage: "mail", kind: "protocol", code: "UNEXPECTED_REPLY" })],
  ["protocol.unexpected-reply", refusal("data", "250 what")],
  ["protocol.broken-reply", failure({ stage: "ehlo", kind: "protocol", code: "LINE_TOO_LONG" })],
  ["unknown.reply", refusal("mail", "599 zorp")],
  ["unknown.reply", refusal("rcpt", "471 zorp")],
  ["unknown.failure", failure({ stage: "settings", kind: "local", code: "SOMETHING_NEW" })],
];

/** Found by a refinement or outside of any dialogue. */
const shownByNoSign = causeIds.filter((id) => cause(id).signs === undefined);

describe("each failure is judged to its own cause", () => {
  test.each(
    samples.map(([id, sample, context]) => [id, sample.message.slice(0, 60), sample, context] as const),
  )("%s: %s", (id, _, sample, context) => {
    expect(judge(sample, { provider: null, ...context }).cause).toBe(id);
  });
});

test("every cause that a failure alone can show has a sample", () => {
  const sampled = new Set<string>(samples.map(([id]) => id));
  const missing = causeIds.filter((id) => !sampled.has(id) && !shownByNoSign.includes(id));
  expect(missing).toEqual([]);
});
