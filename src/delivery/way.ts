// One endpoint of one account: its connections, its addresses, its circuit breaker.
import type { Account } from "../accounts/account.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { SendOptions, SendResult } from "../smtp/client.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Envelope } from "../smtp/options.ts";
import type { Breaker } from "./breaker.ts";
import type { Addresses, OpenPool, Pool, PoolLimits, PoolSize } from "./pools.ts";

/** Dialogues under way end in so long, however slow the server. Milliseconds. */
const longestDialogue = 60 * 60_000;

/** Addresses of one name that are remembered as failing; more than any provider has. */
const mostAvoided = 64;

export interface WayOptions {
  readonly account: Account;
  readonly endpoint: Endpoint;
  readonly limits: PoolLimits;
  /** Shared with other accounts at the same endpoint. */
  readonly breaker: Breaker;
  readonly openPool: OpenPool;
}

export class Way {
  readonly endpoint: Endpoint;
  readonly breaker: Breaker;
  /** Whether a message has passed since the last failure: until then one goes ahead of the others. */
  proven = false;
  /** Dialogues under way. */
  trying = 0;
  readonly #options: WayOptions;
  #size: PoolSize;
  #pool: Pool | null = null;
  /** Those that were dismissed, while something is under way there. */
  readonly #leaving = new Set<Pool>();
  /** Addresses that failed since a message passed. */
  readonly #failing = new Set<string>();
  #found: readonly string[] = [];

  constructor(options: WayOptions) {
    this.#options = options;
    this.#size = options.limits;
    this.endpoint = options.endpoint;
    this.breaker = options.breaker;
  }

  async send(envelope: Envelope, content: Uint8Array, options: SendOptions): Promise<SendResult> {
    const { account, limits, openPool } = this.#options;
    this.#pool ??= openPool(account, this.endpoint, { ...limits, ...this.#size }, this.#addresses);
    this.trying += 1;
    try {
      return await this.#pool.send(envelope, content, options);
    } finally {
      this.trying -= 1;
    }
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#sum(({ connections }) => connections);
  }

  /** Those that are being opened included. */
  get taken(): number {
    return this.#sum(({ taken }) => taken);
  }

  /** So many connections from now on; what stands beyond them ends when nothing is under way there. */
  resize(size: PoolSize): void {
    this.#size = size;
    this.#pool?.resize(size);
  }

  /** Ends every connection when nothing is under way there; resolves when all have ended. The next message opens new ones. */
  async dismiss(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    if (pool === null) return;
    this.#leaving.add(pool);
    await pool.close({ graceMs: longestDialogue });
    this.#leaving.delete(pool);
  }

  passed(): void {
    this.proven = true;
    this.#failing.clear();
  }

  /** Another node found that it fails. */
  unproven(): void {
    this.proven = false;
  }

  /** The endpoint failed at `peer` (`192.0.2.1:465`; null when none was reached). Whether it has an address that has not failed. */
  failed(peer: string | null): boolean {
    this.proven = false;
    if (peer === null || this.#failing.size >= mostAvoided) return false;
    this.#failing.add(peer.slice(0, peer.lastIndexOf(":")).replace(/^\[|\]$/g, ""));
    return this.#found.some((address) => !this.#failing.has(address));
  }

  /** Lets dialogues under way end, for `graceMs` at most, and closes every connection. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#pool, ...this.#leaving].map((pool) => pool?.close({ graceMs })));
  }

  #sum(count: (pool: Pool) => number): number {
    let sum = this.#pool === null ? 0 : count(this.#pool);
    for (const pool of this.#leaving) sum += count(pool);
    return sum;
  }

  readonly #addresses: Addresses = {
    avoid: (address) => this.#failing.has(address),
    found: (addresses) => {
      this.#found = addresses;
    },
  };
}

/** Where the failure is the whole endpoint's, so that another way may serve: it came before the first word about a message. */
export function isOfOpening({ scope, certainty, stage, reply }: Verdict): boolean {
  if (scope !== "endpoint" || certainty !== "not-accepted") return false;
  return reply?.code === 421 || openingStages.has(stage);
}

const openingStages: ReadonlySet<Verdict["stage"]> = new Set([
  "resolve",
  "connect",
  "proxy",
  "greeting",
  "ehlo",
  "starttls",
  "tls",
  "auth",
]);
