// One endpoint of one account: its connections, its addresses, its circuit breaker.
import type { Account } from "../accounts/account.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { SendOptions, SendResult } from "../smtp/client.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Envelope } from "../smtp/options.ts";
import type { Breaker } from "./breaker.ts";
import type { Addresses, OpenPool, Pool, PoolLimits } from "./pools.ts";

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
  #pool: Pool | null = null;
  /** Addresses that failed since a message passed. */
  readonly #failing = new Set<string>();
  #found: readonly string[] = [];

  constructor(options: WayOptions) {
    this.#options = options;
    this.endpoint = options.endpoint;
    this.breaker = options.breaker;
  }

  async send(envelope: Envelope, content: Uint8Array, options: SendOptions): Promise<SendResult> {
    const { account, limits, openPool } = this.#options;
    this.#pool ??= openPool(account, this.endpoint, limits, this.#addresses);
    this.trying += 1;
    try {
      return await this.#pool.send(envelope, content, options);
    } finally {
      this.trying -= 1;
    }
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#pool?.connections ?? 0;
  }

  passed(): void {
    this.proven = true;
    this.#failing.clear();
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
    await this.#pool?.close({ graceMs });
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
