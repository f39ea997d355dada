// The failures that the sandbox can show on demand, by name. Which reply a provider gives for one is looked up
// in the catalogue; the replies here are what a server of no particular make says.

/** Where a fault shows when it is asked for by flag. */
export type FaultStage =
  | "connect"
  | "greeting"
  | "ehlo"
  | "starttls"
  | "auth"
  | "mail"
  | "rcpt"
  | "receiving"
  | "content";

export interface ReplyFault {
  readonly kind: "reply";
  /** One line for `--help`. */
  readonly help: string;
  readonly stage: FaultStage;
  /** Ids of the book of causes that it stands for, the best match first. */
  readonly causes: readonly string[];
  readonly code: number;
  readonly text: string;
}

export type WireMove =
  | "drop"
  | "silence"
  | "garbage"
  | "endless"
  | "drip"
  | "late"
  /** The usual reply, then the end of the connection. */
  | "answer-then-drop"
  | "plaintext-then-tls";

export interface WireFault {
  readonly kind: "wire";
  readonly help: string;
  readonly stage: FaultStage;
  readonly move: WireMove;
  /** The message is taken all the same: the sender can't know. */
  readonly keeps?: true;
}

/** Faults of TLS: they concern the connection, so no recipient can ask for one. */
export interface TlsFault {
  readonly kind: "tls";
  readonly help: string;
}

export type Fault = ReplyFault | WireFault | TlsFault;

