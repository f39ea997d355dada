// Access tokens, kept sealed beside the accounts: got once for all processes, and still there after a restart.
import type { Documents } from "../queue/store.ts";
import type { OAuth2Secret } from "./signin.ts";
import type { Vault } from "./vault.ts";

export interface KeptToken {
  readonly accessToken: string;
  /** When it is not to be used any more, by the clock that all processes share. */
  readonly until: number;
}

export type TokenAnswer =
  | { readonly is: "kept"; readonly token: KeptToken }
  /** Nobody has one: whoever is answered this gets one, alone, and gives it to `keep`, or `giveUp`s. */
  | { readonly is: "yours"; readonly lease: string }
  /** Another process is getting one. */
  | { readonly is: "awaited" };

export interface TokenRequest {
  readonly account: string;
  /** What the token is got with; one that was got with another secret is none. */
  readonly secret: OAuth2Secret;
  /** The process that asks. */
  readonly owner: string;
  readonly now: number;
  /** For how long a process that gets one is waited for, in milliseconds; then it has died. */
  readonly leaseMs: number;
  /** A token that a server has refused; null for none. */
  readonly refused: string | null;
}

/** As stored under kind `token`. */
interface TokenDocument {
  readonly sealed: string | null;
  readonly until: number;
  readonly refreshing: { readonly owner: string; readonly until: number } | null;
}

const kind = "token";

export interface SharedTokensOptions {
  readonly documents: Documents;
  readonly vault: Vault;
  /** Whether other processes use the same documents. Where none does, a process that was getting a token has died. */
  readonly shared: boolean;
}

export class SharedTokens {
  readonly #documents: Documents;
  readonly #vault: Vault;
  readonly #shared: boolean;

  constructor({ documents, vault, shared }: SharedTokensOptions) {
    this.#documents = documents;
    this.#vault = vault;
    this.#shared = shared;
  }

  /** Throws StoreError. */
  async ask({ account, secret, owner, now, leaseMs, refused }: TokenRequest): Promise<TokenAnswer> {
    const seen = await this.#documents.get(kind, account);
    const found = seen === null ? null : (JSON.parse(seen) as TokenDocument);
    const accessToken = found === null || found.until <= now ? null : this.#opened(found, account, secret);
    if (found !== null && accessToken !== null && accessToken !== refused)
      return { is: "kept", token: { accessToken, until: found.until } };
    const other = found?.refreshing ?? null;
    if (this.#shared && other !== null && other.owner !== owner && other.until > now)
      return { is: "awaited" };
    const lease = JSON.stringify({
      sealed: null,
      until: 0,
      refreshing: { owner, until: now + leaseMs },
    } satisfies TokenDocument);
    const ours =
      seen === null
        ? await this.#documents.insert(kind, account, lease)
        : await this.#documents.replace(kind, account, seen, lease);
    return ours || (await this.#documents.get(kind, account)) === lease
      ? { is: "yours", lease }
      : { is: "awaited" };
  }

  /** For all to use. Nothing is kept under a lease that was lost. Throws StoreError. */
  async keep(
    account: string,
    secret: OAuth2Secret,
    lease: string,
    { accessToken, until }: KeptToken,
  ): Promise<void> {
    const sealed = this.#vault.sealText(accessToken, about(account, secret));
    const document: TokenDocument = { sealed, until, refreshing: null };
    await this.#documents.replace(kind, account, lease, JSON.stringify(document));
  }

  /** Lets another process try at once. Throws StoreError. */
  async giveUp(account: string, lease: string): Promise<void> {
    const document: TokenDocument = { sealed: null, until: 0, refreshing: null };
    await this.#documents.replace(kind, account, lease, JSON.stringify(document));
  }

  /** Throws StoreError. */
  async drop(account: string): Promise<void> {
    await this.#documents.delete(kind, account);
  }

  /** Null for a token of another secret, too. */
  #opened({ sealed }: TokenDocument, account: string, secret: OAuth2Secret): string | null {
    return sealed === null ? null : this.#vault.openText(sealed, about(account, secret));
  }
}

/** The secret as it was entered: a token stays good when the refresh token is replaced. */
function about(account: string, secret: OAuth2Secret): readonly string[] {
  const { clientId, refreshToken, enteredRefreshToken, tokenEndpoint, scopes } = secret;
  return ["access token", account, clientId, enteredRefreshToken ?? refreshToken, tokenEndpoint, ...scopes];
}
