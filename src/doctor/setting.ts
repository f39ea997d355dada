// From an account, or from what a person just typed, to a setting that can be tried.
import type { Account, Secret } from "../accounts/account.ts";
import { AccountError, type AccountProblem } from "../accounts/error.ts";
import { type AccountInput, cleanSecret, completeAccount, providerFor } from "../accounts/settings.ts";
import type { JudgeContext } from "../causes/judge.ts";
import { provider } from "../providers/catalogue.ts";
import type { Credentials, Mechanism } from "../smtp/options.ts";
import type { Mended, Setting } from "./test.ts";

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

/** What the readings of the settings tell better than an error does. */
const readable: readonly AccountProblem[] = [
  "bad-host",
  "bad-port",
  "port-security",
  "bad-username",
  "bad-secret",
  "bad-address",
];

/**
 * The same for the doctor, who takes a setting as it is: what could not be stored stands there as it was typed, and
 * what was put right is listed. Throws UnknownProvider, and AccountError for certificates and proxies that are none.
 */
export function settingToExamine(input: Omit<AccountInput, "name">, proof: Proof): Setting {
  const mended = mendedIn(input, proof);
  try {
    return { ...settingOfInput({ ...input, unusualPort: true }, proof), mended };
  } catch (error) {
    if (!(error instanceof AccountError) || !readable.includes(error.problem)) throw error;
    return asTyped(input, proof);
  }
}

function asTyped(input: Omit<AccountInput, "name">, proof: Proof): Setting {
  const { ca, proxy, serverName, username = null, mechanisms } = input;
  const known = providerFor(input);
  const checked = settingOfInput({ provider: null, host: "localhost", ca, proxy, serverName }, null);
  const [best] = known?.endpoints ?? [];
  const port = input.port ?? best?.port ?? 587;
  const custom = [465, 994, 2465].includes(port) ? "tls" : "starttls";
  const security = input.security ?? (port === best?.port ? best.security : custom);
  const isToken = proof !== null && "accessToken" in proof;
  const typed = known?.secret.kinds.find((kind) => kind !== "oauth2" && kind !== "none");
  const literal = known?.username.kind === "literal" ? (known.username.value ?? "") : "";
  const password = proof !== null && "password" in proof ? proof.password : "";
  return {
    ...checked,
    provider: known,
    endpoint: { host: input.host ?? best?.host ?? "", port, security },
    credentials:
      proof === null && username === null
        ? null
        : {
            username: username ?? literal,
            ...(isToken ? { accessToken: proof.accessToken } : { password }),
            ...(mechanisms == null ? {} : { mechanisms }),
          },
    secret: {
      secretKind: isToken ? "oauth2" : (input.secretKind ?? typed ?? "account-password"),
      ...(isToken ? {} : { secretShape: shapeOf(password, known?.secret.pattern) }),
    },
    from: input.from ?? (username !== null && /^[^@\s]+@[^@\s]+$/u.test(username) ? username : null),
  };
}

function mendedIn(input: Omit<AccountInput, "name">, proof: Proof): readonly Mended[] {
  const host = input.host ?? "";
  const mended: Mended[] = [];
  if (host !== host.trim()) mended.push({ field: "host", what: "blanks" });
  if (/^\[|\]$|\.$/.test(host.trim())) mended.push({ field: "host", what: "marks" });
  const password = proof !== null && "password" in proof ? proof.password : "";
  const pattern = providerFor(input)?.secret.pattern;
  // As `cleanSecret` does it.
  const shape = pattern === undefined ? null : new RegExp(pattern, "u");
  if (shape !== null && !shape.test(password) && shape.test(password.replace(/\s/gu, "")))
    mended.push({ field: "secret", what: "blanks" });
  return mended;
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
