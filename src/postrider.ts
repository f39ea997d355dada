// The object that holds everything together. Every door talks to it and to nothing else.
import { Acceptance, type SendContext, type Sent, type Submission } from "./acceptance.ts";
import type { Account } from "./accounts/account.ts";
import { type AccountBook, sandboxAccount } from "./accounts/accounts.ts";
import { CredentialSource } from "./accounts/credentials.ts";
import { type SecretInput, secretOf } from "./accounts/entered.ts";
import { KeyRing } from "./accounts/keys.ts";
import type { Route, RouteInput, Routes } from "./accounts/routes.ts";
import type { AccountInput } from "./accounts/settings.ts";
import type { Clock } from "./delivery/clock.ts";
import { Delivery } from "./delivery/delivery.ts";
import { SharedClock } from "./delivery/shared-clock.ts";
import { diagnose } from "./doctor/diagnose.ts";
import type { Diagnosis, DoctorOptions } from "./doctor/diagnosis.ts";
import { settingOfAccount } from "./doctor/setting.ts";
import { openAccount } from "./doctor/stored-account.ts";
import { type Setting, type TestOptions, type TestResult, testSetting } from "./doctor/test.ts";
import { testMessage } from "./doctor/test-message.ts";
import { settingToTest, type UnsavedSetting, unsavedToExamine } from "./doctor/unsaved.ts";
import { PostriderError } from "./error.ts";
import { Following } from "./following.ts";
import { Messages } from "./history.ts";
import { Housekeeper, type Removed } from "./housekeeping.ts";
import { Intake } from "./intake.ts";
import type { Mail } from "./messages/compose.ts";
import { defaultMaxBytes } from "./messages/size.ts";
import { openParts, type Parts } from "./opening.ts";
import type { PostriderEvent, PostriderOptions } from "./options.ts";
import { Duties } from "./queue/duties.ts";
import type { QueueStore, StoredMessage } from "./queue/store.ts";
import { Readiness } from "./readiness.ts";
import type { Retention } from "./retention.ts";
import type { Catcher } from "./sandbox/catcher.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { Endpoint } from "./smtp/endpoint.ts";
import { Standings } from "./standing.ts";
import type { DatabasePlace } from "./storage.ts";
import { SuppressionList } from "./suppressions.ts";
import { untilSettled } from "./waiting.ts";

export type { SendContext, Sent, Submission } from "./acceptance.ts";
export type { SecretInput } from "./accounts/entered.ts";
export type { AccountInput } from "./accounts/settings.ts";
export type { CommonOptions } from "./delivery/connecting.ts";
export type { DeliveryEvent } from "./delivery/events.ts";
export type { Diagnosis, DoctorOptions, ShownFinding } from "./doctor/diagnosis.ts";
export type { UnsavedSetting } from "./doctor/unsaved.ts";
export { PostriderError } from "./error.ts";
export { type MessageDetail, Messages } from "./history.ts";
export type { HousekeepingEvent, Removed } from "./housekeeping.ts";
export type { Mail } from "./messages/compose.ts";
export type { PostriderEvent, PostriderOptions } from "./options.ts";
export type { Retention } from "./retention.ts";
export type { AccountCondition, AccountStanding, BudgetStanding, EndpointStanding } from "./standing.ts";
export type { DatabaseInput, DatabasePlace } from "./storage.ts";
export { type Suppression, type SuppressionInput, SuppressionList } from "./suppressions.ts";
export { version } from "./version.ts";

/** How long `waitFor` waits when it is not told, milliseconds. */
const defaultWaitMs = 60_000;
/** How often it looks where another process may be the one that sends, milliseconds. */
const lookEvery = 500;
/** How long `close` waits for dialogues in flight when it is not told, milliseconds. */
const defaultGraceMs = 10_000;

/**
 * Opens the data directory, or the database, and starts delivering.
 * @throws StoreError (directory held, database unreachable, newer version, not ours, disk), SecretKeyError, VaultError,
 * AccountError, UnknownProvider, PostriderError for a setting that cannot be.
 */
export async function createPostrider(options: PostriderOptions = {}): Promise<Postrider> {
  const post = new Postrider(await openParts(options), options);
  post.start();
  return post;
}

