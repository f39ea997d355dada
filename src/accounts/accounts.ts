// The accounts and their sealed secrets: one document each, in memory, written by comparing with what is stored.
import { isDeepStrictEqual } from "node:util";
import { distance } from "fastest-levenshtein";
import type { Verdict } from "../causes/verdict.ts";
import type { Documents } from "../queue/store.ts";
import type { Account, Secret } from "./account.ts";
import { type AccountChanges, merged, refuseToCarry } from "./changes.ts";
import { AccountError } from "./error.ts";
import { type AccountInput, cleanSecret, completeAccount, providerFor } from "./settings.ts";
import { type AccountDocument, asEntered, type StoredAccount, storedAccount } from "./stored.ts";
import { SharedTokens } from "./tokens.ts";
import { type Vault, VaultError } from "./vault.ts";

export { AccountError, type AccountProblem } from "./error.ts";
export type { AccountInput } from "./settings.ts";

export interface AccountChange {
  readonly name: string;
  /** Null when it was added just now. */
  readonly before: Account | null;
  /** Null when it was removed. */
  readonly after: Account | null;
  /** Whether the secret is another than before. */
  readonly secretChanged: boolean;
  /** Whether another process made it: what it does once for all has been done there. */
  readonly remote: boolean;
}

export interface AccountBookOptions {
  readonly documents: Documents;
  readonly vault: Vault;
  readonly now?: () => number;
  /** Whether other processes write to the same documents. Default false. */
  readonly shared?: boolean;
  /** Whether the sandbox runs. While it does not, its account serves only those that name it. Default true. */
  readonly sandbox?: boolean;
}

/** What mail leaves through when nothing is said and nobody chose: the built-in catcher. */
export const sandboxAccount = "sandbox";

const kind = "account";
const routeKind = "route";
const defaultSetting = { kind: "setting", name: "default-account" } as const;
/** A change is tried on top of what others have written meanwhile so many times. Each loss is another's success. */
const mostTries = 20;

/**
 * Reads are answered from memory, as there are few accounts and each message asks for one; every write is stored before
 * it is seen. Several processes may share the documents: a write that another came before is made on top of that one,
 * and `reload` takes over what others wrote.
 */
