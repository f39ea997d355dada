// From what a person entered to a whole account: checked, and completed with what the catalogue knows.
import { X509Certificate } from "node:crypto";
import { parseAddress } from "../messages/addresses.ts";
import { MessageError } from "../messages/error.ts";
import { provider, providerOfHost } from "../providers/catalogue.ts";
import type { Provider, SecretKind } from "../providers/provider.ts";
import { isLoopback } from "../smtp/endpoint.ts";
import type { Mechanism, ProxySetting } from "../smtp/options.ts";
import type { Account, Secret, SenderPolicy } from "./account.ts";
import {
  type AlternateInput,
  checkHost,
  checkPort,
  chooseAlternates,
  chooseEndpoint,
  type EndpointInput,
} from "./endpoint.ts";
import { AccountError } from "./error.ts";
import { changedLimits, type LimitsInput } from "./limits-input.ts";

/** What a person says of an account; everything but the name can be left to the provider. */
export interface AccountInput extends EndpointInput {
  readonly name: string;
  /** An id of the catalogue. Left out, it is the provider whose host this is; null is none, whatever the host. */
  readonly provider?: string | null | undefined;
  readonly serverName?: string | null | undefined;
  readonly username?: string | null | undefined;
  readonly secretKind?: SecretKind | undefined;
  readonly mechanisms?: readonly Mechanism[] | null | undefined;
  readonly from?: string | null | undefined;
  /** Null, the default, leaves them to the catalogue; an empty list is none. */
  readonly alternates?: readonly AlternateInput[] | null | undefined;
  readonly senderPolicy?: SenderPolicy | null | undefined;
  readonly limits?: LimitsInput | null | undefined;
  /** PEM; each text may hold several certificates. */
  readonly ca?: readonly string[] | undefined;
  readonly proxy?: Omit<ProxySetting, "password"> | null | undefined;
}

/** Longest username and password; keys of services have a few hundred characters, tokens a few thousand. */
const longestUsername = 1024;
const longestPassword = 16_384;

/** The provider that was named, or else the one that the host belongs to. Throws UnknownProvider. */
export function providerFor({
  provider: id,
  host,
}: Pick<AccountInput, "provider" | "host">): Provider | null {
  if (id === undefined) return host === undefined ? null : providerOfHost(host.trim());
  return id === null ? null : provider(id);
}

/** Throws AccountError for the first thing that cannot be. */
export function completeAccount(
  input: AccountInput,
  secret: Secret,
  provider: Provider | null,
  now: number,
): Account {
  checkName(input.name);
  const username = chooseUsername(input.username ?? null, secret, provider);
  const from = input.from ?? (username !== null && isAddress(username) ? username : null);
  if (from !== null && !isAddress(from)) {
    throw new AccountError(
      "bad-address",
      `${JSON.stringify(from.slice(0, 100))} is not an address to send from. Give it as name@example.com.`,
    );
  }
  const endpoint = chooseEndpoint(input, provider);
  return {
    name: input.name,
    provider: provider?.id ?? null,
    endpoint,
    alternates: input.alternates == null ? null : chooseAlternates(input.alternates, endpoint, provider),
    serverName: input.serverName == null ? null : checkHost(input.serverName),
    username,
    secretKind: chooseSecretKind(input.secretKind, secret, provider),
    mechanisms: input.mechanisms ?? null,
    from,
    senderPolicy: input.senderPolicy == null ? null : checkSenderPolicy(input.senderPolicy),
    limits: changedLimits({}, input.limits),
    ca: (input.ca ?? []).flatMap(certificates),
    proxy: input.proxy == null ? null : checkProxy(input.proxy),
    parked: null,
    createdAt: now,
  };
}

export function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new AccountError(
      "bad-name",
      `${JSON.stringify(name.slice(0, 100))} is not a name for an account or a route: use 1 to 64 lower case letters, digits and dashes, beginning with a letter or digit.`,
    );
  }
}

/** To the letter: it is written into From as it stands. */
function isAddress(text: string): boolean {
  try {
    parseAddress(text, "from");
    return true;
  } catch (error) {
    if (error instanceof MessageError) return false;
    throw error;
  }
}

