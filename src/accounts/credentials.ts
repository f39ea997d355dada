// What an account signs in with at this moment: its password, or an access token that is kept fresh.
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { judgeLocal } from "../causes/judge.ts";
import { StoreError } from "../queue/store.ts";
import type { Credentials, ProxySetting } from "../smtp/options.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { type OAuth2Secret, refresh, SignInFailure } from "./signin.ts";
import type { KeptToken } from "./tokens.ts";

/** A token is given up this long before its end, so that it outlives the dialogue it is used in. */
const marginMs = 60_000;
/** What storing a new refresh token may take: a database that fails over is back by then. Milliseconds. */
const storingMs = 60_000;
/** Between two looks for what another process is about to store. Milliseconds. */
const lookEvery = 200;

export interface CredentialSourceOptions {
  readonly accounts: AccountBook;
  readonly now?: () => number;
  /** For one request to a token endpoint. Default 30 s. */
  readonly timeoutMs?: number;
}

export class CredentialSource {
  readonly #accounts: AccountBook;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #owner = randomUUID();
  readonly #tokens = new Map<string, KeptToken>();
  readonly #getting = new Map<string, Promise<string | null>>();
  /** Tokens that a server refused, of accounts that have no better one yet. */
  readonly #refused = new Map<string, string>();
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
   * the secret cannot be opened, AccountError when the account is gone, StoreError.
   */
  async credentials(account: Pick<Account, "name">): Promise<Credentials | null> {
    const { name, username, mechanisms } = this.#accounts.get(account.name);
    const secret = this.#accounts.secret(name);
    if (secret.kind === "none" || username === null) return null;
    const chosen = mechanisms === null ? {} : { mechanisms };
    if (secret.kind === "password") return { username, password: secret.password, ...chosen };
    const accessToken = await this.#accessToken(name, secret);
    return accessToken === null ? this.credentials(account) : { username, accessToken, ...chosen };
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
    const refused = this.#tokens.get(name);
    if (refused !== undefined) this.#refused.set(name, refused.accessToken);
    this.#tokens.delete(name);
    this.#getting.delete(name);
  }

  close(): void {
    this.#unsubscribe();
  }

  /** One at a time: providers that rotate refresh tokens take two at once for theft. Null when the secret is another by now. */
  #accessToken(name: string, secret: OAuth2Secret): Promise<string | null> {
    const cached = this.#tokens.get(name);
    if (cached !== undefined && cached.until > this.#now()) return Promise.resolve(cached.accessToken);
    const running = this.#getting.get(name);
    if (running !== undefined) return running;
    const current = () => this.#getting.get(name) === started;
    const started: Promise<string | null> = this.#get(name, secret, current).finally(() => {
      if (current()) this.#getting.delete(name);
    });
    this.#getting.set(name, started);
    return started;
  }

  /** From whoever has got one, or from the provider. `current`: whether nobody has entered another secret meanwhile. */
  async #get(name: string, secret: OAuth2Secret, current: () => boolean): Promise<string | null> {
    const waitUntil = performance.now() + this.#timeoutMs;
    for (;;) {
      const answer = await this.#accounts.tokens.ask({
        account: name,
        secret,
        owner: this.#owner,
        now: this.#now(),
        leaseMs: this.#timeoutMs + storingMs,
        refused: this.#refused.get(name) ?? null,
      });
      if (answer.is === "yours") return this.#refresh(name, answer.lease, current);
      if (answer.is === "kept") {
        if (current()) this.#tokens.set(name, answer.token);
        return answer.token.accessToken;
      }
      if (performance.now() > waitUntil) throw neverCame(secret);
      await setTimeout(lookEvery);
    }
  }

  async #refresh(name: string, lease: string, current: () => boolean): Promise<string | null> {
    const { tokens } = this.#accounts;
    let kept = false;
    try {
      // Another process may have been given a new refresh token, and this one is void since.
      await this.#accounts.reload([{ kind: "account", name }]);
      const secret = this.#accounts.secret(name);
      if (secret.kind !== "oauth2") return null;
      const got = await refresh(secret, this.#timeoutMs);
      const token = { accessToken: got.accessToken, until: this.#now() + got.lifetimeMs - marginMs };
      // Stored before the access token is used: the old refresh token may be void already.
      if (got.refreshToken === null || (await this.#renew(name, secret, got.refreshToken))) {
        await tokens.keep(name, secret, lease, token);
        kept = true;
      }
      if (current()) this.#tokens.set(name, token);
      return token.accessToken;
    } finally {
      // Where storage fails, the lease ends by itself: what went wrong before is worth more.
      if (!kept) await tokens.giveUp(name, lease).catch(() => undefined);
    }
  }

  /** Not given up while storage fails over: what is lost here, a person has to enter again. */
  async #renew(name: string, used: OAuth2Secret, refreshToken: string): Promise<boolean> {
    const enteredRefreshToken = used.enteredRefreshToken ?? used.refreshToken;
    const until = performance.now() + storingMs;
    for (;;) {
      try {
        return await this.#accounts.renewSecret(name, used, { ...used, refreshToken, enteredRefreshToken });
      } catch (error) {
        const passes =
          error instanceof StoreError && (error.problem === "unreachable" || error.problem === "read-only");
        if (!passes || performance.now() > until) throw error;
        await setTimeout(lookEvery);
      }
    }
  }
}

function neverCame({ tokenEndpoint }: OAuth2Secret): SignInFailure {
  const message = `No access token from ${new URL(tokenEndpoint).host}: another process has been asking for one for too long.`;
  return new SignInFailure(
    judgeLocal({ cause: "auth.oauth-unreachable", stage: "auth", code: "TOKEN_AWAITED", message }),
  );
}
