// One line for each account in use, made at its first message and ended when the account changes.
import type { Account } from "../accounts/account.ts";
import { endpointsOf, limitsOf, serverNameAt } from "../accounts/limits.ts";
import type { Budgets, Shares } from "../queue/store.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import { Breaker } from "./breaker.ts";
import { Budget, type BudgetNews } from "./budget.ts";
import type { Clock } from "./clock.ts";
import {
  accountCondition,
  type Condition,
  type ConditionName,
  type Conditions,
  endpointCondition,
} from "./conditions.ts";
import { depthOf, Line } from "./line.ts";
import type { OpenPool } from "./pools.ts";
import { LineShare } from "./share.ts";
import { Way } from "./way.ts";

export interface LinesOptions {
  readonly openPool: OpenPool;
  readonly budgets: Budgets;
  /** What is known of accounts and endpoints beyond this process and its time. */
  readonly conditions: Conditions;
  /** Names this process to the others. */
  readonly owner: string;
  /** Null where no other node sends through the same accounts. */
  readonly shares: Shares | null;
  readonly clock: Clock;
  readonly onBudget: (account: Account, news: BudgetNews) => void;
  /** Something that was closed takes messages again. */
  readonly onOpen: () => void;
}

export interface Known {
  readonly rest: Condition | null;
  /** For each endpoint of the account, best first. */
  readonly downs: readonly (Condition | null)[];
}

export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  readonly #retiring = new Set<Line>();
  /** By what accounts have in common that cannot be reached together. */
  readonly #breakers = new Map<ConditionName, Breaker>();
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
    const rest = this.#options.conditions.find(accountCondition(account.name));
    if (rest?.key === loginOf(account)) line.adoptRest(rest, this.#options.clock.now());
    return line;
  }

  /** A person says that it should go: what was held against the account and its endpoints is forgotten, by every node. */
  forgive(account: Account): void {
    this.of(account).forgive();
  }

  /** Another node has learned something of an account or an endpoint, or this one before it was started again. */
  adopt(name: ConditionName, condition: Condition | null): void {
    const now = this.#options.clock.now();
    for (const line of this.#lines.values()) {
      if (accountCondition(line.account.name) !== name) continue;
      if (condition === null || condition.key === loginOf(line.account)) line.adoptRest(condition, now);
    }
    const breaker = this.#breakers.get(name);
    if (breaker === undefined || !breaker.adopt(condition, this.#leftUntil(condition))) return;
    for (const line of this.#lines.values())
      for (const way of line.ways) if (way.breaker === breaker) line.breakerAdopted(breaker, way, now);
  }

  /** What is known of the account holds no more: it is another now. */
  forget(name: string): void {
    this.#options.conditions.passed(accountCondition(name));
  }

  /** The account's line, if one is open. */
  find(name: string): Line | null {
    return this.#lines.get(name) ?? null;
  }

  [Symbol.iterator](): IterableIterator<Line> {
    return this.#lines.values();
  }

  /** What stands against an account that nothing was sent through here, as others found out. */
  known(account: Account): Known {
    const { conditions } = this.#options;
    const rest = conditions.find(accountCondition(account.name));
    return {
      rest: rest?.key === loginOf(account) ? rest : null,
      downs: endpointsOf(account).map((endpoint) =>
        conditions.find(endpointCondition(reachOf(account, endpoint))),
      ),
    };
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
    const { openPool, budgets, conditions, shares, clock, onBudget, onOpen } = this.#options;
    const condition = accountCondition(account.name);
    const limits = limitsOf(account);
    const { connections, reservedConnections, messagesPerConnection, keepAliveMs } = limits;
    const depth = depthOf(limits);
    return new Line({
      account,
      limits,
      onOpen,
      onRest: (setback) => {
        if (setback === null) conditions.passed(condition);
        else conditions.began(condition, loginOf(account), setback);
      },
      share: (on) => {
        if (shares === null) return null;
        // One that is retiring counts beside the one that takes its place.
        const owner = `${this.#options.owner}#${++this.#opened}`;
        return new LineShare({ shares, account: account.name, owner, clock, limits, on });
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
    const key = reachOf(account, endpoint);
    const name = endpointCondition(key);
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const { conditions } = this.#options;
    const breaker = new Breaker({
      changed: (setback) => {
        if (setback === null) conditions.passed(name);
        else conditions.began(name, key, setback);
      },
      mayAsk: () => conditions.mayAsk(name),
    });
    const condition = conditions.find(name);
    if (condition !== null) breaker.adopt(condition, this.#leftUntil(condition));
    this.#breakers.set(name, breaker);
    return breaker;
  }

  /** Until when another node asks. */
  #leftUntil(condition: Condition | null): number {
    const probe = condition?.probe ?? null;
    return probe === null || probe.owner === this.#options.owner ? Number.NEGATIVE_INFINITY : probe.until;
  }
}

/** What accounts have in common that cannot be reached together. */
function reachOf(account: Account, endpoint: Endpoint): string {
  const { ca, proxy } = account;
  return JSON.stringify([endpoint, serverNameAt(account, endpoint), ca, proxy]);
}

/** What a provider's limits are those of: another login under the same name has met none of them. */
function loginOf({ endpoint, username }: Account): string {
  return JSON.stringify([endpoint, username]);
}
