// How each account stands: whether mail leaves through it now, and what it may still send.
import type { Account } from "./accounts/account.ts";
import type { AccountBook } from "./accounts/accounts.ts";
import { limitsOf } from "./accounts/limits.ts";
import type { Verdict } from "./causes/verdict.ts";
import { low } from "./delivery/budget.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { AccountState } from "./delivery/states.ts";
import { keptForUrgent } from "./queue/budget.ts";
import type { Budgets, BudgetWindow, Spent } from "./queue/store.ts";

/** What an account may send within a window that ends now. */
export interface BudgetStanding {
  readonly window: BudgetWindow;
  readonly limit: number;
  /** Taken parcels included: what is set aside for messages on their way. */
  readonly spent: number;
  /** The part of the limit that only urgent mail may spend. */
  readonly keptForUrgent: number;
  /** Whether nine tenths of it are spent. */
  readonly nearEnd: boolean;
}

export interface EndpointStanding {
  /** `host:port`. */
  readonly endpoint: string;
  /** Since it fails: nothing is tried there before `until`. */
  readonly down: { readonly until: number; readonly verdict: Verdict } | null;
}

/** What is the matter with an account, the gravest first. */
export type AccountCondition =
  /** At fault, until a person mends it. */
  | { readonly state: "parked"; readonly since: number; readonly verdict: Verdict }
  /** No endpoint of it answers. */
  | { readonly state: "down"; readonly until: number; readonly verdict: Verdict }
  /** It met a limit. */
  | { readonly state: "rests"; readonly until: number; readonly verdict: Verdict | null }
  | { readonly state: "good" };

export interface AccountStanding {
  readonly name: string;
  readonly condition: AccountCondition;
  readonly endpoints: readonly EndpointStanding[];
  /** What minute, hour and day count. */
  readonly unit: "messages" | "recipients";
  /** Messages; null for no limit. */
  readonly perSecond: number | null;
  /** Messages a minute, since its provider complained about the rate; null when it did not. */
  readonly slowedTo: number | null;
  readonly budgets: readonly BudgetStanding[];
  /** Messages that wait for it in this process, or are being handed over. */
  readonly inHand: number;
  readonly connections: {
    readonly open: number;
    readonly limit: number;
    readonly keptForUrgent: number;
  };
}

export interface StandingOptions {
  readonly accounts: Pick<AccountBook, "list" | "get">;
  readonly budgets: Pick<Budgets, "spent">;
  readonly delivery: Pick<Delivery, "accountStates">;
  /** The time by the clock that all who send go by. */
  readonly now: () => number;
}

export class Standings {
  readonly #options: StandingOptions;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** By name. @throws StoreError. */
  list(): Promise<readonly AccountStanding[]> {
    return this.#standings(() => true);
  }

  /** @throws AccountError when there is no such account; StoreError. */
  async get(name: string): Promise<AccountStanding> {
    this.#options.accounts.get(name);
    const [standing] = await this.#standings((state) => state.name === name);
    return standing!;
  }

  async #standings(wanted: (state: AccountState) => boolean): Promise<readonly AccountStanding[]> {
    const { accounts, budgets, delivery, now: time } = this.#options;
    const states = delivery.accountStates().filter(wanted);
    return Promise.all(
      states.map(async (state) => {
        const account = accounts.get(state.name);
        const now = time();
        const { perMinute, perHour, perDay } = limitsOf(account);
        const unlimited = perMinute === null && perHour === null && perDay === null;
        const spent = unlimited ? null : await budgets.spent(account.name, now);
        return standingOf(account, state, spent, now);
      }),
    );
  }
}

function standingOf(
  account: Account,
  state: AccountState,
  spent: Spent | null,
  now: number,
): AccountStanding {
  const limits = limitsOf(account);
  const windows = { minute: limits.perMinute, hour: limits.perHour, day: limits.perDay };
  return {
    name: account.name,
    condition: conditionOf(account, state, now),
    endpoints: state.endpoints,
    unit: limits.unit,
    perSecond: limits.perSecond,
    slowedTo: state.slowedTo,
    budgets: spent === null ? [] : budgetsOf(windows, spent, limits.urgentShare),
    inHand: state.inHand,
    connections: {
      open: state.connections,
      limit: limits.connections,
      keptForUrgent: limits.reservedConnections,
    },
  };
}

function conditionOf(account: Account, state: AccountState, now: number): AccountCondition {
  if (account.parked !== null)
    return { state: "parked", since: account.parked.at, verdict: account.parked.verdict };
  const downs = state.endpoints.map(({ down }) => down);
  if (downs.length > 0 && downs.every((down) => down !== null)) {
    const first = downs.reduce((one, other) => (one.until <= other.until ? one : other));
    return { state: "down", until: first.until, verdict: first.verdict };
  }
  return state.restsUntil !== null && state.restsUntil > now
    ? { state: "rests", until: state.restsUntil, verdict: state.restVerdict }
    : { state: "good" };
}

function budgetsOf(
  limits: Readonly<Record<BudgetWindow, number | null>>,
  spent: Spent,
  urgentShare: number,
): readonly BudgetStanding[] {
  return (["minute", "hour", "day"] as const).flatMap((window) => {
    const limit = limits[window];
    if (limit === null) return [];
    const { all } = spent[window];
    return [
      {
        window,
        limit,
        spent: all,
        keptForUrgent: keptForUrgent(limit, urgentShare),
        nearEnd: all >= limit * low,
      },
    ];
  });
}
