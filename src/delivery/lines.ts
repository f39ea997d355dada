// One line for each account in use, made at its first message and ended when the account changes.
import type { Account } from "../accounts/account.ts";
import { endpointsOf, limitsOf, serverNameAt } from "../accounts/limits.ts";
import type { Budgets, Shares } from "../queue/store.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import { Breaker } from "./breaker.ts";
import { Budget, type BudgetNews } from "./budget.ts";
import type { Clock } from "./clock.ts";
import { depthOf, Line } from "./line.ts";
import type { OpenPool } from "./pools.ts";
import { LineShare } from "./share.ts";
import { Way } from "./way.ts";

export interface LinesOptions {
  readonly openPool: OpenPool;
  readonly budgets: Budgets;
  /** Where other nodes send through the same accounts; `owner` names this one. */
  readonly shared: { readonly shares: Shares; readonly owner: string } | null;
  readonly clock: Clock;
  readonly onBudget: (account: Account, news: BudgetNews) => void;
  /** Something that was closed takes messages again. */
  readonly onOpen: () => void;
}

export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  readonly #retiring = new Set<Line>();
  /** By what two accounts must have in common to be unreachable together. */
  readonly #breakers = new Map<string, Breaker>();
  #opened = 0;
  #held = false;
  #shut = false;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  of(account: Account): Line {
    const existing = this.#lines.get(account.name);
    if (existing !== undefined) return existing;
    const line = this.#open(account);
    line.gate.hold(this.#held);
    if (this.#shut) line.gate.shut();
    this.#lines.set(account.name, line);
    return line;
  }

  /** The account's line, if one is open. */
  find(name: string): Line | null {
    return this.#lines.get(name) ?? null;
  }

  [Symbol.iterator](): IterableIterator<Line> {
    return this.#lines.values();
  }

  /** Those who wait are sent away; dialogues under way end in peace. */
  retire(name: string): void {
    const line = this.#lines.get(name);
    if (line === undefined) return;
    this.#lines.delete(name);
    this.#retiring.add(line);
    void line.retire().finally(() => this.#retiring.delete(line));
  }

  /** While held, nobody begins a dialogue. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    for (const line of this.#lines.values()) line.gate.hold(held);
  }

  /** The clock was set otherwise by so many milliseconds. */
  shift(by: number): void {
    for (const breaker of this.#breakers.values()) breaker.shift(by);
    for (const line of this.#lines.values()) line.shift(by);
  }

  /** Storage has followed the clock. */
  reconsider(): void {
    for (const line of this.#lines.values()) line.budget.reconsider();
  }

  /** Sends away all who wait for their turn, and all who come. */
  shut(): void {
    this.#shut = true;
    for (const line of this.#lines.values()) line.gate.shut();
  }

  /** Cuts dialogues that are still under way, and closes every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values(), ...this.#retiring].map((line) => line.cut()));
    this.#lines.clear();
  }

  #open(account: Account): Line {
    const { openPool, budgets, shared, clock, onBudget, onOpen } = this.#options;
    const limits = limitsOf(account);
    const { connections, reservedConnections, messagesPerConnection, keepAliveMs } = limits;
    const depth = depthOf(limits);
    return new Line({
      account,
      limits,
      onOpen,
      share: (on) => {
        if (shared === null) return null;
        // One that is retiring counts beside the one that takes its place.
        const owner = `${shared.owner}#${++this.#opened}`;
        return new LineShare({ shares: shared.shares, account: account.name, owner, clock, limits, on });
      },
      ways: endpointsOf(account).map(
        (endpoint) =>
          new Way({
            account,
            endpoint,
            limits: { connections, reserved: reservedConnections, messagesPerConnection, keepAliveMs, depth },
            breaker: this.#breakerOf(account, endpoint),
            openPool,
          }),
      ),
      budget: (gate) =>
        new Budget({
          account: account.name,
          limits,
          store: budgets,
          clock,
          onRoom: () => gate().admit(),
          onSpent: (who) => gate().turnAway(who),
          onReopen: onOpen,
          onNews: (news) => onBudget(account, news),
        }),
    });
  }

  #breakerOf(account: Account, endpoint: Endpoint): Breaker {
    const { ca, proxy } = account;
    const key = JSON.stringify([endpoint, serverNameAt(account, endpoint), ca, proxy]);
    const known = this.#breakers.get(key);
    if (known !== undefined) return known;
    const breaker = new Breaker();
    this.#breakers.set(key, breaker);
    return breaker;
  }
}
