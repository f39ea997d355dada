// How each account stands: whether mail leaves through it now, and what it may still send.
import type { Account } from "./accounts/account.ts";
import type { AccountBook } from "./accounts/accounts.ts";
import { limitsOf } from "./accounts/limits.ts";
import type { Verdict } from "./causes/verdict.ts";
import type { Delivery } from "./delivery/delivery.ts";
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
}

type DeliveryState = ReturnType<Delivery["accountStates"]>[number];

/** What part of a limit is spent when its end is near. */
const nearEnd = 0.9;

export class Standings {
  readonly #options: StandingOptions;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** By name. @throws StoreError. */
  list(): Promise<readonly AccountStanding[]> {
    const { accounts } = this.#options;
    return Promise.all(accounts.list().map((account) => this.#standing(account)));
  }

  /** @throws AccountError when there is no such account; StoreError. */
  get(name: string): Promise<AccountStanding> {
    return this.#standing(this.#options.accounts.get(name));
  }

  async #standing(account: Account): Promise<AccountStanding> {
    const { budgets, delivery } = this.#options;
    const limits = limitsOf(account);
    const { perSecond, perMinute, perHour, perDay, unit, urgentShare, connections, reservedConnections } =
      limits;
    const windows = { minute: perMinute, hour: perHour, day: perDay };
    const now = Date.now();
    const spent = Object.values(windows).some((limit) => limit !== null)
      ? await budgets.spent(account.name, now)
      : null;
    const state = delivery.accountStates().find(({ name }) => name === account.name);
    return {
      name: account.name,
      condition: conditionOf(account, state, now),
      endpoints: state?.endpoints ?? [],
      unit,
      perSecond,
      budgets: spent === null ? [] : budgetsOf(windows, spent, urgentShare),
      inHand: state?.inHand ?? 0,
      connections: {
        open: state?.connections ?? 0,
        limit: connections,
        keptForUrgent: reservedConnections,
      },
    };
  }
}

function conditionOf(account: Account, state: DeliveryState | undefined, now: number): AccountCondition {
  if (account.parked !== null)
    return { state: "parked", since: account.parked.at, verdict: account.parked.verdict };
  if (state === undefined) return { state: "good" };
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
        nearEnd: all >= limit * nearEnd,
      },
    ];
  });
}

/** As storage counts it. */
function keptForUrgent(limit: number, share: number): number {
  return share > 0 && limit >= 2 ? Math.max(1, Math.floor(limit * share)) : 0;
}
