// The object that holds everything together. Every door talks to it and to nothing else.
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Account } from "./accounts/account.ts";
import { AccountBook, sandboxAccount } from "./accounts/accounts.ts";
import { CredentialSource } from "./accounts/credentials.ts";
import { type SecretInput, secretOf } from "./accounts/entered.ts";
import { KeyRing } from "./accounts/keys.ts";
import { type Route, Routes } from "./accounts/routes.ts";
import { openVault } from "./accounts/secretkey.ts";
import type { AccountInput } from "./accounts/settings.ts";
import { Delivery } from "./delivery/delivery.ts";
import type { DeliveryEvent } from "./delivery/events.ts";
import { type Proof, settingOfAccount, settingOfInput } from "./doctor/setting.ts";
import { type Setting, type TestOptions, type TestResult, testSetting } from "./doctor/test.ts";
import { testMessage } from "./doctor/test-message.ts";
import { Messages, PostriderError } from "./history.ts";
import { compose, type Mail } from "./messages/compose.ts";
import { defaultMaxBytes } from "./messages/size.ts";
import { isSettled } from "./messages/states.ts";
import { provider } from "./providers/catalogue.ts";
import { openSqliteStore } from "./queue/sqlite/open.ts";
import type { QueueStore, StoredMessage } from "./queue/store.ts";
import { Catcher } from "./sandbox/catcher.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import type { Endpoint } from "./smtp/endpoint.ts";

export type { SecretInput } from "./accounts/entered.ts";
export type { AccountInput } from "./accounts/settings.ts";
export type { DeliveryEvent } from "./delivery/events.ts";
export { type MessageDetail, Messages, PostriderError } from "./history.ts";
export type { Mail } from "./messages/compose.ts";
export { version } from "./version.ts";

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
  readonly onEvent?: (event: DeliveryEvent) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Where a message came from, and the promise that repeating the request repeats nothing. */
export interface SendContext {
  /** Which door and key; `library` when absent. */
  readonly origin?: string;
  readonly idempotency?: { readonly key: string; readonly bodyHash: string } | null;
}

export interface Sent {
  readonly id: string;
  /** Whether an earlier request with the same idempotency key had been accepted; its id is given. */
  readonly repeated: boolean;
}

/** How long `waitFor` waits when it is not told, milliseconds. */
const defaultWaitMs = 60_000;
/** How long `close` waits for dialogues in flight when it is not told, milliseconds. */
const defaultGraceMs = 10_000;
/** The sandbox account sends as this when a message names nobody. RFC 2606 §2 keeps `.test` free. */
const sandboxSender = "postrider@sandbox.test";

/**
 * Opens the data directory and starts delivering.
 * @throws StoreError (directory held, newer version, not ours, disk), SecretKeyError, VaultError, AccountError, UnknownProvider.
 */
export async function createPostrider(options: PostriderOptions = {}): Promise<Postrider> {
  const env = options.env ?? process.env;
  const data = resolve(options.data ?? (env.POSTRIDER_DATA || "./postrider-data"));
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
    await declare(accounts, options.accounts ?? []);
    const routes = await Routes.open(store.documents, accounts);
    const post = new Postrider({ store, accounts, routes, sandbox, catcher, options });
    post.start();
    return post;
  } catch (error) {
    await sandbox?.close();
    catcher?.close();
    await store.close();
    throw error;
  }
}

/** The sandbox listens on another port each time; its account follows. */
async function keepSandboxAccount(accounts: AccountBook, endpoint: Endpoint): Promise<void> {
  const fields = {
    host: endpoint.host,
    port: endpoint.port,
    security: endpoint.security,
    from: sandboxSender,
    unusualPort: true,
  } as const;
  if (accounts.find(sandboxAccount) === null) await accounts.add({ name: sandboxAccount, ...fields });
  else await accounts.update(sandboxAccount, fields, { kind: "none" });
}

async function declare(
  accounts: AccountBook,
  declared: readonly (AccountInput & SecretInput)[],
): Promise<void> {
  for (const entry of declared) {
    const { password, oauth2, proxyPassword, ...input } = entry;
    const secret = secretOf(entry);
    await accounts.declare(input, secret);
  }
  const [first] = declared;
  if (first !== undefined) await accounts.setDefault(first.name);
}

interface Parts {
  readonly store: QueueStore;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly sandbox: Sandbox | null;
  readonly catcher: Catcher | null;
  readonly options: PostriderOptions;
}

export class Postrider {
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly keys: KeyRing;
  readonly messages: Messages;
  /** The sandbox's mail; null when it is switched off. */
  readonly sandbox: Catcher | null;
  readonly limits: { readonly messageBytes: number };
  readonly #store: QueueStore;
  readonly #credentials: CredentialSource;
  readonly #delivery: Delivery;
  readonly #sandboxServer: Sandbox | null;
  readonly #deliver: boolean;
  readonly #listeners = new Set<(event: DeliveryEvent) => void>();