export class AccountBook {
  /** Access tokens that were got with the accounts' secrets. */
  readonly tokens: SharedTokens;
  readonly #documents: Documents;
  readonly #vault: Vault;
  readonly #now: () => number;
  readonly #sandbox: boolean;
  readonly #entries = new Map<string, StoredAccount>();
  readonly #listeners = new Set<(change: AccountChange) => void>();
  #defaultName: string | null = null;
  /** The end of the last write: writes follow one another, so that none overwrites what it has not seen. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor({ documents, vault, now, shared, sandbox }: AccountBookOptions) {
    this.tokens = new SharedTokens({ documents, vault, shared: shared ?? false });
    this.#documents = documents;
    this.#vault = vault;
    this.#now = now ?? Date.now;
    this.#sandbox = sandbox ?? true;
  }

  static async open(options: AccountBookOptions): Promise<AccountBook> {
    const book = new AccountBook(options);
    for (const { name, body } of await options.documents.list(kind)) {
      book.#entries.set(name, storedAccount(body));
    }
    book.#defaultName = await options.documents.get(defaultSetting.kind, defaultSetting.name);
    return book;
  }

  /** Called after every stored change, with no way to stop it. Returns what ends the calls. */
  onChange(listener: (change: AccountChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over what other processes have written: these documents, or whatever has changed for null. Whether anything had. */
  reload(changed: readonly { readonly kind: string; readonly name: string }[] | null): Promise<boolean> {
    return this.#exclusive(async () => {
      let any = false;
      if (changed === null) {
        const stored = new Map((await this.#documents.list(kind)).map(({ name, body }) => [name, body]));
        for (const name of new Set([...this.#entries.keys(), ...stored.keys()]))
          any = this.#takeOver(name, stored.get(name) ?? null) || any;
      } else {
        for (const { name } of changed.filter((each) => each.kind === kind))
          any = this.#takeOver(name, await this.#documents.get(kind, name)) || any;
      }
      const isDefault = (each: { readonly kind: string; readonly name: string }) =>
        each.kind === defaultSetting.kind && each.name === defaultSetting.name;
      if (changed !== null && !changed.some(isDefault)) return any;
      const chosen = await this.#documents.get(defaultSetting.kind, defaultSetting.name);
      any ||= chosen !== this.#defaultName;
      this.#defaultName = chosen;
      return any;
    });
  }

  /** Checks, completes from the provider and stores. Throws AccountError, and UnknownProvider for a provider that the catalogue lacks. */
  add(input: AccountInput, secret: Secret = { kind: "none" }): Promise<Account> {
    return this.#exclusive(async () => {
      const { account, cleaned } = this.#complete(input, secret);
      const { name } = account;
      if ((await this.#documents.get(routeKind, name)) !== null) throw taken(name, "route");
      const document = this.#sealed(account, cleaned);
      const body = JSON.stringify(document);
      if (!(await this.#documents.insert(kind, name, body))) {
        const stored = await this.#documents.get(kind, name);
        // Its answer was lost the first time.
        if (stored !== body) {
          this.#takeOver(name, stored);
          throw taken(name, "account");
        }
      }
      // A route of that name may have come in between; whoever looks last finds the other.
      if ((await this.#documents.get(routeKind, name)) !== null) {
        await this.#documents.delete(kind, name);
        throw taken(name, "route");
      }
      this.#apply(name, { ...document, body }, { secretChanged: true, remote: false });
      return account;
    });
  }

  /**
   * Sees to it that the account is there as described: adds it, changes it, or leaves it alone, parked or not, when
   * nothing differs. For settings that are read at every start, of several processes at a time too. Throws as `add` does.
   */
  async declare(input: AccountInput, secret: Secret = { kind: "none" }): Promise<Account> {
    if (this.find(input.name) === null) {
      try {
        return await this.add(input, secret);
      } catch (error) {
        // Another process declares the same.
        if (!(error instanceof AccountError && this.find(input.name) !== null)) throw error;
      }
    }
    const { account, cleaned } = this.#complete(input, secret);
    return this.#exclusive(async () => {
      let after = account;
      await this.#change(input.name, true, ({ account: before }) => {
        const { parked, createdAt } = before;
        after = { ...account, parked, createdAt };
        if (isDeepStrictEqual(after, before) && this.#holds(before, cleaned)) return null;
        // Not by `update`: what is no longer declared does not stay.
        after = { ...account, createdAt };
        return this.#sealed(after, cleaned);
      });
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
  update(name: string, changes: AccountChanges, secret?: Secret): Promise<Account> {
    return this.#exclusive(async () => {
      let after: Account | null = null;
      await this.#change(name, secret !== undefined, ({ account: before, sealed }) => {
        const kept = secret ?? this.#vault.open(sealed, before);
        const { account, cleaned } = this.#complete(merged(before, changes, secret !== undefined), kept);
        const limitsOnly = secret === undefined && Object.keys(changes).every((field) => field === "limits");
        after = { ...account, parked: limitsOnly ? before.parked : null, createdAt: before.createdAt };
        if (secret === undefined) refuseToCarry(before, after, kept);
        return this.#sealed(after, cleaned);
      });
      return after ?? this.get(name);
    });
  }

  /** Throws AccountError when there is none. Its mail waits until its route has an account again. */
  remove(name: string): Promise<void> {
    return this.#exclusive(async () => {
      const { account } = this.#entry(name);
      await this.#documents.delete(kind, name);
      this.#entries.delete(name);
      this.#tell({ name, before: account, after: null, secretChanged: true, remote: false });
      await this.tokens.drop(name);
    });
  }

  /** Marks an account as at fault; false when it is gone or was marked already: then the first verdict stands. */
  park(name: string, verdict: Verdict): Promise<boolean> {
    return this.#exclusive(async () => {
      if (!this.#entries.has(name)) return false;
      try {
        return await this.#change(name, false, ({ account, sealed }) =>
          account.parked !== null
            ? null
            : { account: { ...account, parked: { at: this.#now(), verdict } }, sealed },
        );
      } catch (error) {
        // Removed by another process just now.
        if (error instanceof AccountError && error.problem === "unknown-account") return false;
        throw error;
      }
    });
  }

  /** Lets an account go again; false when it was not parked. Throws AccountError when there is none. */
  resume(name: string): Promise<boolean> {
    return this.#exclusive(() =>
      this.#change(name, false, ({ account, sealed }) =>
        account.parked === null ? null : { account: { ...account, parked: null }, sealed },
      ),
    );
  }

