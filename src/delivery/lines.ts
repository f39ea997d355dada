// One line for each account in use, made at its first message and ended when the account changes.
import type { Account } from "../accounts/account.ts";
import { Line, type Pool } from "./line.ts";

/** RFC 5321 §4.5.3.1.8: what every server takes. */
const recipientsEverywhere = 100;
/** Few enough for every provider that says nothing. */
const connectionsUnsaid = 5;
/** SendGrid allows 10,000; each costs a handshake that this process has to compute, and more no longer make it faster. */
const mostConnections = 50;

/** What an account may do at a time, as far as its provider says. */
export interface LineLimits {
  readonly concurrentConnections?: number | undefined;
  readonly messagesPerConnection?: number | undefined;
  readonly recipientsPerMessage?: number | undefined;
}

export type OpenPool = (
  account: Account,
  limits: { readonly connections: number; readonly messagesPerConnection: number | null },
) => Pool;

export class Lines {
  readonly #openPool: OpenPool;
  readonly #limits: (account: Account) => LineLimits;
  readonly #lines = new Map<string, Line>();
  readonly #retiring = new Set<Line>();
  #held = false;
  #shut = false;

  constructor(openPool: OpenPool, limits: (account: Account) => LineLimits) {
    this.#openPool = openPool;
    this.#limits = limits;
  }

  of(account: Account): Line {
    const existing = this.#lines.get(account.name);
    if (existing !== undefined) return existing;
    const limits = this.#limits(account);
    const connections = Math.min(limits.concurrentConnections ?? connectionsUnsaid, mostConnections);
    const line = new Line({
      account,
      pool: this.#openPool(account, {
        connections,
        messagesPerConnection: limits.messagesPerConnection ?? null,
      }),
      size: connections,
      recipientsPerMessage: limits.recipientsPerMessage ?? recipientsEverywhere,
    });
    line.gate.hold(this.#held);
    if (this.#shut) line.gate.shut();
    this.#lines.set(account.name, line);
    return line;
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
}
