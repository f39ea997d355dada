// One account's way out: its connections, who may use them, and whether it rests.
import type { Account } from "../accounts/account.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { SendOptions, SendResult } from "../smtp/client.ts";
import type { Envelope } from "../smtp/options.ts";
import { Gate } from "./gate.ts";
import { restMs } from "./rest.ts";

/** What a line sends through; `SmtpPool` is one. */
export interface Pool {
  send(envelope: Envelope, content: Uint8Array, options?: SendOptions): Promise<SendResult>;
  /** Lets dialogues under way end, for `graceMs` at most, and closes every connection. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

export interface LineOptions {
  readonly account: Account;
  readonly pool: Pool;
  /** Messages handed over at a time. */
  readonly size: number;
  /** Recipients in one transaction. */
  readonly recipientsPerMessage: number;
}

export interface Resting {
  readonly until: number;
  readonly verdict: Verdict;
}

/**
 * Until a first message has passed, and after each failure, one message at a time goes ahead of the others: a wrong
 * password is tried once and not on every connection, and an endpoint that is down is asked by one.
 */
export class Line {
  readonly account: Account;
  readonly gate = new Gate(1);
  readonly recipientsPerMessage: number;
  /** Whether a server refused an access token that should have been good, and no message has passed since. */
  tokenRefused = false;
  /** Its account has changed since, or nothing leaves any more: what it still learns concerns no one. */
  retired = false;
  readonly #pool: Pool;
  readonly #size: number;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #resting: Resting | null = null;

  constructor(options: LineOptions) {
    this.account = options.account;
    this.recipientsPerMessage = options.recipientsPerMessage;
    this.#pool = options.pool;
    this.#size = options.size;
  }

  send(envelope: Envelope, content: Uint8Array, options: SendOptions): Promise<SendResult> {
    return this.#pool.send(envelope, content, options);
  }

  /** Null when it may be used. */
  resting(now: number): Resting | null {
    return this.#resting !== null && this.#resting.until > now ? this.#resting : null;
  }

  /** The server took a message, or refused one for reasons of its own: the line works. */
  passed(): void {
    this.#failures = 0;
    this.#resting = null;
    this.tokenRefused = false;
    this.gate.resize(this.#size);
  }

  /** The account or its endpoint failed at `now`, in a dialogue that began at `startedAt`. Dialogues that ran side by side count as one failure. */
  failed(verdict: Verdict, startedAt: number, now: number): void {
    if (startedAt >= this.#failedAt) this.#failures += 1;
    this.#failedAt = now;
    this.gate.resize(1);
    const rest = restMs(verdict, this.#failures);
    if (rest > 0) this.#resting = { until: now + rest, verdict };
  }

  /** Sends away all who wait, lets dialogues under way end, and closes every connection. */
  async retire(): Promise<void> {
    this.retired = true;
    this.gate.shut();
    await this.gate.empty();
    await this.#pool.close({ graceMs: 0 });
  }

  /** Cuts dialogues under way as well. */
  async cut(): Promise<void> {
    this.gate.shut();
    await this.#pool.close({ graceMs: 0 });
  }
}
