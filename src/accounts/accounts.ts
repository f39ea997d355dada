// The accounts and their sealed secrets: one document each, read once, written through.
import { isDeepStrictEqual } from "node:util";
import { distance } from "fastest-levenshtein";
import type { Verdict } from "../causes/verdict.ts";
import type { Documents } from "../queue/store.ts";
import type { Account, Secret } from "./account.ts";
import { staysBound } from "./binding.ts";
import { checkHost } from "./endpoint.ts";
import { AccountError } from "./error.ts";
import { changedLimits } from "./limits-input.ts";
import { type AccountInput, cleanSecret, completeAccount, providerFor } from "./settings.ts";
import { type Vault, VaultError } from "./vault.ts";

export { AccountError, type AccountProblem } from "./error.ts";
export type { AccountInput } from "./settings.ts";

/** As stored under kind `account`: settings and secret in one document, so that they change together or not at all. */
interface AccountDocument {
  readonly account: Account;
  readonly sealed: string;
}

export interface AccountChange {
  readonly name: string;
  /** Null when it was added just now. */
  readonly before: Account | null;
  /** Null when it was removed. */
  readonly after: Account | null;
  /** Whether the secret is another than before. */
  readonly secretChanged: boolean;
}

export interface AccountBookOptions {
  readonly documents: Documents;
  readonly vault: Vault;
  readonly now?: () => number;
}

/** What mail leaves through when nothing is said and nobody chose: the built-in catcher. */
export const sandboxAccount = "sandbox";

const kind = "account";
const routeKind = "route";
const defaultSetting = { kind: "setting", name: "default-account" } as const;

