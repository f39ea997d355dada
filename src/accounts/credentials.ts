// What an account signs in with at this moment: its password, or an access token that is kept fresh.
import type { Credentials, ProxySetting } from "../smtp/options.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { type OAuth2Secret, refresh } from "./signin.ts";

/** A token is given up this long before its end, so that it outlives the dialogue it is used in. */
const marginMs = 60_000;

export interface CredentialSourceOptions {
  readonly accounts: AccountBook;
  readonly now?: () => number;
  /** For one request to a token endpoint. Default 30 s. */
  readonly timeoutMs?: number;
}

interface CachedToken {
  readonly accessToken: string;
  readonly until: number;
}

export class CredentialSource {
  readonly #accounts: AccountBook;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #tokens = new Map<string, CachedToken>();
  readonly #refreshing = new Map<string, Promise<string>>();
  readonly #unsubscribe: () => void;

  constructor(options: CredentialSourceOptions) {
    this.#accounts = options.accounts;
    this.#now = options.now ?? Date.now;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#unsubscribe = options.accounts.onChange((change) => {
      if (change.secretChanged) this.forget(change.name);
    });
  }

  /**
   * Null for a server that wants no sign-in. Throws SignInFailure when no access token is to be had, VaultError when
   * the secret cannot be opened, AccountError when the account is gone.
   */
  async credentials(account: Pick<Account, "name">): Promise<Credentials | null> {
    const { name, username, mechanisms } = this.#accounts.get(account.name);
    const secret = this.#accounts.secret(name);
    if (secret.kind === "none" || username === null) return null;
    const chosen = mechanisms === null ? {} : { mechanisms };
    if (secret.kind === "password") return { username, password: secret.password, ...chosen };
    return { username, accessToken: await this.#accessToken(name, secret), ...chosen };
  }

  /** The proxy to connect through, with its password. Throws as `credentials` does. */
  proxy(account: Pick<Account, "name">): ProxySetting | null {
    const { name, proxy } = this.#accounts.get(account.name);
    if (proxy === null) return null;
    const { proxyPassword } = this.#accounts.secret(name);
    return proxyPassword === undefined ? proxy : { ...proxy, password: proxyPassword };
  }

  /** Drops a token that a server refused before its time: the next call gets a new one. */
  forget(name: string): void {
    this.#tokens.delete(name);
    this.#refreshing.delete(name);
  }

  close(): void {
    this.#unsubscribe();
  }

  /** One refresh at a time: providers that rotate refresh tokens take two at once for theft. */
  #accessToken(name: string, secret: OAuth2Secret): Promise<string> {
    const cached = this.#tokens.get(name);
    if (cached !== undefined && cached.until > this.#now()) return Promise.resolve(cached.accessToken);
    const running = this.#refreshing.get(name);
    if (running !== undefined) return running;
    const current = () => this.#refreshing.get(name) === started;
    const started: Promise<string> = this.#refresh(name, secret, current).finally(() => {
      if (current()) this.#refreshing.delete(name);
    });
    this.#refreshing.set(name, started);
    return started;
  }

  /** `current`: whether nobody has entered another secret meanwhile. */
  async #refresh(name: string, secret: OAuth2Secret, current: () => boolean): Promise<string> {
    const token = await refresh(secret, this.#timeoutMs);
    // Stored before the access token is used: the old refresh token may be void already.
    if (token.refreshToken !== null) {
      const enteredRefreshToken = secret.enteredRefreshToken ?? secret.refreshToken;
      const renewed = { ...secret, refreshToken: token.refreshToken, enteredRefreshToken };
      await this.#accounts.renewSecret(name, secret, renewed);
    }
    if (current()) {
      this.#tokens.set(name, {
        accessToken: token.accessToken,
        until: this.#now() + token.lifetimeMs - marginMs,
      });
    }
    return token.accessToken;
  }
}
