// What has to be there before anything starts: storage, its clock, the key, the accounts, the sandbox.
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { AccountBook, sandboxAccount } from "./accounts/accounts.ts";
import { type SecretInput, secretOf } from "./accounts/entered.ts";
import { Routes } from "./accounts/routes.ts";
import { openVault } from "./accounts/secretkey.ts";
import type { AccountInput } from "./accounts/settings.ts";
import { checkVault } from "./accounts/vault-check.ts";
import { type Clock, SystemClock } from "./delivery/clock.ts";
import { SharedClock } from "./delivery/shared-clock.ts";
import { PostriderError } from "./error.ts";
import type { PostriderOptions } from "./options.ts";
import type { QueueStore } from "./queue/store.ts";
import { type Retention, retentionOf } from "./retention.ts";
import { Catcher } from "./sandbox/catcher.ts";
import { type Sandbox, startSandbox } from "./sandbox/sandbox.ts";
import type { Endpoint } from "./smtp/endpoint.ts";
import { type DatabasePlace, databaseOf, openStorage } from "./storage.ts";

export interface Parts {
  readonly store: QueueStore;
  /** By which all who use the storage go. */
  readonly clock: Clock;
  /** Names this process to others. */
  readonly owner: string;
  /** Null where the data directory holds everything. */
  readonly database: DatabasePlace | null;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly sandbox: Sandbox | null;
  readonly catcher: Catcher | null;
  readonly retention: Retention;
}

/** Opens all of it, or nothing. @throws what `createPostrider` throws. */
export async function openParts(options: PostriderOptions): Promise<Parts> {
  const env = options.env ?? process.env;
  const directory = resolve(options.data ?? (env.POSTRIDER_DATA || "./postrider-data"));
  const retention = retentionOf(options.retention ?? {}, env);
  checkLease(options.leaseMs);
  const database = databaseOf(options.database, env);
  const shared = database !== null;
  const sandboxPort = sandboxPortOf(options, shared);
  const owner = randomUUID();
  const onEvent = options.onEvent ?? (() => undefined);
  const store = await openStorage({ database, directory, owner, onEvent });
  let sharedClock: SharedClock | null = null;
  let sandbox: Sandbox | null = null;
  let catcher: Catcher | null = null;
  try {
    sharedClock = await SharedClock.open({ store });
    const clock = sharedClock ?? new SystemClock();
    const vault = openVault(directory, env);
    if (shared) await checkVault(store.documents, vault);
    const accounts = await AccountBook.open({
      documents: store.documents,
      vault,
      now: () => clock.now(),
      shared,
      sandbox: sandboxPort !== null,
    });
    if (sandboxPort !== null) {
      catcher = new Catcher({ path: join(directory, "sandbox.sqlite") });
      sandbox = await startSandbox({ catcher, listeners: [{ security: "none", port: sandboxPort }] });
      await keepSandboxAccount(accounts, sandbox.endpoints[0]!);
    }
    await declareAccounts(accounts, options.accounts ?? []);
    const routes = await Routes.open(store.documents, accounts);
    const place = database?.place ?? null;
    return { store, clock, owner, database: place, accounts, routes, sandbox, catcher, retention };
  } catch (error) {
    await sandbox?.close();
    catcher?.close();
    sharedClock?.close();
    await store.close();
    throw error;
  }
}

/** The sandbox account sends as this when a message names nobody. RFC 2606 §2 keeps `.test` free. */
const sandboxSender = "postrider@sandbox.test";

/**
 * The port that the sandbox listens on; null when it is off. The account that leads there is one for all who share a
 * database, and each hands over to the sandbox of its own machine: the port has to be the same everywhere, and mail
 * that is meant to leave must not be caught because nobody thought of it.
 * @throws PostriderError for a shared one without a port of its own.
 */
function sandboxPortOf(
  { sandbox, sandboxPort }: Pick<PostriderOptions, "sandbox" | "sandboxPort">,
  shared: boolean,
): number | null {
  if (!(sandbox ?? (!shared || sandboxPort !== undefined))) return null;
  if (!shared) return sandboxPort ?? 0;
  if (sandboxPort !== undefined && sandboxPort > 0) return sandboxPort;
  throw new PostriderError(
    "bad-setting",
    "With a database the sandbox needs a port, the same on every node, as its account is one for all: for example --sandbox-port 2525.",
  );
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
  await accounts.declare({ name: sandboxAccount, ...fields });
  await accounts.resume(sandboxAccount);
}

/** Adds what is new, changes what differs; the first becomes the default. @throws AccountError, UnknownProvider. */
async function declareAccounts(
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

/** Milliseconds. Less, and a process that is busy for a moment loses what it has in hand. */
const [shortestLease, longestLease] = [3_000, 600_000];

function checkLease(ms = longestLease): void {
  if (!Number.isInteger(ms) || ms < shortestLease || ms > longestLease)
    throw new PostriderError(
      "bad-setting",
      `leaseMs is ${ms}. Give whole milliseconds from ${shortestLease} to ${longestLease}.`,
    );
}