/** Reads are answered from memory, as there are few accounts and each message asks for one; every write is stored before it is seen. */
export class AccountBook {
  readonly #documents: Documents;
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #entries = new Map<string, AccountDocument>();
  readonly #listeners = new Set<(change: AccountChange) => void>();
  #defaultName: string | null = null;
  /** The end of the last write: writes follow one another, so that none overwrites what it has not seen. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: AccountBookOptions) {
    this.#documents = options.documents;
    this.#vault = options.vault;
    this.#now = options.now ?? Date.now;
  }

  static async open(options: AccountBookOptions): Promise<AccountBook> {
    const book = new AccountBook(options);
    for (const { name, body } of await options.documents.list(kind)) {
      book.#entries.set(name, parsed(body));
    }
    book.#defaultName = await options.documents.get(defaultSetting.kind, defaultSetting.name);
    return book;
  }

  /** Called after every stored change, with no way to stop it. Returns what ends the calls. */
  onChange(listener: (change: AccountChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Checks, completes from the provider and stores. Throws AccountError, and UnknownProvider for a provider that the catalogue lacks. */
  add(input: AccountInput, secret: Secret = { kind: "none" }): Promise<Account> {
    return this.#exclusive(async () => {
      const { account, cleaned } = this.#complete(input, secret);
      if ((await this.#documents.get(routeKind, account.name)) !== null) throw taken(account.name, "route");
      const entry = this.#sealed(account, cleaned);
      if (!(await this.#documents.insert(kind, account.name, JSON.stringify(entry)))) {
        throw taken(account.name, "account");
      }
      this.#apply(account.name, entry, true);
      return account;
    });
  }

  /**
   * Sees to it that the account is there as described: adds it, changes it, or leaves it alone, parked or not, when
   * nothing differs. For settings that are read at every start. Throws as `add` does.
   */
  async declare(input: AccountInput, secret: Secret = { kind: "none" }): Promise<Account> {
    const before = this.find(input.name);
    if (before === null) return this.add(input, secret);
    const { account, cleaned } = this.#complete(input, secret);
    const { parked, createdAt } = before;
    const same = isDeepStrictEqual({ ...account, parked, createdAt }, before) && this.#holds(before, cleaned);
    if (same) return before;
    // Not by `update`: what is no longer declared does not stay.
    const after: Account = { ...account, createdAt };
    return this.#exclusive(async () => {
      await this.#write(input.name, this.#sealed(after, cleaned), true);
      return after;
    });
  }

  find(name: string): Account | null {
    return this.#entries.get(name)?.account ?? null;
  }

  /** Throws AccountError, with the nearest name, when there is none. */
  get(name: string): Account {
    return this.#entry(name).account;
  }

  /** By name. */
  list(): readonly Account[] {
    return [...this.#entries.values()]
      .map((entry) => entry.account)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /**
   * Changes what is given and lets an account at fault go again, unless only its limits changed: they are never the
   * fault. Limits change one by one. Without a new secret, host, port, security and username stay as they are, and no
   * alternate comes in: otherwise AccountError `secret-must-be-entered`. Alternates go when the host changes and none
   * are given: they are ways to the old one.
   */
  update(name: string, changes: Partial<Omit<AccountInput, "name">>, secret?: Secret): Promise<Account> {
    return this.#exclusive(async () => {
      const { account: before, sealed } = this.#entry(name);
      const kept = secret ?? this.#vault.open(sealed, before);
      const { account, cleaned } = this.#complete(merge(before, changes, secret !== undefined), kept);
      const limitsOnly = secret === undefined && Object.keys(changes).every((field) => field === "limits");
      const after: Account = {
        ...account,
        parked: limitsOnly ? before.parked : null,
        createdAt: before.createdAt,
      };
      if (secret === undefined) refuseToCarry(before, after, kept);
      await this.#write(name, this.#sealed(after, cleaned), secret !== undefined);
      return after;
    });
  }

  /** Throws AccountError when there is none. Its mail waits until its route has an account again. */
  remove(name: string): Promise<void> {
    return this.#exclusive(async () => {
      const { account } = this.#entry(name);
      await this.#documents.delete(kind, name);
      this.#entries.delete(name);
      this.#tell({ name, before: account, after: null, secretChanged: true });
    });
  }

  /** Marks an account as at fault; false when it is gone or was marked already: then the first verdict stands. */
  park(name: string, verdict: Verdict): Promise<boolean> {
    return this.#exclusive(async () => {
      const entry = this.#entries.get(name);
      if (entry === undefined || entry.account.parked !== null) return false;
      const account: Account = { ...entry.account, parked: { at: this.#now(), verdict } };
      await this.#write(name, { ...entry, account }, false);
      return true;
    });
  }

  /** Lets an account go again; false when it was not parked. Throws AccountError when there is none. */
  resume(name: string): Promise<boolean> {
    return this.#exclusive(async () => {
      const entry = this.#entry(name);
      if (entry.account.parked === null) return false;
      await this.#write(name, { ...entry, account: { ...entry.account, parked: null } }, false);
      return true;
    });
  }

  setDefault(name: string): Promise<void> {
    return this.#exclusive(async () => {
      this.#entry(name);
      await this.#documents.put(defaultSetting.kind, defaultSetting.name, name);
      this.#defaultName = name;
    });
  }

  /** The chosen one; while nobody chose, the sandbox, or else the account that was made first. Null without accounts. */
  default(): Account | null {
    const chosen = this.#defaultName === null ? null : this.find(this.#defaultName);
    if (chosen !== null) return chosen;
    const sandbox = this.find(sandboxAccount);
    if (sandbox !== null) return sandbox;
    return this.list().reduce<Account | null>(
      (first, account) => (first === null || account.createdAt < first.createdAt ? account : first),
      null,
    );
  }

  /** Opens the secret. Throws VaultError, and AccountError when there is no such account. */
  secret(name: string): Secret {
    const { account, sealed } = this.#entry(name);
    return this.#vault.open(sealed, account);
  }

  /** Stores what a provider gave in place of the secret that was used; false when somebody has entered another since. */
  renewSecret(name: string, used: Secret, renewed: Secret): Promise<boolean> {
    return this.#exclusive(async () => {
      const { account, sealed } = this.#entry(name);
      if (!isDeepStrictEqual(this.#vault.open(sealed, account), used)) return false;
      await this.#write(name, this.#sealed(account, renewed), false);
      return true;
    });
  }

  /** Seals again, with the first key, every secret that another key sealed; how many. Throws VaultError, naming the account, when one cannot be opened. */
  rotate(): Promise<number> {
    return this.#exclusive(async () => {
      let count = 0;
      for (const [name, { account, sealed }] of this.#entries) {
        if (this.#vault.isCurrent(sealed)) continue;
        await this.#write(name, this.#sealed(account, this.#vault.open(sealed, account)), false);
        count += 1;
      }
      return count;
    });
  }

  #complete(input: AccountInput, secret: Secret): { account: Account; cleaned: Secret } {
    const provider = providerFor(input);
    const cleaned = cleanSecret(secret, provider);
    return { account: completeAccount(input, cleaned, provider, this.#now()), cleaned };
  }

  /** Whether this is the secret that was entered; false when the stored one cannot be opened. */
  #holds({ name }: Account, secret: Secret): boolean {
    try {
      return isDeepStrictEqual(asEntered(this.secret(name)), secret);
    } catch (error) {
      if (error instanceof VaultError) return false;
      throw error;
    }
  }

  #sealed(account: Account, secret: Secret): AccountDocument {
    return { account, sealed: this.#vault.seal(secret, account) };
  }

  #entry(name: string): AccountDocument {
    const entry = this.#entries.get(name);
    if (entry !== undefined) return entry;
    const near = [...this.#entries.keys()].find((other) => distance(other, name) <= 2);
    const hint =
      near === undefined ? "`postrider account list` shows those there are." : `Did you mean "${near}"?`;
    throw new AccountError(
      "unknown-account",
      `There is no account named ${JSON.stringify(name.slice(0, 100))}. ${hint}`,
    );
  }

  async #write(name: string, entry: AccountDocument, secretChanged: boolean): Promise<void> {
    await this.#documents.put(kind, name, JSON.stringify(entry));
    this.#apply(name, entry, secretChanged);
  }

  #apply(name: string, entry: AccountDocument, secretChanged: boolean): void {
    const before = this.find(name);
    this.#entries.set(name, entry);
    this.#tell({ name, before, after: entry.account, secretChanged });
  }

  #tell(change: AccountChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #exclusive<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(write);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