  setDefault(name: string): Promise<void> {
    return this.#exclusive(async () => {
      this.#entry(name);
      // One name in place of another, whatever it was: there is nothing of another's writing to keep.
      await this.#documents.put(defaultSetting.kind, defaultSetting.name, name);
      this.#defaultName = name;
    });
  }

  /** The chosen one; while nobody chose, the sandbox where it runs, or else the account that was made first. Null without accounts. */
  default(): Account | null {
    const chosen = this.#defaultName === null ? null : this.find(this.#defaultName);
    if (chosen !== null) return chosen;
    const sandbox = this.find(sandboxAccount);
    if (sandbox !== null && this.#sandbox) return sandbox;
    return this.list().reduce<Account | null>((first, account) => {
      if (account.name === sandboxAccount) return first;
      return first === null || account.createdAt < first.createdAt ? account : first;
    }, null);
  }

  /** Opens the secret. Throws VaultError, and AccountError when there is no such account. */
  secret(name: string): Secret {
    const { account, sealed } = this.#entry(name);
    return this.#vault.open(sealed, account);
  }

  /** Stores what a provider gave in place of the secret that was used; false when somebody has entered another since. */
  renewSecret(name: string, used: Secret, renewed: Secret): Promise<boolean> {
    return this.#exclusive(() =>
      this.#change(name, false, ({ account, sealed }) =>
        isDeepStrictEqual(this.#vault.open(sealed, account), used) ? this.#sealed(account, renewed) : null,
      ),
    );
  }

  /** Seals again, with the first key, every secret that another key sealed; how many. Throws VaultError, naming the account, when one cannot be opened. */
  rotate(): Promise<number> {
    return this.#exclusive(async () => {
      let count = 0;
      for (const name of [...this.#entries.keys()]) {
        const sealedAnew = await this.#change(name, false, ({ account, sealed }) =>
          this.#vault.isCurrent(sealed) ? null : this.#sealed(account, this.#vault.open(sealed, account)),
        );
        if (sealedAnew) count += 1;
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
    const entered = this.#entered(this.#entry(name));
    return entered !== null && isDeepStrictEqual(entered, secret);
  }

  /** The secret as a person entered it; null when it cannot be opened. */
  #entered({ account, sealed }: AccountDocument): Secret | null {
    try {
      return asEntered(this.#vault.open(sealed, account));
    } catch (error) {
      if (error instanceof VaultError) return null;
      throw error;
    }
  }

  #sealed(account: Account, secret: Secret): AccountDocument {
    return { account, sealed: this.#vault.seal(secret, account) };
  }

  #entry(name: string): StoredAccount {
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

  /**
   * Stores what `work` makes of an account, on top of whatever others write meanwhile; false when it makes nothing of it.
   * Throws AccountError when the account is gone, or never stays the same for long enough.
   */
  async #change(
    name: string,
    secretChanged: boolean,
    work: (entry: StoredAccount) => AccountDocument | null,
  ): Promise<boolean> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const seen = this.#entry(name);
      const after = work(seen);
      if (after === null) return false;
      const body = JSON.stringify(after);
      const replaced = await this.#documents.replace(kind, name, seen.body, body);
      const stored = replaced ? body : await this.#documents.get(kind, name);
      // Also where it was written and only the answer was lost.
      if (stored === body) {
        this.#apply(name, { ...after, body }, { secretChanged, remote: false });
        return true;
      }
      this.#takeOver(name, stored);
    }
    throw new AccountError(
      "changed-meanwhile",
      `Account "${name}" is being changed by others at this moment, again and again. Look at it, and try again.`,
    );
  }

  /** What another process has stored; whether it is news. */
  #takeOver(name: string, body: string | null): boolean {
    const before = this.#entries.get(name);
    if ((before?.body ?? null) === body) return false;
    if (body !== null) {
      const entry = storedAccount(body);
      const [was, is] = [before === undefined ? null : this.#entered(before), this.#entered(entry)];
      const same = was !== null && isDeepStrictEqual(was, is);
      this.#apply(name, entry, { secretChanged: !same, remote: true });
    } else if (before !== undefined) {
      this.#entries.delete(name);
      this.#tell({ name, before: before.account, after: null, secretChanged: true, remote: true });
    }
    return true;
  }

  #apply(name: string, entry: StoredAccount, how: Pick<AccountChange, "secretChanged" | "remote">): void {
    const before = this.find(name);
    this.#entries.set(name, entry);
    this.#tell({ name, before, after: entry.account, ...how });
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

function taken(name: string, by: string): AccountError {
  return new AccountError(
    "name-taken",
    `There is a ${by} named "${name}" already. Choose another name, or change that one.`,
  );
}
