// The caller's settings, checked once where they enter.
import { exchanges } from "./auth/choose.ts";
import { secretOf } from "./auth/exchange.ts";
import { SmtpFailure } from "./failure.ts";
import { type ConnectOptions, defaultTimeouts } from "./options.ts";

/** Longer than any real name, password or token; the lines of AUTH end at 12,288 octets (RFC 4954 §4). */
const maxSecret = 9_000;

/** The longest wait that Node's timers know. */
export const maxTimeout = 2 ** 31 - 1;

/** Throws an SmtpFailure at stage `settings` that names what is wrong. */
export function checkOptions(options: ConnectOptions): void {
  const { endpoint, credentials, clientName, timeouts, serverName } = options;
  if (!isName(endpoint.host)) refuse("the host is not a name or an address");
  if (serverName !== undefined && !isName(serverName)) refuse("the server name is not a name or an address");
  if (!Number.isInteger(endpoint.port) || endpoint.port < 1 || endpoint.port > 65_535) {
    refuse(`the port must be 1 to 65535, not ${endpoint.port}`);
  }
  if (!["tls", "starttls", "none"].includes(endpoint.security)) {
    refuse(`the security must be tls, starttls or none, not ${endpoint.security}`);
  }
  if (clientName !== undefined && !/^[\x21-\x7E]{1,255}$/.test(clientName)) {
    refuse("the client name must be a domain or an address literal");
  }
  if (credentials !== undefined) {
    // NUL and 0x01 part the fields of PLAIN and of the OAuth mechanisms.
    const { username } = credentials;
    const secret = secretOf(credentials);
    if (username === "") refuse("the user name is empty");
    if (secret === "") refuse("the password or token is empty");
    if (["\0", "\x01"].some((byte) => (username + secret).includes(byte)))
      refuse("user name or password contain a control character");
    if (username.length > maxSecret || secret.length > maxSecret)
      refuse("user name or password are too long");
    for (const mechanism of credentials.mechanisms ?? []) {
      if (!Object.hasOwn(exchanges, mechanism)) refuse(`${mechanism} is no sign-in mechanism of ours`);
    }
  }
  for (const name of Object.keys(defaultTimeouts) as (keyof typeof defaultTimeouts)[]) {
    const ms = timeouts?.[name] ?? defaultTimeouts[name];
    if (!(ms > 0 && ms <= maxTimeout)) refuse(`the timeout ${name} must be 1 to ${maxTimeout} ms`);
  }
}

function isName(host: string): boolean {
  return host.length > 0 && host.length <= 255 && !/[\p{Cc}\s/@<>[\]]/u.test(host);
}

function refuse(message: string): never {
  throw new SmtpFailure(message, {
    stage: "settings",
    kind: "local",
    code: "BAD_INPUT",
    certainty: "not-accepted",
    reply: null,
    secured: false,
  });
}
