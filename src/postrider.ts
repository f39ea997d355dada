// The object that holds everything together. Every door talks to it and to nothing else.
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { Acceptance, type SendContext, type Sent, type Submission } from "./acceptance.ts";
import type { Account } from "./accounts/account.ts";
import { AccountBook, sandboxAccount } from "./accounts/accounts.ts";
import { CredentialSource } from "./accounts/credentials.ts";
import { type SecretInput, secretOf } from "./accounts/entered.ts";
import { KeyRing } from "./accounts/keys.ts";
import { type Route, type RouteInput, Routes } from "./accounts/routes.ts";
import { openVault } from "./accounts/secretkey.ts";
import type { AccountInput } from "./accounts/settings.ts";
import { SystemClock } from "./delivery/clock.ts";
import type { CommonOptions } from "./delivery/connecting.ts";
import { Delivery } from "./delivery/delivery.ts";
import type { DeliveryEvent } from "./delivery/events.ts";
import { type Proof, settingOfAccount, settingOfInput } from "./doctor/setting.ts";
import { type Setting, type TestOptions, type TestResult, testSetting } from "./doctor/test.ts";
import { testMessage } from "./doctor/test-message.ts";
import { PostriderError } from "./error.ts";
import { Messages } from "./history.ts";
import { Housekeeper, type HousekeepingEvent, type Removed } from "./housekeeping.ts";
import type { Mail } from "./messages/compose.ts";
import { defaultMaxBytes } from "./messages/size.ts";
import { declareAccounts, keepSandboxAccount } from "./opening.ts";
import { openSqliteStore } from "./queue/sqlite/open.ts";
import type { QueueStore, StoredMessage } from "./queue/store.ts";
import { type Retention, retentionOf } from "./retention.ts";
import { Catcher } from "./sandbox/catcher.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import type { Endpoint } from "./smtp/endpoint.ts";
import { Standings } from "./standing.ts";
import { SuppressionList } from "./suppressions.ts";
import { untilSettled } from "./waiting.ts";

export type { SendContext, Sent, Submission } from "./acceptance.ts";
export type { SecretInput } from "./accounts/entered.ts";
export type { AccountInput } from "./accounts/settings.ts";
export type { CommonOptions } from "./delivery/connecting.ts";
export type { DeliveryEvent } from "./delivery/events.ts";
export { PostriderError } from "./error.ts";
export { type MessageDetail, Messages } from "./history.ts";
export type { HousekeepingEvent, Removed } from "./housekeeping.ts";
export type { Mail } from "./messages/compose.ts";
export type { Retention } from "./retention.ts";
export type { AccountCondition, AccountStanding, BudgetStanding, EndpointStanding } from "./standing.ts";
export { type Suppression, type SuppressionInput, SuppressionList } from "./suppressions.ts";
export { version } from "./version.ts";

/** Everything that happens, in one stream. */
export type PostriderEvent = DeliveryEvent | HousekeepingEvent;

