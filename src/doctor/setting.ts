// From an account, or from what a person just typed, to a setting that can be tried.
import type { Account, Secret } from "../accounts/account.ts";
import { type AccountInput, cleanSecret, completeAccount, providerFor } from "../accounts/settings.ts";
import type { JudgeContext } from "../causes/judge.ts";
import { provider } from "../providers/catalogue.ts";
import type { Credentials, Mechanism } from "../smtp/options.ts";
import type { Setting } from "./test.ts";

/** What a person offers as proof: a password of any kind, or an access token that lapses by itself. */
export type Proof = { readonly password: string } | { readonly accessToken: string } | null;

/** The setting of a stored account. `credentials` is null for a server that wants no sign-in. */
export function settingOfAccount(
  account: Account,
  credentials: Credentials | null,
  proxyPassword?: string,
): Setting {
  const known = account.provider === null ? null : provider(account.provider);
  const password = credentials !== null && "password" in credentials ? credentials.password : null;
  return {
    provider: known,
    endpoint: account.endpoint,
    serverName: account.serverName,
    credentials,
    secret: {
      secretKind: account.secretKind,
      ...(password === null ? {} : { secretShape: shapeOf(password, known?.secret.pattern) }),
    },
    from: account.from,
    ca: account.ca,
    proxy:
      account.proxy === null
        ? null
        : { ...account.proxy, ...(proxyPassword === undefined ? {} : { password: proxyPassword }) },
  };
}

/**
 * A setting that is not stored anywhere, completed from the catalogue as an account would be.
 * Throws AccountError for what cannot be, UnknownProvider for a provider the catalogue lacks.
 */
export function settingOfInput(input: Omit<AccountInput, "name">, proof: Proof): Setting {
  const known = providerFor(input);
  const secret: Secret =
    proof === null
      ? { kind: "none" }
      : { kind: "password", password: "password" in proof ? proof.password : proof.accessToken };
  const account = completeAccount({ ...input, name: "unsaved" }, secret, known, 0);
  const cleaned = cleanSecret(secret, known);
  return settingOfAccount(
    proof !== null && "accessToken" in proof ? { ...account, secretKind: "oauth2" } : account,
    credentialsOf(
      account,
      proof === null || "accessToken" in proof
        ? proof
        : { password: cleaned.kind === "password" ? cleaned.password : "" },
    ),
  );
}

function credentialsOf(account: Account, proof: Proof): Credentials | null {
  if (proof === null || account.username === null) return null;
  const mechanisms: { mechanisms?: readonly Mechanism[] } =
    account.mechanisms === null ? {} : { mechanisms: account.mechanisms };
  return { username: account.username, ...proof, ...mechanisms };
}

/** What the book of causes may know of a secret: its shape, never the secret. */
function shapeOf(secret: string, pattern: string | undefined): NonNullable<JudgeContext["secretShape"]> {
  return {
    matchesPattern: pattern === undefined || new RegExp(pattern, "u").test(secret.replace(/\s/gu, "")),
    hasSpaces: /\s/u.test(secret),
  };
}
