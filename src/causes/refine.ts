// What the account tells beyond the reply: a refused sign-in is seldom just "wrong password".
import { usernameProblem } from "../providers/advice.ts";
import { providers } from "../providers/catalogue/all.ts";
import { nearestHost, providerOfHost } from "../providers/hosts.ts";
import type { Provider, SecretKind } from "../providers/provider.ts";
import { isLoopback } from "../smtp/endpoint.ts";
import type { CauseId } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import type { Observation } from "./observation.ts";

/** The finer cause that provider, user name and the secret's shape point to; else the cause as it was. */
export function refine(cause: CauseId, seen: Observation, context: JudgeContext): CauseId {
  switch (cause) {
    case "auth.bad-credentials":
      return credentials(seen, context) ?? cause;
    case "dns.nxdomain":
      return isMisspelled(context) ? "config.host-typo" : cause;
    case "tcp.refused-by-server":
      if (isSinkholed(seen, context)) return "dns.sinkholed";
      return closedToClients(context) ? "config.host-exists-but-wrong-role" : cause;
    case "tcp.timeout":
      return closedToClients(context) ? "config.host-exists-but-wrong-role" : cause;
    case "auth.not-offered-at-all":
    case "envelope.relay-denied":
      return receivesMail(context) ? "config.host-exists-but-wrong-role" : cause;
    case "envelope.sender-not-verified":
      return namesOthersOnly(seen, context) ? "envelope.sandbox" : cause;
    default:
      return cause;
  }
}

function credentials(seen: Observation, context: JudgeContext): CauseId | null {
  const { provider, secretKind, secretShape } = context;
  const { mechanism } = seen.facts;
  if (secretKind === "oauth2" || mechanism === "XOAUTH2" || mechanism === "OAUTHBEARER") {
    return "auth.xoauth2-challenge";
  }
  if (provider === null) return null;
  if (context.username !== undefined && usernameProblem(provider, context.username) !== null) {
    return "config.username-not-full-address";
  }
  if (secretShape?.hasSpaces && secretShape.matchesPattern && provider.secret.pattern !== undefined) {
    return "config.app-password-spaces";
  }
  const ofWrongKind =
    (secretKind !== undefined && !provider.secret.kinds.includes(secretKind)) ||
    secretShape?.matchesPattern === false;
  return ofWrongKind ? wantedInstead(provider) : null;
}

/** The cause that says what this provider wants in place of an account's own password. */
function wantedInstead(provider: Provider): CauseId | null {
  const causes: Readonly<Record<SecretKind, CauseId | null>> = {
    "app-password": "auth.app-password-required",
    "authorization-code": "auth.authorization-code-required",
    oauth2: "auth.basic-auth-disabled",
    "api-key": "auth.wrong-kind-of-key",
    "smtp-key": "auth.wrong-kind-of-key",
    "smtp-password": "auth.wrong-kind-of-key",
    "smtp-token": "auth.wrong-kind-of-key",
    "account-password": null,
    none: null,
  };
  const typed = provider.secret.kinds.find((kind) => kind !== "oauth2");
  return causes[typed ?? provider.secret.kinds[0] ?? "none"];
}

/** The name does not exist, is nobody's, and was to be this provider's or is nearly another's. */
function isMisspelled({ provider, endpoint }: JudgeContext): boolean {
  if (endpoint === undefined || providerOfHost(endpoint.host) !== null) return false;
  return provider !== null || nearestHost(endpoint.host) !== null;
}

/** A public provider's own name that leads to this very machine. */
function isSinkholed(seen: Observation, { endpoint }: JudgeContext): boolean {
  if (endpoint === undefined || seen.addresses.length === 0) return false;
  return providerOfHost(endpoint.host) !== null && seen.addresses.every(isLoopback);
}

/** An MX that is tried on another port than 25, its only one: it resolves and never answers. */
function closedToClients(context: JudgeContext): boolean {
  return context.endpoint?.port !== 25 && receivesMail(context);
}

/** The host is one that takes mail for a domain (an MX). */
function receivesMail({ endpoint }: JudgeContext): boolean {
  if (endpoint === undefined || providerOfHost(endpoint.host) !== null) return false;
  const host = `.${endpoint.host.toLowerCase()}`;
  return providers.some(({ mxSuffixes }) => mxSuffixes.some((suffix) => host.endsWith(`.${suffix}`)));
}

/** Amazon SES lists who is not verified; when that is not the sender, it is a recipient, and the account is on trial. */
function namesOthersOnly({ text }: Observation, { sender }: JudgeContext): boolean {
  const [, listed] = /identities failed the check in region [\w-]{1,30}: (.+)/i.exec(text) ?? [];
  if (listed === undefined || sender === undefined) return false;
  const domain = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase();
  return !listed.toLowerCase().includes(domain);
}