/** Documents of the first version have no alternates, sender policy and limits. */
function parsed(body: string): AccountDocument {
  const { account, sealed } = JSON.parse(body) as AccountDocument;
  return { account: { ...{ alternates: null, senderPolicy: null, limits: {} }, ...account }, sealed };
}

/** A secret without what the provider made of it since. */
function asEntered(secret: Secret): Secret {
  if (secret.kind !== "oauth2" || secret.enteredRefreshToken === undefined) return secret;
  const { enteredRefreshToken, ...rest } = secret;
  return { ...rest, refreshToken: enteredRefreshToken };
}

function taken(name: string, by: string): AccountError {
  return new AccountError(
    "name-taken",
    `There is a ${by} named "${name}" already. Choose another name, or change that one.`,
  );
}

/** What a person would enter to get the account as it is, with the changes on top. Another provider brings its own endpoint. */
function merge(
  before: Account,
  changes: Partial<Omit<AccountInput, "name">>,
  newSecret: boolean,
): AccountInput {
  const moved = changes.provider !== undefined && changes.provider !== before.provider;
  const fromUsername = before.from === before.username;
  const rehosted = changes.host !== undefined && checkHost(changes.host) !== before.endpoint.host;
  return {
    name: before.name,
    provider: before.provider,
    ...(moved ? {} : { ...before.endpoint, unusualPort: sameEndpointGiven(changes) }),
    serverName: before.serverName,
    username: moved ? null : before.username,
    secretKind: newSecret ? undefined : before.secretKind,
    mechanisms: before.mechanisms,
    from: fromUsername ? null : before.from,
    senderPolicy: before.senderPolicy,
    ca: before.ca,
    proxy: before.proxy,
    ...changes,
    alternates:
      changes.alternates === undefined && !moved && !rehosted
        ? (before.alternates?.map((each) => ({ ...each, unusualPort: true })) ?? null)
        : changes.alternates,
    limits: changedLimits(before.limits, changes.limits),
  };
}

/** An endpoint that was accepted once is not questioned when something else changes. */
function sameEndpointGiven(changes: Partial<AccountInput>): boolean {
  return changes.host === undefined && changes.port === undefined && changes.security === undefined;
}

/** A secret goes nowhere that it was not entered for; neither does a proxy's password. */
function refuseToCarry(before: Account, after: Account, secret: Secret): void {
  const moved = secret.kind !== "none" && !staysBound(before, after);
  const proxyMoved =
    secret.proxyPassword !== undefined && JSON.stringify(before.proxy) !== JSON.stringify(after.proxy);
  if (!moved && !proxyMoved) return;
  throw new AccountError(
    "secret-must-be-entered",
    `The secret of account "${before.name}" was entered for ${describe(before)}; it is not handed to ${describe(after)}. Enter the secret again together with this change.`,
  );
}

function describe(account: Account): string {
  const { host, port, security } = account.endpoint;
  const proxy = account.proxy === null ? "" : ` through ${account.proxy.host}:${account.proxy.port}`;
  const alternates = (account.alternates ?? []).map((each) => `, or ${each.host}:${each.port}`).join("");
  return `${account.username ?? "nobody"} at ${host}:${port} (${security})${alternates}${proxy}`;
}
