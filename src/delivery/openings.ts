// For which routes mail is claimed now: what cannot go stays in the queue, in its order, and costs nothing there.
import { AccountError } from "../accounts/accounts.ts";
import type { ResolvedRoute, Routes } from "../accounts/routes.ts";
import type { Lane } from "../messages/lanes.ts";
import type { Closed, Line } from "./line.ts";
import type { Lines } from "./lines.ts";

export interface OpeningsOptions {
  readonly routes: Routes;
  readonly lines: Lines;
  readonly now: () => number;
}

/** Routes that nothing is claimed for. */
export interface Shutters {
  /** As messages name them; null for the default account. */
  readonly except: readonly (string | null)[];
  /** When the first of them opens by itself; null when none does. */
  readonly opensAt: number | null;
  /** Lines that have as much in hand as they can use. */
  readonly full: readonly Line[];
}

const open: Shutters = { except: [], opensAt: null, full: [] };

/** Until when a route takes nothing, or the line that is full. */
type Shut = { readonly until: number } | { readonly full: Line };

export class Openings {
  readonly #options: OpeningsOptions;

  constructor(options: OpeningsOptions) {
    this.#options = options;
  }

  /** For messages of this lane; `normal` stands for bulk as well. */
  shutters(lane: "urgent" | "normal"): Shutters {
    const { routes, lines } = this.#options;
    const shut = new Set<string>();
    for (const line of lines) if (this.#shutLine(line, lane) !== null) shut.add(line.account.name);
    if (shut.size === 0) return open;
    // Each claim asks: only the routes that such an account is part of are looked at.
    const touched = routes.list().filter(({ accounts }) => accounts.some((account) => shut.has(account)));
    const except: (string | null)[] = [];
    const full = new Set<Line>();
    let opensAt: number | null = null;
    for (const name of [null, ...shut, ...touched.map((route) => route.name)]) {
      const found = this.#shut(name, lane);
      if (found === null) continue;
      except.push(name);
      if ("full" in found) full.add(found.full);
      else opensAt = Math.min(opensAt ?? found.until, found.until);
    }
    return { except, opensAt, full: [...full] };
  }

  /** Whether no account of the route takes a message of this lane now. */
  isClosed(route: string | null, lane: Lane): boolean {
    const shut = this.#shut(route, lane === "urgent" ? "urgent" : "normal");
    return shut !== null && "until" in shut;
  }

  #shut(name: string | null, lane: "urgent" | "normal"): Shut | null {
    const route = this.#resolve(name);
    if (route === null) return null;
    let until: number | null = null;
    let takes = false;
    for (const account of route.accounts) {
      if (account.parked !== null) continue;
      const line = this.#options.lines.find(account.name);
      const shut = line === null ? null : this.#shutLine(line, lane);
      // Shares are drawn message by message: while one account has its hands full, the others wait for the draw too.
      if (shut !== null && "full" in shut) return shut;
      if (shut === null) takes = true;
      else until = Math.min(until ?? shut.until, shut.until);
      if (route.weighted) continue;
      if (takes) return null;
      // What other nodes have a part in is theirs to send, not the next account's.
      if (shut?.kind === "elsewhere") break;
      // Nothing goes past an account whose budget is waited for; those before it may open earlier.
      if (shut?.kind === "spent" && route.onBudget === "wait") break;
    }
    // Where shares are drawn, what is drawn for another account must not wait for this one's budget.
    return takes || until === null ? null : { until };
  }

  #shutLine(line: Line, lane: "urgent" | "normal"): Closed | { readonly full: Line } | null {
    const closed = line.closed(lane, this.#options.now());
    if (closed !== null) return closed;
    // Urgent mail has places of its own in hand.
    return lane === "normal" && line.full ? { full: line } : null;
  }

  /** Null when there is no such route: its mail is claimed, and told why it cannot go. */
  #resolve(name: string | null): ResolvedRoute | null {
    try {
      return this.#options.routes.resolve(name);
    } catch (error) {
      if (error instanceof AccountError) return null;
      throw error;
    }
  }
}