  /** @internal Made by `createPostrider`. */
  constructor({ store, accounts, routes, sandbox, catcher, options }: Parts) {
    this.#store = store;
    this.#sandboxServer = sandbox;
    this.#deliver = options.deliver ?? true;
    this.sandbox = catcher;
    this.accounts = accounts;
    this.routes = routes;
    this.limits = { messageBytes: options.messageBytes ?? defaultMaxBytes };
    this.keys = new KeyRing(store.documents);
    this.#credentials = new CredentialSource({ accounts });
    if (options.onEvent !== undefined) this.#listeners.add(options.onEvent);
    this.#delivery = new Delivery({
      store,
      accounts,
      routes,
      credentials: this.#credentials,
      owner: randomUUID(),
      onEvent: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
    });
    this.messages = new Messages(store, () => this.#delivery.wake());
  }

  /** @internal */
  start(): void {
    if (this.#deliver) this.#delivery.start();
  }

  /** Called with every event until the returned function is called. */
  onEvent(listener: (event: DeliveryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Accepts a message: when this resolves, it is on stable storage and will be delivered or reported.
   * @throws MessageError for what is wrong with it, AccountError for a route that is not there, PostriderError, StoreError when storage refuses.
   */
  async send(mail: Mail, context: SendContext = {}): Promise<Sent> {
    const accounts = this.routes.resolve(mail.route ?? null);
    const from = mail.from ?? accounts.find((account) => account.from !== null)?.from;
    if (from === undefined || from === null)
      throw new PostriderError(
        "no-sender",
        "The message names no sender (`from`), and neither does the account it would leave through. Give one of them.",
      );
    const composed = await compose({ ...mail, from }, { maxBytes: this.limits.messageBytes });
    this.#refuseTooLarge(composed.content.byteLength, accounts);
    const [accepted] = await this.#store.accept([
      { ...composed, origin: context.origin ?? "library", idempotency: context.idempotency ?? null },
    ]);
    if (accepted === undefined) throw new Error("storage accepted a message without saying so");
    if (accepted.status === "conflict")
      throw new PostriderError(
        "idempotency-conflict",
        `This idempotency key came before with another message (${accepted.id}). Use a new key for a new message.`,
      );
    this.#delivery.wake();
    return { id: accepted.id, repeated: accepted.status === "repeated" };
  }

  /** A message that no account of its route can take is refused at once and not days later. */
  #refuseTooLarge(bytes: number, accounts: readonly Account[]): void {
    const limits = accounts.map((account) =>
      account.provider === null ? null : (provider(account.provider).limits.messageSizeBytes ?? null),
    );
    const largest = limits.some((limit) => limit === null) ? null : Math.max(...(limits as number[]));
    if (accounts.length === 0 || largest === null || bytes <= largest) return;
    const mebibytes = (size: number) => `${(size / 2 ** 20).toFixed(1)} MiB`;
    throw new PostriderError(
      "too-large",
      `The message has ${mebibytes(bytes)} with its attachments encoded; ${accounts.map((account) => account.name).join(", ")} takes at most ${mebibytes(largest)}. Send a link to the file instead, or name another route.`,
    );
  }

  /**
   * Resolves once every recipient is sent, refused, parked or otherwise settled, or when the time is up: the states
   * in the answer tell which.
   * @throws PostriderError when there is no such message.
   */
  async waitFor(
    id: string,
    { timeoutMs = defaultWaitMs }: { readonly timeoutMs?: number } = {},
  ): Promise<StoredMessage> {
    const timeout = AbortSignal.timeout(Math.max(0, timeoutMs));
    for (;;) {
      // Listening before looking: what happens in between is not missed.
      const happened = this.#nextEventOf(id, timeout);
      const message = await this.messages.get(id);
      if (message.recipients.every((recipient) => isSettled(recipient.state)) || timeout.aborted) {
        happened.cancel();
        return message;
      }
      await happened.promise;
    }
  }

  #nextEventOf(id: string, timeout: AbortSignal): { readonly promise: Promise<void>; cancel(): void } {
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const stopListening = this.onEvent((event) => {
      if ("id" in event && event.id === id) finish();
    });
    const finish = () => {
      stopListening();
      timeout.removeEventListener("abort", finish);
      settle();
    };
    timeout.addEventListener("abort", finish, { once: true });
    return { promise, cancel: finish };
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
  async putRoute(route: Route): Promise<void> {
    await this.routes.put(route);
    await this.#delivery.releaseParked();
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

  /** Why mail cannot be accepted or delivered now; empty when all is well. */
  async unreadiness(): Promise<readonly string[]> {
    const reasons: string[] = [];
    try {
      await this.#store.nextDue(Date.now());
    } catch (error) {
      reasons.push(`storage: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.accounts.default() === null) reasons.push("no account: add one with `postrider account add`");
    return reasons;
  }

  /** Where the sandbox takes mail; null when it is switched off. */
  get sandboxEndpoint(): Endpoint | null {
    return this.#sandboxServer?.endpoints[0] ?? null;
  }

  /** Stops taking and delivering; dialogues in flight may end within `graceMs`, the rest goes back to the queue. */
  async close({ graceMs = defaultGraceMs }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#delivery.stop({ graceMs });
    this.#credentials.close();
    await this.#sandboxServer?.close();
    this.sandbox?.close();
    await this.#store.close();
  }
}