function checkSenderPolicy(policy: SenderPolicy): SenderPolicy {
  if (policy === "refuse" || policy === "own-address") return policy;
  throw new AccountError(
    "bad-sender-policy",
    `${JSON.stringify(policy).slice(0, 100)} is no sender policy. There are refuse and own-address, and null for neither.`,
  );
}

function chooseUsername(given: string | null, secret: Secret, provider: Provider | null): string | null {
  const literal = provider?.username.kind === "literal" ? provider.username.value : undefined;
  if (literal !== undefined && given !== null && given !== literal) {
    throw new AccountError(
      "bad-username",
      `At ${provider?.name} everybody signs in with the username "${literal}", and the key is the secret. Leave the username out, or give "${literal}".`,
    );
  }
  const username = given ?? (secret.kind === "none" ? null : (literal ?? null));
  if (secret.kind === "none") {
    if (username !== null)
      throw new AccountError(
        "bad-secret",
        `The username ${JSON.stringify(username)} needs a secret. Give one, or leave the username out.`,
      );
    return null;
  }
  if (username === null || username === "") {
    throw new AccountError(
      "bad-username",
      `Signing in needs a username${provider === null ? "" : ` (${provider.username.text.en})`}.`,
    );
  }
  if (username.length > longestUsername || /\p{Cc}/u.test(username)) {
    throw new AccountError(
      "bad-username",
      `A username has at most ${longestUsername} characters and no line breaks or other control characters.`,
    );
  }
  return username;
}

/** The kind decides what the book of causes advises; how it is sent follows from the secret itself. */
function chooseSecretKind(
  given: SecretKind | undefined,
  secret: Secret,
  provider: Provider | null,
): SecretKind {
  if (secret.kind !== "password") {
    if (given !== undefined && given !== secret.kind) {
      throw new AccountError("bad-secret", `The secret is of kind ${secret.kind}, not ${given}.`);
    }
    return secret.kind;
  }
  if (given === "oauth2" || given === "none")
    throw new AccountError("bad-secret", `A password is no secret of kind ${given}.`);
  const kinds = provider?.secret.kinds ?? [];
  return given ?? kinds.find((kind) => kind !== "oauth2" && kind !== "none") ?? "account-password";
}

/** The secret as it is to be sealed: checked, and without the blanks that a provider shows inside its passwords. */
export function cleanSecret(secret: Secret, provider: Provider | null): Secret {
  if (secret.kind === "none") return secret;
  if (secret.kind === "oauth2") {
    checkTokenEndpoint(secret.tokenEndpoint);
    return secret;
  }
  const { password } = secret;
  if (password === "") throw new AccountError("bad-secret", "The password is empty.");
  if (password.length > longestPassword || /[\0\r\n]/.test(password)) {
    throw new AccountError(
      "bad-secret",
      `A password has at most ${longestPassword} characters and no line breaks.`,
    );
  }
  const shape = provider?.secret.pattern === undefined ? null : new RegExp(provider.secret.pattern, "u");
  const close = password.replace(/\s/gu, "");
  return shape !== null && !shape.test(password) && shape.test(close)
    ? { ...secret, password: close }
    : secret;
}

/** A refresh token is as good as a password, so it goes over HTTPS, or no further than this machine. */
function checkTokenEndpoint(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && isLoopback(url.hostname.replace(/^\[|\]$/g, "")))
  )
    return;
  throw new AccountError(
    "bad-secret",
    `The token endpoint ${JSON.stringify(text.slice(0, 200))} must be an https:// address.`,
  );
}

function certificates(text: string): readonly string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const pem of found) new X509Certificate(pem);
    if (found.length > 0) return found;
  } catch {
    // Falls to the error below.
  }
  throw new AccountError(
    "bad-certificate",
    "A certificate to trust must be given in PEM form, beginning with -----BEGIN CERTIFICATE-----.",
  );
}

function checkProxy(proxy: Omit<ProxySetting, "password">): Omit<ProxySetting, "password"> {
  if (proxy.kind !== "http" && proxy.kind !== "socks5") {
    throw new AccountError(
      "bad-proxy",
      `A proxy is of kind http or socks5, not ${JSON.stringify(proxy.kind)}.`,
    );
  }
  checkPort(proxy.port);
  const { kind, port, username } = proxy;
  return { kind, host: checkHost(proxy.host), port, ...(username === undefined ? {} : { username }) };
}
