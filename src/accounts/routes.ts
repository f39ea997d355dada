// Routes: which accounts a message may leave through, in which order, and for which messages.
import { isDeepStrictEqual } from "node:util";
import type { Documents } from "../queue/store.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { AccountError } from "./error.ts";
import { checkedRule, fitness, type RouteRule, type Unrouted } from "./route-rule.ts";
import { checkName } from "./settings.ts";
import { weightedOrder } from "./weighted.ts";

export type { RouteRule } from "./route-rule.ts";

export interface Route {
  readonly name: string;
  /** Names of accounts, best first; at least one, none twice. */
  readonly accounts: readonly string[];
  /** One for each account: how large its share of the messages is. Null: all go to the first that takes them. */
  readonly weights: readonly number[] | null;
  /** What it means that an account's budget is spent: its mail waits for it, or goes on to the next account. */
  readonly onBudget: "wait" | "next";
  /** Which messages leave by this route though they name none; null: only those that name it. */
  readonly when: RouteRule | null;
}

/** A route as a person gives it: what is left out is null, and `onBudget` is `next`. */
export type RouteInput = Pick<Route, "name" | "accounts"> & {
  readonly [Field in "weights" | "onBudget" | "when"]?: Route[Field] | undefined;
};

/** What a message leaves through. */
export interface ResolvedRoute {
  /** In the order in which they are tried; at least one; parked ones too. */
  readonly accounts: readonly Account[];
  readonly onBudget: "wait" | "next";
  /** Whether the order was drawn, or would be for a message: the shares follow weights. */
  readonly weighted: boolean;
}

const kind = "route";
const accountKind = "account";
const mostAccounts = 100;
const largestWeight = 1_000_000;