const table = {
  "wrong-password": {
    kind: "reply",
    help: "the user name or secret is wrong",
    stage: "auth",
    causes: ["auth.bad-credentials", "auth.xoauth2-challenge"],
    code: 535,
    text: "5.7.8 Error: authentication failed",
  },
  "app-password-required": {
    kind: "reply",
    help: "the account password was used where an app password is needed",
    stage: "auth",
    causes: ["auth.app-password-required"],
    code: 534,
    text: "5.7.9 Application-specific password required",
  },
  "authorization-code-required": {
    kind: "reply",
    help: "the account password was used where an authorization code is needed",
    stage: "auth",
    causes: ["auth.authorization-code-required"],
    code: 535,
    text: "Login Fail. Please enter your authorization code to login",
  },
  "smtp-disabled": {
    kind: "reply",
    help: "SMTP is switched off for this account",
    stage: "auth",
    causes: ["auth.smtp-service-not-enabled", "auth.smtp-auth-disabled-tenant"],
    code: 535,
    text: "5.7.1 Error: SMTP service is not enabled for this mailbox",
  },
  "basic-auth-disabled": {
    kind: "reply",
    help: "passwords are no longer accepted, OAuth2 only",
    stage: "auth",
    causes: ["auth.basic-auth-disabled"],
    code: 535,
    text: "5.7.139 Authentication unsuccessful, basic authentication is disabled.",
  },
  "web-login-required": {
    kind: "reply",
    help: "the provider wants a sign-in on its web site first",
    stage: "auth",
    causes: ["auth.web-login-required"],
    code: 534,
    text: "5.7.14 Please log in via your web browser and then try again",
  },
  "too-many-logins": {
    kind: "reply",
    help: "too many sign-ins in a short time",
    stage: "auth",
    causes: ["auth.too-many-logins"],
    code: 454,
    text: "4.7.0 Too many login attempts, please try again later",
  },
  "account-locked": {
    kind: "reply",
    help: "the account is blocked or not paid for",
    stage: "auth",
    causes: ["auth.account-blocked-or-unpaid", "data.unusual-activity-lock"],
    code: 535,
    text: "5.7.1 Your account has been suspended",
  },
  "auth-required": {
    kind: "reply",
    help: "mail is refused for want of a sign-in",
    stage: "mail",
    causes: ["envelope.authentication-required"],
    code: 530,
    text: "5.7.0 Authentication required",
  },
  "sender-refused": {
    kind: "reply",
    help: "the account may not send under this address",
    stage: "mail",
    causes: ["envelope.sender-not-owned"],
    code: 553,
    text: "5.7.1 Sender address rejected: not owned by user",
  },
  "sender-not-verified": {
    kind: "reply",
    help: "the sender's address or domain has not been verified with the provider",
    stage: "content",
    causes: ["envelope.sender-not-verified"],
    code: 550,
    text: "The from address does not match a verified Sender Identity",
  },
  quota: {
    kind: "reply",
    help: "the day's sending quota is used up",
    stage: "content",
    causes: ["envelope.daily-quota"],
    code: 550,
    text: "5.4.5 Daily user sending limit exceeded",
  },
  "rate-limit": {
    kind: "reply",
    help: "too much mail in a short time",
    stage: "mail",
    causes: ["envelope.rate-limited"],
    code: 450,
    text: "4.7.1 Error: too much mail, rate limit exceeded",
  },
  greylist: {
    kind: "reply",
    help: "an unknown sender is asked to come again later",
    stage: "rcpt",
    causes: ["envelope.greylisted"],
    code: 451,
    text: "4.7.1 Greylisted, please try again in 300 seconds",
  },
  busy: {
    kind: "reply",
    help: "421 in place of the greeting: too busy, try again later",
    stage: "greeting",
    causes: ["banner.421-busy-or-limited"],
    code: 421,
    text: "4.3.2 Service too busy, try again later",
  },
  "recipient-unknown": {
    kind: "reply",
    help: "there is no such mailbox",
    stage: "rcpt",
    causes: ["envelope.recipient-unknown"],
    code: 550,
    text: "5.1.1 User unknown",
  },
  "mailbox-full": {
    kind: "reply",
    help: "the recipient's mailbox is full",
    stage: "rcpt",
    causes: ["envelope.mailbox-full"],
    code: 552,
    text: "5.2.2 Mailbox full",
  },
  "too-many-recipients": {
    kind: "reply",
    help: "more recipients than one message may have",
    stage: "rcpt",
    causes: ["envelope.too-many-recipients"],
    code: 452,
    text: "4.5.3 Too many recipients",
  },
  "too-large": {
    kind: "reply",
    help: "the message is over the size limit",
    stage: "content",
    causes: ["envelope.too-large"],
    code: 552,
    text: "5.3.4 Message size exceeds fixed limit",
  },
  spam: {
    kind: "reply",
    help: "the content is taken for spam",
    stage: "content",
    causes: ["data.content-rejected"],
    code: 554,
    text: "5.7.1 Message rejected as spam",
  },
  "unauthenticated-sender": {
    kind: "reply",
    help: "the sender's domain passes neither SPF nor DKIM",
    stage: "content",
    causes: ["data.unauthenticated-sender"],
    code: 550,
    text: "5.7.26 This message does not pass authentication checks (SPF and DKIM both do not pass)",
  },
  "relay-denied": {
    kind: "reply",
    help: "the server does not send to other domains for this client",
    stage: "rcpt",
    causes: ["envelope.relay-denied"],
    code: 554,
    text: "5.7.1 Relay access denied",
  },
  "ip-blocked": {
    kind: "reply",
    help: "the client's address stands on a block list",
    stage: "rcpt",
    causes: ["envelope.source-ip-listed"],
    code: 554,
    text: "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
  },
  temporary: {
    kind: "reply",
    help: "a passing trouble of the server's own",
    stage: "content",
    causes: ["data.deferred"],
    code: 451,
    text: "4.3.0 Requested action aborted: local error in processing",
  },
  "drop-on-connect": {
    kind: "wire",
    help: "closes as soon as the connection is there",
    stage: "connect",
    move: "drop",
  },
  "no-greeting": { kind: "wire", help: "says nothing at all", stage: "greeting", move: "silence" },
  "drop-after-ehlo": {
    kind: "wire",
    help: "closes after the reply to EHLO",
    stage: "ehlo",
    move: "answer-then-drop",
  },
  "starttls-missing": { kind: "tls", help: "does not offer STARTTLS" },
  "starttls-refused": { kind: "tls", help: "offers STARTTLS and refuses it with 454" },
  "starttls-plaintext": {
    kind: "wire",
    help: "slips a line in clear between the 220 to STARTTLS and the handshake",
    stage: "starttls",
    move: "plaintext-then-tls",
  },
  "drop-in-data": {
    kind: "wire",
    help: "closes in the middle of the content",
    stage: "receiving",
    move: "drop",
  },
  "drop-after-dot": {
    kind: "wire",
    help: "takes the message and closes without a reply",
    stage: "content",
    move: "drop",
    keeps: true,
  },
  "late-reply": {
    kind: "wire",
    help: "takes the message and replies late",
    stage: "content",
    move: "late",
    keeps: true,
  },
  "slow-drip": {
    kind: "wire",
    help: "sends its replies a byte at a time",
    stage: "greeting",
    move: "drip",
  },
  "half-open": {
    kind: "wire",
    help: "from MAIL on reads nothing and answers nothing, and keeps the connection",
    stage: "mail",
    move: "silence",
  },
  garbage: { kind: "wire", help: "sends bytes that are no SMTP", stage: "greeting", move: "garbage" },
  "endless-reply": {
    kind: "wire",
    help: "answers EHLO with a reply that never ends",
    stage: "ehlo",
    move: "endless",
  },
  "certificate-expired": { kind: "tls", help: "presents a certificate that ended yesterday" },
  "certificate-self-signed": { kind: "tls", help: "presents a certificate that nobody vouches for" },
  "certificate-wrong-name": { kind: "tls", help: "presents a certificate for another name" },
  "tls-old": { kind: "tls", help: "speaks no TLS newer than 1.1" },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof table;

/** In the order in which they are documented. */
export const faultNames = Object.keys(table) as readonly FaultName[];

export function fault(name: FaultName): Fault {
  return table[name];
}

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(table, name);
}
