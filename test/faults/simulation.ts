// Delivery with its own clock: hours pass as fast as the real sockets and the real database keep up.
import { onTestFinished } from "vitest";
import { AccountBook } from "../../src/accounts/accounts.ts";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Routes } from "../../src/accounts/routes.ts";
import { testVault } from "../../src/accounts/testing.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import type { DeliveryEvent } from "../../src/delivery/events.ts";
import { openSmtpPool } from "../../src/delivery/pools.ts";
import { ManualClock } from "../../src/delivery/testing.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import type { QueueStore } from "../../src/queue/store.ts";
import { newMessage, type Wanted } from "../delivery/message.ts";
import type { Trial } from "./trial.ts";

/** In one commit. */
const batch = 500;
/** Turns of the loop without anything under way, after which only the clock can bring something about. */
const quietTurns = 4;

export class Simulation {
  readonly clock = new ManualClock();
  readonly store: QueueStore;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly events: DeliveryEvent[] = [];
  readonly #trial: Trial;
  #credentials: CredentialSource | null = null;
  #delivery: Delivery | null = null;
  /** Calls of the store and dialogues that are under way. */
  #pending = 0;

  static async start(trial: Trial): Promise<Simulation> {
    const store = await openSqliteStore({ directory: trial.directory, takeOver: true });
    const clock = { now: () => simulation.clock.now() };
    const accounts = await AccountBook.open({
      documents: store.documents,
      vault: testVault(),
      now: clock.now,
    });
    const routes = await Routes.open(store.documents, accounts);
    const simulation: Simulation = new Simulation(trial, store, accounts, routes);
    onTestFinished(async () => {
      await simulation.stop();
      await store.close();
    });
    simulation.deliver();
    return simulation;
  }

  private constructor(trial: Trial, store: QueueStore, accounts: AccountBook, routes: Routes) {
    this.#trial = trial;
    this.store = store;
    this.accounts = accounts;
    this.routes = routes;
  }

  /** Begins to deliver, as a process that has just started. */
  deliver(): void {
    const { store, accounts, routes, clock } = this;
    const credentials = new CredentialSource({ accounts, now: () => clock.now() });
    this.#credentials = credentials;
    const openPool = openSmtpPool(credentials, {});
    this.#delivery = new Delivery({
      store: {
        ...this.#counted(store),
        budgets: this.#counted(store.budgets),
        documents: this.#counted(store.documents),
        watch: (watcher) => store.watch(watcher),
      },
      accounts,
      routes,
      credentials,
      clock,
      owner: "simulation",
      openPool: (...asked) => {
        const pool = openPool(...asked);
        return {
          ...pool,
          get connections() {
            return pool.connections;
          },
          send: (...sent) => this.#watch(pool.send(...sent)),
        };
      },
      onEvent: (event) => this.events.push(event),
    });
    this.#delivery.start();
  }

  /** Lets dialogues end and hands back the rest, as on SIGTERM. */
  async stop(): Promise<void> {
    const delivery = this.#delivery;
    this.#delivery = null;
    if (delivery === null) return;
    let stopped = false;
    const stopping = delivery.stop({ graceMs: 10_000 }).then(() => {
      stopped = true;
    });
    while (!stopped) {
      await this.#rest();
      if (!stopped) this.clock.advance(100);
    }
    await stopping;
    this.#credentials?.close();
  }

  /** Accepts messages; they count as promised. */
  async send(wanted: readonly Wanted[]): Promise<void> {
    for (let from = 0; from < wanted.length; from += batch) {
      const messages = wanted.slice(from, from + batch).map((one) => newMessage(this.clock.now(), one));
      await this.store.accept(messages);
      for (const { messageId, recipients } of messages) this.#trial.ledger.promise(messageId, recipients);
    }
    this.#delivery?.wake();
  }

  /** Lets so much time pass, from one moment at which something is to happen to the next; everything comes to rest in between. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.elapsed() + ms;
    for (;;) {
      await this.#rest();
      const left = end - this.clock.elapsed();
      const next = this.clock.next;
      this.clock.advance(next === null ? left : Math.min(next, left));
      if (next === null || next >= left) break;
    }
    await this.#rest();
  }

  async #rest(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns; quiet = this.#pending === 0 ? quiet + 1 : 0)
      await new Promise(setImmediate);
  }

  async #watch<Value>(work: Promise<Value>): Promise<Value> {
    this.#pending += 1;
    try {
      return await work;
    } finally {
      this.#pending -= 1;
    }
  }

  /** The same, with every call counted while it is under way. */
  #counted<Methods extends object>(of: Methods): Methods {
    return Object.fromEntries(
      Object.entries(of).map(([name, method]) => [
        name,
        typeof method === "function"
          ? (...given: readonly unknown[]) => this.#watch(method.apply(of, given) as Promise<unknown>)
          : method,
      ]),
    ) as Methods;
  }
}
