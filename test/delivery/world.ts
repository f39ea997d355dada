// A queue on disk, accounts, the real client, and servers that misbehave as they are told: what each claim is tried in.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Account, Secret } from "../../src/accounts/account.ts";
import { AccountBook } from "../../src/accounts/accounts.ts";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Routes } from "../../src/accounts/routes.ts";
import type { AccountInput } from "../../src/accounts/settings.ts";
import { testVault } from "../../src/accounts/testing.ts";
import { Delivery, type DeliveryOptions } from "../../src/delivery/delivery.ts";
import type { DeliveryEvent } from "../../src/delivery/events.ts";
import { ManualClock } from "../../src/delivery/testing.ts";
import { Duties } from "../../src/queue/duties.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import type { QueueStore, StoredMessage, Watcher } from "../../src/queue/store.ts";
import type { Rules } from "../../src/sandbox/rules.ts";
import { catcherRules } from "../../src/sandbox/sandbox.ts";
import { type SmtpServer, startServer } from "../../src/sandbox/server.ts";
import { newMessage, type Wanted } from "./message.ts";

export interface Received {
  readonly to: readonly string[];
  /** The Message-ID header. */
  readonly messageId: string;
}

export interface Peer {
  readonly port: number;
  /** What was taken, in order. */
  readonly received: readonly Received[];
  readonly counts: SmtpServer["counts"];
  /** Resolves when `count` messages were taken in all. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A server in clear on loopback that takes everything, but for what `rules` say. */
export async function startPeer(rules: Partial<Rules> = {}): Promise<Peer> {
  const received: Received[] = [];
  const waiting: { readonly count: number; readonly tell: () => void }[] = [];
  const server = await startServer({
    listeners: [{ security: "none" }],
    rules: {
      ...catcherRules({ catcher: null }),
      ...rules,
      content: (facts, message) => {
        const effect = rules.content?.(facts, message) ?? null;
        const refused = effect?.do === "answer" && effect.answer.code >= 400;
        if (!refused) {
          const messageId = /^Message-ID: (.*)\r$/m.exec(message.source().toString())?.[1] ?? "";
          received.push({ to: message.envelope.to, messageId });
        }
        for (const { count, tell } of waiting) if (received.length >= count) tell();
        return effect;
      },
    },
  });
  let closed = false;
  const close = async () => {
    if (!closed) await server.close();
    closed = true;
  };
  onTestFinished(close);
  return {
    port: server.endpoints[0]!.port,
    received,
    counts: server.counts,
    until: (count) =>
      new Promise((tell) => {
        if (received.length >= count) tell();
        else waiting.push({ count, tell });
      }),
    close,
  };
}

/** The same store with news of what is written to its documents, as a store that many share has them. */
function telling(store: QueueStore): QueueStore {
  const watchers = new Set<Watcher>();
  const { documents } = store;
  const told = async <T>(kind: string, name: string, write: Promise<T>): Promise<T> => {
    const written = await write;
    for (const { onDocuments } of watchers) onDocuments?.([{ kind, name }]);
    return written;
  };
  return {
    ...store,
    documents: {
      ...documents,
      put: (kind, name, body) => told(kind, name, documents.put(kind, name, body)),
      insert: (kind, name, body) => told(kind, name, documents.insert(kind, name, body)),
      replace: (kind, name, ...bodies) => told(kind, name, documents.replace(kind, name, ...bodies)),
      delete: (kind, name) => told(kind, name, documents.delete(kind, name)),
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

export interface World {
  readonly clock: ManualClock;
  readonly store: QueueStore;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly delivery: Delivery;
  readonly events: readonly DeliveryEvent[];
  /** An account at a server in clear on loopback. */
  account(name: string, port: number, more?: Partial<AccountInput>, secret?: Secret): Promise<Account>;
  /** Puts messages in the queue, all in one commit, and wakes delivery; their ids. */
  send(...wanted: readonly Wanted[]): Promise<readonly string[]>;
  message(id: string): Promise<StoredMessage>;
  /** The state of each recipient. */
  states(id: string): Promise<readonly string[]>;
  /** Resolves with the events of this type once there are `count` of them. */
  until<T extends DeliveryEvent["type"]>(
    type: T,
    count?: number,
  ): Promise<readonly Extract<DeliveryEvent, { type: T }>[]>;
  /** Lets time pass to this instant, once delivery has come to rest: nothing but its own timer wakes it then. */
  passTo(instant: number): Promise<void>;
  /** Resolves when nothing is in hand and a timer is set for what waits; with its milliseconds from now. */
  resting(): Promise<number>;
  /** Another node, which shares the accounts with the first: that one has to be told by `together`. */
  join(owner: string, options?: Pick<WorldOptions, "wrap">): Node;
  /** Lets time pass, a step at a time, until something has come about; every node looks for work at each step. */
  passUntil(reached: () => boolean, stepMs?: number): Promise<void>;
}

/** One more that delivers from the same queue. */
export interface Node {
  readonly delivery: Delivery;
  readonly events: readonly DeliveryEvent[];
}

export interface WorldOptions extends Partial<Omit<DeliveryOptions, "accounts" | "routes" | "credentials">> {
  /** Wraps the store that delivery sees. */
  readonly wrap?: (store: QueueStore) => QueueStore;
  /** Whether the accounts are shared with nodes that join. */
  readonly together?: boolean;
}

/** Everything started, and taken down when the test ends. Time stands still. */
export async function startWorld({ wrap, together, ...options }: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "postrider-delivery-"));
  const opened = await openSqliteStore({ directory });
  const store = together === true ? telling(opened) : opened;
  const clock = new ManualClock();
  const now = () => clock.now();
  const accounts = await AccountBook.open({ documents: store.documents, vault: testVault(), now });
  const routes = await Routes.open(store.documents, accounts);
  const credentials = new CredentialSource({ accounts, now });
  const events: DeliveryEvent[] = [];
  let told: () => void = () => undefined;
  const nodes: Delivery[] = [];
  const sharing = (owner: string, seen: QueueStore) => ({
    shares: seen.shares,
    duties: new Duties({ documents: seen.documents, owner, now, after: (ms, call) => clock.after(ms, call) }),
  });
  const common = { accounts, routes, credentials, clock, random: () => 0.5 };
  const seen = wrap === undefined ? store : wrap(store);
  const delivery = new Delivery({
    ...common,
    owner: "test",
    store: seen,
    ...(together === true ? { shared: sharing("test", seen) } : {}),
    ...options,
    onEvent: (event) => {
      events.push(event);
      told();
    },
  });
  onTestFinished(async () => {
    const stopped = Promise.all(nodes.map((node) => node.stop({ graceMs: 1 })));
    const driving = setInterval(() => clock.advance(60_000), 5);
    await stopped;
    clearInterval(driving);
    credentials.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  nodes.push(delivery);
  delivery.start();
  const resting = async () => {
    while (delivery.inFlight > 0 || clock.next === null) await new Promise(setImmediate);
    return clock.next;
  };
  return {
    clock,
    store,
    accounts,
    routes,
    delivery,
    events,
    account: (name, port, more = {}, secret = { kind: "none" }) =>
      accounts.add({ name, host: "127.0.0.1", port, security: "none", ...more }, secret),
    async send(...wanted) {
      const messages = wanted.map((each) => newMessage(clock.now(), each));
      await store.accept(messages);
      for (const node of nodes) node.wake();
      return messages.map(({ id }) => id);
    },
    message: async (id) => (await store.get(id))!,
    states: async (id) => (await store.get(id))!.recipients.map(({ state }) => state),
    async until(type, count = 1) {
      for (;;) {
        const found = events.filter((event) => event.type === type);
        if (found.length >= count) return found as never;
        await new Promise<void>((resolve) => (told = resolve));
      }
    },
    resting,
    join(owner, own = {}) {
      const told: DeliveryEvent[] = [];
      const joined = own.wrap === undefined ? store : own.wrap(store);
      const node = new Delivery({
        ...common,
        owner,
        store: joined,
        shared: sharing(owner, joined),
        onEvent: (event) => told.push(event),
      });
      nodes.push(node);
      node.start();
      return { delivery: node, events: told };
    },
    async passUntil(reached, stepMs = 50) {
      while (!reached()) {
        for (const node of nodes) node.wake();
        // What is on its way through sockets and the queue's thread goes on while time stands still.
        for (let turn = 0; turn < 20 && !reached(); turn += 1) await new Promise(setImmediate);
        await store.depth();
        if (!reached()) clock.advance(stepMs);
      }
    },
    async passTo(instant) {
      await resting();
      clock.advance(instant - clock.now());
    },
  };
}