function requireSender({ from }: Setting, { to }: { readonly to?: string }): void {
  if (to === undefined || from !== null) return;
  throw new PostriderError(
    "no-sender",
    "To send a test message, say who it is from: give the account a `from` address.",
  );
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
  /** What many processes share; null where the data directory holds everything. */
  readonly database: DatabasePlace | null;
  readonly #store: QueueStore;
  readonly #credentials: CredentialSource;
  readonly #delivery: Delivery;
  readonly #acceptance: Acceptance;
  readonly #intake: Intake | null;
  readonly #housekeeper: Housekeeper;
  readonly #following: Following;
  readonly #readiness: Readiness;
  readonly #clock: Clock;
  readonly #sandboxServer: Sandbox | null;
  readonly #deliver: boolean;
  readonly #listeners = new Set<(event: PostriderEvent) => void>();
  readonly #stopping = new AbortController();
  /** Why nothing is handed over; null while it is. */
  #paused: string | null = null;

  /** @internal Made by `createPostrider`. */
  constructor(
    { store, clock, owner, accounts, routes, retention, ...parts }: Parts,
    options: PostriderOptions,
  ) {
    const emit = (event: PostriderEvent) => this.#tell(event);
    const now = () => clock.now();
    this.#store = store;
    this.#sandboxServer = parts.sandbox;
    this.#clock = clock;
    this.#deliver = options.deliver ?? true;
    this.sandbox = parts.catcher;
    this.database = parts.database;
    this.accounts = accounts;
    this.routes = routes;
    this.limits = { messageBytes: options.messageBytes ?? defaultMaxBytes };
    this.retention = retention;
    this.keys = new KeyRing(store.documents, now);
    this.#credentials = new CredentialSource({ accounts, now });
    if (options.onEvent !== undefined) this.#listeners.add(options.onEvent);
    const duties = this.database === null ? null : new Duties({ documents: store.documents, owner, now });
    this.#delivery = new Delivery({
      store,
      accounts,
      routes,
      credentials: this.#credentials,
      owner,
      clock,
      onEvent: emit,
      ...(options.connecting === undefined ? {} : { connecting: options.connecting }),
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
      ...(duties === null ? {} : { shared: { shares: store.shares, duties } }),
    });
    const wake = () => this.#delivery.wake();
    this.#acceptance = new Acceptance({
      store,
      routes,
      maxBytes: this.limits.messageBytes,
      now,
      onAccepted: (at) => this.#delivery.accepted(at),
      emit,
    });
    const { submissions } = store;
    this.#intake =
      submissions === null || !this.#deliver
        ? null
        : new Intake({ submissions, acceptance: this.#acceptance, clock, emit });
    this.#housekeeper = new Housekeeper({
      store,
      retention,
      clock,
      duties,
      emit,
    });
    this.messages = new Messages({ store, retention, wake, now });
    this.suppressions = new SuppressionList(store.suppressions, now);
    this.standings = new Standings({ accounts, budgets: store.budgets, delivery: this.#delivery, now });
    this.#readiness = new Readiness(store.documents);
    this.#following = new Following({
      store,
      clock,
      onWork: () => {
        wake();
        this.#intake?.wake();
      },
      takeOver: (changed) => this.#takeOver(changed),
    });
  }

  /** @internal */
  start(): void {
    if (this.database !== null) this.#following.start();
    if (this.#deliver) this.#delivery.start();
    this.#intake?.wake();
    this.#housekeeper.start();
  }

  /** What other processes have written. */
  async #takeOver(changed: Parameters<KeyRing["forget"]>[0]): Promise<void> {
    this.keys.forget(changed);
    await this.accounts.reload(changed);
    if (await this.routes.reload(changed)) this.#delivery.reconsiderParked();
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
      lookEvery: this.database === null ? null : lookEvery,
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
    if (name === sandboxAccount && this.sandbox !== null)
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
  async testSetting(input: UnsavedSetting, options: Omit<TestOptions, "content"> = {}): Promise<TestResult> {
    return this.#test(settingToTest(input), options);
  }

  /**
   * Why no mail leaves through a stored account, by its name, or with a setting that is not stored, and what to do
   * about it. Only looks: an account that was parked stays parked, however well it is. A secret that cannot be had is
   * part of the diagnosis.
   * @throws AccountError when there is none, UnknownProvider, PostriderError for `to` without
   * a sender, StoreError; the signal's reason when it ends the run.
   */
  async doctor(asked: string | UnsavedSetting, options: DoctorOptions = {}): Promise<Diagnosis> {
    const since = performance.now();
    const { setting, findings } =
      typeof asked === "string"
        ? await openAccount(this.accounts.get(asked), this.#credentials)
        : { setting: unsavedToExamine(asked), findings: [] };
    if (findings.length === 0) requireSender(setting, options);
    return diagnose(setting, options, { findings, since });
  }

  async #test(setting: Setting, options: Omit<TestOptions, "content">): Promise<TestResult> {
    requireSender(setting, options);
    if (options.to === undefined || setting.from === null) return testSetting(setting, options);
    return testSetting(setting, {
      ...options,
      content: await testMessage(setting.from, options.to, options.language ?? "en"),
    });
  }

  /** Removes what is no longer kept, without waiting for the next round of it. @throws StoreError. */
  prune(): Promise<Removed> {
    return this.#housekeeper.run();
  }

  /** Why mail cannot be accepted or delivered now; empty when all is well. Resolves within two seconds, whatever storage does. */
  async unreadiness(): Promise<readonly string[]> {
    if (this.stopping) return ["stopping"];
    const reasons: string[] = [];
    const trouble = await this.#readiness.trouble();
    if (trouble !== null) reasons.push(`storage: ${trouble}`);
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
    await Promise.all([this.#intake?.stop(), this.#delivery.stop({ graceMs }), this.#housekeeper.stop()]);
  }

  /** Stops, as `stop` does, and lets go of the data directory or the database. */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    await this.stop(options);
    this.#following.close();
    this.#credentials.close();
    await this.#sandboxServer?.close();
    this.sandbox?.close();
    if (this.#clock instanceof SharedClock) this.#clock.close();
    await this.#store.close();
  }
}