export interface PostriderOptions {
  /** The data directory. Default: `POSTRIDER_DATA`, else `./postrider-data`. */
  readonly data?: string;
  /** Accounts that have to be there: added when they are new, changed when they differ. The first becomes the default. */
  readonly accounts?: readonly (AccountInput & SecretInput)[];
  /** The built-in mail catcher. Default true. */
  readonly sandbox?: boolean;
  /** Port of the sandbox on loopback; 0, the default, lets the system choose. */
  readonly sandboxPort?: number;
  /** Whether this process hands mail over. Default true. */
  readonly deliver?: boolean;
  /** Largest message that is accepted, in bytes. Default 35 MiB: what the most generous of the large providers take. */
  readonly messageBytes?: number;
  /** How long what has ended is kept; what is absent comes from `POSTRIDER_RETENTION_…`, else the defaults. */
  readonly retention?: Partial<Retention>;
  /** What all connections to providers have in common: time limits, the name given in EHLO, name resolution. */
  readonly connecting?: CommonOptions;
  readonly onEvent?: (event: PostriderEvent) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How long `waitFor` waits when it is not told, milliseconds. */
const defaultWaitMs = 60_000;
/** How long `close` waits for dialogues in flight when it is not told, milliseconds. */
const defaultGraceMs = 10_000;

/**
 * Opens the data directory and starts delivering.
 * @throws StoreError (directory held, newer version, not ours, disk), SecretKeyError, VaultError, AccountError,
 * UnknownProvider, PostriderError for a retention that cannot be.
 */
export async function createPostrider(options: PostriderOptions = {}): Promise<Postrider> {
  const env = options.env ?? process.env;
  const data = resolve(options.data ?? (env.POSTRIDER_DATA || "./postrider-data"));
  const retention = retentionOf(options.retention ?? {}, env);
  const store = await openSqliteStore({ directory: data, takeOver: true });
  let sandbox: Sandbox | null = null;
  let catcher: Catcher | null = null;
  try {
    const accounts = await AccountBook.open({ documents: store.documents, vault: openVault(data, env) });
    if (options.sandbox ?? true) {
      catcher = new Catcher({ path: join(data, "sandbox.sqlite") });
      sandbox = await startSandbox({
        catcher,
        listeners: [{ security: "none", port: options.sandboxPort ?? 0 }],
      });
      await keepSandboxAccount(accounts, sandbox.endpoints[0]!);
    }
    await declareAccounts(accounts, options.accounts ?? []);
    const routes = await Routes.open(store.documents, accounts);
    const post = new Postrider({ store, accounts, routes, sandbox, catcher, retention, options });
    post.start();
    return post;
  } catch (error) {
    await sandbox?.close();
    catcher?.close();
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly store: QueueStore;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly sandbox: Sandbox | null;
  readonly catcher: Catcher | null;
  readonly retention: Retention;
  readonly options: PostriderOptions;
}

export class Postrider {
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly keys: KeyRing;
  readonly messages: Messages;
  readonly suppressions: SuppressionList;
  /** How each account stands. */
  readonly standings: Standings;
  /** The sandbox's mail; null when it is switched off. */
  readonly sandbox: Catcher | null;
  readonly limits: { readonly messageBytes: number };
  readonly retention: Retention;
  readonly #store: QueueStore;
  readonly #credentials: CredentialSource;
  readonly #delivery: Delivery;
  readonly #acceptance: Acceptance;
  readonly #housekeeper: Housekeeper;
  readonly #sandboxServer: Sandbox | null;
  readonly #deliver: boolean;
  readonly #listeners = new Set<(event: PostriderEvent) => void>();
  readonly #stopping = new AbortController();
  /** Why nothing is handed over; null while it is. */
  #paused: string | null = null;

  /** @internal Made by `createPostrider`. */
  constructor({ store, accounts, routes, sandbox, catcher, retention, options }: Parts) {
    const emit = (event: PostriderEvent) => this.#tell(event);
    this.#store = store;
    this.#sandboxServer = sandbox;
    this.#deliver = options.deliver ?? true;
    this.sandbox = catcher;
    this.accounts = accounts;
    this.routes = routes;
    this.limits = { messageBytes: options.messageBytes ?? defaultMaxBytes };
    this.retention = retention;
    this.keys = new KeyRing(store.documents);
    this.#credentials = new CredentialSource({ accounts });
    if (options.onEvent !== undefined) this.#listeners.add(options.onEvent);
    this.#delivery = new Delivery({
      store,
      accounts,
      routes,
      credentials: this.#credentials,
      owner: randomUUID(),
      onEvent: emit,
      ...(options.connecting === undefined ? {} : { connecting: options.connecting }),
    });
    const wake = () => this.#delivery.wake();
    this.#acceptance = new Acceptance({
      store,
      routes,
      maxBytes: this.limits.messageBytes,
      onAccepted: (at) => this.#delivery.accepted(at),
      emit,
    });
    this.#housekeeper = new Housekeeper({ store, retention, clock: new SystemClock(), emit });
    this.messages = new Messages({ store, retention, wake });
    this.suppressions = new SuppressionList(store.suppressions);
    this.standings = new Standings({ accounts, budgets: store.budgets, delivery: this.#delivery });
  }

  /** @internal */
  start(): void {
    if (this.#deliver) this.#delivery.start();
    this.#housekeeper.start();
  }

  /** Called with every event until the returned function is called. */
  onEvent(listener: (event: PostriderEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: PostriderEvent): void {
    if (event.type === "delivery-paused") this.#paused = event.reason;
    if (event.type === "delivery-resumed") this.#paused = null;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A listener's mistake is its own: what was accepted is accepted.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /**
   * Accepts a message: when this resolves, it is on stable storage and will be delivered or reported.
   * @throws MessageError for what is wrong with it, AccountError for a route that is not there, PostriderError, StoreError when storage refuses.
   */
  async send(mail: Mail, context: SendContext = {}): Promise<Sent> {
    this.#refuseWhenStopping();
    return this.#acceptance.send(mail, context);
  }

  /**
   * Accepts a ready-made message, RFC 5322 bytes with CRLF line ends, with the promises of `send`. It leaves byte for
   * byte as it is, but for a `Message-ID` and a `Date` where it has none, and without its `Bcc`. The envelope alone
   * decides who gets it.
   * @throws as `send` does.
   */
  async submit(bytes: Uint8Array, submission: Submission, context: SendContext = {}): Promise<Sent> {
    this.#refuseWhenStopping();
    return this.#acceptance.submit(bytes, submission, context);
  }

  #refuseWhenStopping(): void {
    if (this.stopping)
      throw new PostriderError(
        "stopping",
        "Postrider is stopping and takes nothing more. Send it again once it runs anew.",
      );
  }

  /**
   * Resolves once every recipient is sent, refused, parked or otherwise settled, or when the time is up or `stop` was
   * called: the states in the answer tell which.
   * @throws PostriderError when there is no such message.
   */
  async waitFor(
    id: string,
    { timeoutMs = defaultWaitMs }: { readonly timeoutMs?: number } = {},
  ): Promise<StoredMessage> {
    return untilSettled(id, {
      look: () => this.messages.get(id),
      onEvent: (listener) => this.onEvent(listener),
      end: AbortSignal.any([AbortSignal.timeout(Math.max(0, timeoutMs)), this.#stopping.signal]),
    });
  }

  /** @throws AccountError, UnknownProvider. */
  async addAccount(input: AccountInput & SecretInput, { makeDefault = false } = {}): Promise<Account> {
    const { password, oauth2, proxyPassword, ...fields } = input;
    const account = await this.accounts.add(fields, secretOf(input));
    if (makeDefault) await this.accounts.setDefault(account.name);
    return account;
  }

  /** Changes what is given. @throws AccountError, also when the change needs the secret again; PostriderError for the sandbox. */
  async updateAccount(
    name: string,
    changes: Partial<Omit<AccountInput, "name">> & SecretInput,
    { makeDefault = false } = {},
  ): Promise<Account> {
    const { password, oauth2, proxyPassword, ...fields } = changes;
    const changesFields = Object.keys(fields).length > 0 || password !== undefined || oauth2 !== undefined;
    if (changesFields && name === sandboxAccount)
      throw new PostriderError(
        "built-in",
        "The sandbox account is built in and follows the sandbox; it cannot be changed.",
      );
    const before = this.accounts.get(name);
    const secret =
      password === undefined && oauth2 === undefined
        ? undefined
        : secretOf({ provider: before.provider, ...changes });
    const account = changesFields ? await this.accounts.update(name, fields, secret) : before;
    if (makeDefault) await this.accounts.setDefault(name);
    return account;
  }

  /** Makes a route or replaces it; mail that waited for it goes on. @throws AccountError. */
  async putRoute(input: RouteInput): Promise<Route> {
    const route = await this.routes.put(input);
    await this.#delivery.releaseParked();
    return route;
  }

  /** @throws AccountError when there is none, PostriderError for the sandbox. */
  async removeAccount(name: string): Promise<void> {
    if (name === sandboxAccount)
      throw new PostriderError(
        "built-in",
        "The sandbox account is built in. Start without the sandbox to be rid of it, or make another account the default.",
      );
    await this.accounts.remove(name);
  }

  /** Lets a parked account and all mail that waits for it go again; how many recipients. @throws AccountError. */
  resumeAccount(name: string): Promise<number> {
    return this.#delivery.resumeAccount(name);
  }

  /**
   * Walks a stored account step by step; one that was parked and proves good is let go again.
   * @throws AccountError when there is none, VaultError.
   */
  async testAccount(name: string, options: Omit<TestOptions, "content"> = {}): Promise<TestResult> {
    const account = this.accounts.get(name);
    const proxy = this.#credentials.proxy(account);
    const credentials = await this.#credentials.credentials(account);
    const result = await this.#test(settingOfAccount(account, credentials, proxy?.password), options);
    if (result.ok && account.parked !== null) await this.resumeAccount(name);
    return result;
  }

  /** Walks a setting that is not stored. @throws AccountError for what cannot be, UnknownProvider. */
  async testSetting(
    input: Omit<AccountInput, "name"> & { readonly password?: string; readonly accessToken?: string },
    options: Omit<TestOptions, "content"> = {},
  ): Promise<TestResult> {
    const { password, accessToken, ...fields } = input;
    const proof: Proof =
      password !== undefined ? { password } : accessToken !== undefined ? { accessToken } : null;
    return this.#test(settingOfInput(fields, proof), options);
  }

  async #test(setting: Setting, options: Omit<TestOptions, "content">): Promise<TestResult> {
    if (options.to === undefined) return testSetting(setting, options);
    if (setting.from === null)
      throw new PostriderError(
        "no-sender",
        "To send a test message, say who it is from: give the account a `from` address.",
      );
    return testSetting(setting, {
      ...options,
      content: await testMessage(setting.from, options.to, options.language ?? "en"),
    });
  }

  /** Removes what is no longer kept, without waiting for the next round of it. @throws StoreError. */
  prune(): Promise<Removed> {
    return this.#housekeeper.run();
  }

  /** Why mail cannot be accepted or delivered now; empty when all is well. */
  async unreadiness(): Promise<readonly string[]> {
    if (this.stopping) return ["stopping"];
    const reasons: string[] = [];
    try {
      // Any question will do, as long as storage has to answer it.
      await this.#store.documents.get("setting", "default-account");
    } catch (error) {
      reasons.push(`storage: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.#paused !== null) reasons.push(`delivery: ${this.#paused}`);
    if (this.accounts.default() === null) reasons.push("no account: add one with `postrider account add`");
    return reasons;
  }

  /** Where the sandbox takes mail; null when it is switched off. */
  get sandboxEndpoint(): Endpoint | null {
    return this.#sandboxServer?.endpoints[0] ?? null;
  }

  /** Whether `stop` or `close` was called. */
  get stopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /**
   * Stops taking and delivering; dialogues in flight may end within `graceMs`, the rest goes back to the queue. What is
   * stored can still be asked for, until `close`.
   */
  async stop({ graceMs = defaultGraceMs }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#delivery.stop({ graceMs }), this.#housekeeper.stop()]);
  }

  /** Stops, as `stop` does, and lets go of the data directory. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.stop(options);
    this.#credentials.close();
    await this.#sandboxServer?.close();
    this.sandbox?.close();
    await this.#store.close();
  }
}
