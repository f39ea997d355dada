// Routes: which accounts a message may leave through, in order.
import type { Documents } from "../queue/store.ts";
import type { Account } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { AccountError } from "./error.ts";
import { checkName } from "./settings.ts";

export interface Route {
  readonly name: string;
  /** Names of accounts, best first; at least one, none twice. */
  readonly accounts: readonly string[];
}

const kind = "route";

/** Like the accounts: answered from memory, written through. */
export class Routes {
  readonly #documents: Documents;
  readonly #accounts: AccountBook;
  readonly #routes = new Map<string, Route>();

  private constructor(documents: Documents, accounts: AccountBook) {
    this.#documents = documents;
    this.#accounts = accounts;
  }

  static async open(documents: Documents, accounts: AccountBook): Promise<Routes> {
    const book = new Routes(documents, accounts);
    for (const { name, body } of await documents.list(kind))
      book.#routes.set(name, JSON.parse(body) as Route);
    return book;
  }

  /** Adds a route or replaces it. Throws AccountError for an account that is not there, or a name that an account has. */
  async put(route: Route): Promise<void> {
    checkName(route.name);
    if (this.#accounts.find(route.name) !== null) {
      throw new AccountError(
        "name-taken",
        `There is an account named "${route.name}", and an account's name is a route of its own. Choose another name.`,
      );
    }
    if (route.accounts.length === 0)
      throw new AccountError("bad-route", `Route "${route.name}" names no account. Name at least one.`);
    if (new Set(route.accounts).size < route.accounts.length) {
      throw new AccountError(
        "bad-route",
        `Route "${route.name}" names an account twice. Name each once, best first.`,
      );
    }
    for (const name of route.accounts) this.#accounts.get(name);
    const { name, accounts } = route;
    await this.#documents.put(kind, name, JSON.stringify({ name, accounts }));
    this.#routes.set(name, { name, accounts });
  }

  /** By name. */
  list(): readonly Route[] {
    return [...this.#routes.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** False when there was none. */
  async remove(name: string): Promise<boolean> {
    const was = await this.#documents.delete(kind, name);
    this.#routes.delete(name);
    return was;
  }

  /**
   * The accounts of a route, or the one account of that name, or the default for null; in order, parked ones too.
   * Accounts that were removed are left out. Throws AccountError when nothing is left.
   */
  resolve(name: string | null): readonly Account[] {
    if (name === null) {
      const account = this.#accounts.default();
      if (account === null)
        throw new AccountError(
          "no-account",
          "There is no account yet. Add one with `postrider account add`.",
        );
      return [account];
    }
    const single = this.#accounts.find(name);
    if (single !== null) return [single];
    const route = this.#routes.get(name);
    const accounts = (route?.accounts ?? [])
      .map((each) => this.#accounts.find(each))
      .filter((each) => each !== null);
    if (accounts.length > 0) return accounts;
    throw new AccountError(
      "unknown-route",
      route === undefined
        ? `There is no account or route named ${JSON.stringify(name.slice(0, 100))}. Add it, or send through another.`
        : `No account of route "${name}" is left. Add one to it, or send through another.`,
    );
  }
}