/** Like the accounts: answered from memory, stored before it is seen, and taken over from other processes by `reload`. */
export class Routes {
  readonly #documents: Documents;
  readonly #accounts: AccountBook;
  readonly #routes = new Map<string, Route>();
  /** The end of the last write: what is read of another's writing never stands for less than was written here. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(documents: Documents, accounts: AccountBook) {
    this.#documents = documents;
    this.#accounts = accounts;
  }

  static async open(documents: Documents, accounts: AccountBook): Promise<Routes> {
    const book = new Routes(documents, accounts);
    for (const { name, body } of await documents.list(kind)) {
      book.#routes.set(name, stored(body));
    }
    return book;
  }

  /** Takes over what other processes have written: these documents, or whatever has changed for null. Whether anything had. */
  reload(changed: readonly { readonly kind: string; readonly name: string }[] | null): Promise<boolean> {
    return this.#exclusive(async () => {
      let any = false;
      if (changed === null) {
        const found = new Map((await this.#documents.list(kind)).map(({ name, body }) => [name, body]));
        for (const name of new Set([...this.#routes.keys(), ...found.keys()]))
          any = this.#takeOver(name, found.get(name) ?? null) || any;
      } else {
        for (const { name } of changed.filter((each) => each.kind === kind))
          any = this.#takeOver(name, await this.#documents.get(kind, name)) || any;
      }
      return any;
    });
  }

  /** Adds a route or replaces it. Throws AccountError for an account that is not there, or a name that an account has. */
  async put(input: RouteInput): Promise<Route> {
    checkName(input.name);
    const { name } = input;
    if (this.#accounts.find(name) !== null) throw nameOfAccount(name);
    const route = checked(completed(input));
    for (const account of route.accounts) this.#accounts.get(account);
    const body = JSON.stringify(route);
    return this.#exclusive(async () => {
      // A route comes whole in place of another, whatever that was: there is nothing of another's writing to keep.
      const added = await this.#documents.insert(kind, name, body);
      if (!added) await this.#documents.put(kind, name, body);
      // An account of that name may have come in between; whoever looks last finds the other.
      if (added && (await this.#documents.get(accountKind, name)) !== null) {
        await this.#documents.delete(kind, name);
        throw nameOfAccount(name);
      }
      this.#routes.set(name, route);
      return route;
    });
  }

  /** By name. */
  list(): readonly Route[] {
    return [...this.#routes.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** False when there was none. */
  remove(name: string): Promise<boolean> {
    return this.#exclusive(async () => {
      const was = await this.#documents.delete(kind, name);
      this.#routes.delete(name);
      return was;
    });
  }

  /** What another process has stored; whether it is news. */
  #takeOver(name: string, body: string | null): boolean {
    const [before, after] = [this.#routes.get(name) ?? null, body === null ? null : stored(body)];
    if (isDeepStrictEqual(before, after)) return false;
    if (after === null) this.#routes.delete(name);
    else this.#routes.set(name, after);
    return true;
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /**
   * The accounts of a route, or the one account of that name, or the default for null; in order, parked ones too.
   * Where the route has weights, the message's id draws the order, the same each time; without an id it is the declared
   * one. Accounts that were removed are left out. Throws AccountError when nothing is left.
   */
  resolve(name: string | null, id?: string): ResolvedRoute {
    if (name === null) {
      const account = this.#accounts.default();
      if (account === null)
        throw new AccountError(
          "no-account",
          "There is no account yet. Add one with `postrider account add`.",
        );
      return { accounts: [account], onBudget: "wait", weighted: false };
    }
    const single = this.#accounts.find(name);
    if (single !== null) return { accounts: [single], onBudget: "wait", weighted: false };
    const route = this.#routes.get(name);
    const accounts = (route === undefined ? [] : ordered(route, id))
      .map((each) => this.#accounts.find(each))
      .filter((each) => each !== null);
    if (route !== undefined && accounts.length > 0)
      return { accounts, onBudget: route.onBudget, weighted: route.weights !== null };
    throw new AccountError(
      "unknown-route",
      route === undefined
        ? `There is no account or route named ${JSON.stringify(name.slice(0, 100))}. Add it, or send through another.`
        : `No account of route "${name}" is left. Add one to it, or send through another.`,
    );
  }

  /** The name of the route whose rule fits a message best, by name where two fit as well; null when none does. */
  select(message: Unrouted): string | null {
    let best: { readonly name: string; readonly fit: number } | null = null;
    for (const { name, when } of this.#routes.values()) {
      const fits = when === null ? null : fitness(when, message);
      if (fits === null) continue;
      if (best === null || fits > best.fit || (fits === best.fit && name < best.name))
        best = { name, fit: fits };
    }
    return best?.name ?? null;
  }
}

/** What is missing in those of the first version has the meaning that it has in an input. */
function stored(body: string): Route {
  return completed(JSON.parse(body) as RouteInput);
}

function nameOfAccount(name: string): AccountError {
  return new AccountError(
    "name-taken",
    `There is an account named "${name}", and an account's name is a route of its own. Choose another name.`,
  );
}

function completed({ name, accounts, weights, onBudget, when }: RouteInput): Route {
  return { name, accounts, weights: weights ?? null, onBudget: onBudget ?? "next", when: when ?? null };
}

function ordered({ accounts, weights }: Route, id: string | undefined): readonly string[] {
  if (weights === null || id === undefined) return accounts;
  return weightedOrder(
    accounts.map((name, index) => ({ name, weight: weights[index] ?? 1 })),
    id,
  );
}

/** Throws AccountError `bad-route`. */
function checked(route: Route): Route {
  const { name, accounts, weights, onBudget, when } = route;
  const refuse = (problem: string) => new AccountError("bad-route", `Route "${name}": ${problem}.`);
  if (accounts.length === 0) throw refuse("it names no account. Name at least one");
  if (accounts.length > mostAccounts)
    throw refuse(`it names ${accounts.length} accounts; ${mostAccounts} are allowed`);
  const twice = accounts.find((account, index) => accounts.indexOf(account) < index);
  if (twice !== undefined) throw refuse(`it names account "${twice}" twice. Name each once, best first`);
  if (weights !== null) checkWeights(weights, accounts, refuse);
  if (onBudget !== "wait" && onBudget !== "next")
    throw refuse(`onBudget is wait or next, not ${JSON.stringify(onBudget).slice(0, 100)}`);
  return { name, accounts, weights, onBudget, when: when === null ? null : checkedRule(when, refuse) };
}

function checkWeights(
  weights: readonly number[],
  accounts: readonly string[],
  refuse: (problem: string) => AccountError,
): void {
  if (weights.length !== accounts.length)
    throw refuse(
      `it has ${accounts.length} ${accounts.length === 1 ? "account" : "accounts"} and ${weights.length} ${weights.length === 1 ? "weight" : "weights"}. Give one weight for each account, or none at all`,
    );
  const wrong = weights.findIndex(
    (weight) => !Number.isInteger(weight) || weight < 1 || weight > largestWeight,
  );
  if (wrong >= 0)
    throw refuse(
      `the weight of account "${accounts[wrong]}" is ${JSON.stringify(weights[wrong])}; it has to be a whole number from 1 to ${largestWeight}`,
    );
}
