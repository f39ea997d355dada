// The circuit breaker of one endpoint: after failures nothing is tried for a while, then one message tries for all.
import type { Verdict } from "../causes/verdict.ts";
import type { Setback } from "./conditions.ts";
import { restMs } from "./rest.ts";

export interface Down {
  /** Nothing is tried before. */
  readonly until: number;
  readonly verdict: Verdict;
}

/** What the breaker has in common with those of other nodes. */
export interface BreakerListener {
  /** It opened, or opened for longer; null when it closed. Not told of what was adopted. */
  changed(setback: Setback | null): void;
  /** Whether this node may ask before all others. */
  mayAsk(): Promise<boolean>;
}

/**
 * Closed: everybody may try. Open: nobody may, until an instant. Then half-open: one may, and closes it, or opens it for
 * longer. Shared by all accounts at the endpoint: a host that cannot be reached cannot be reached by any of them.
 */
export class Breaker {
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #down: Down | null = null;
  #probing = false;
  #leftUntil = Number.NEGATIVE_INFINITY;
  readonly #listener: BreakerListener | null;

  constructor(listener: BreakerListener | null = null) {
    this.#listener = listener;
  }

  /** Until when it is left to another node to ask; past when it is not. */
  get leftUntil(): number {
    return this.#leftUntil;
  }

  /** Since when it fails and why; null when closed. While half-open, `until` has passed. */
  get down(): Down | null {
    return this.#down;
  }

  /** Whether somebody may try now; whoever does says so by `begin`, and what came of it by `passed` or `failed`. */
  allows(now: number): boolean {
    return this.#down === null || (Math.max(this.#down.until, this.#leftUntil) <= now && !this.#probing);
  }

  /** Called by whom it allows, before `begin`: whether this node is the one to ask, where it is to be asked by one. */
  async mayAsk(): Promise<boolean> {
    if (this.#down === null || this.#listener === null) return true;
    this.#probing = true;
    const may = await this.#listener.mayAsk();
    if (!may) this.#probing = false;
    return may;
  }

  /** What another node has learned, or this one before it was started again; null when it has passed. `leftUntil`: another node asks. Whether that is news. */
  adopt(setback: Setback | null, leftUntil: number): boolean {
    const was = this.#down;
    if (setback === null) {
      this.#close();
      return was !== null;
    }
    const { failures, failedAt, until, verdict } = setback;
    this.#failures = Math.max(this.#failures, failures);
    this.#failedAt = Math.max(this.#failedAt, failedAt);
    this.#leftUntil = leftUntil;
    if (was === null || until > was.until) this.#down = { until, verdict };
    return this.#down !== was;
  }

  /** Called by whom it allows, before trying; the returned function afterwards, whatever was learned. */
  begin(): () => void {
    if (this.#down === null) return () => undefined;
    this.#probing = true;
    return () => {
      this.#probing = false;
    };
  }

  /** Whether it failed later than at that instant: a dialogue that began then says nothing of how it is now. */
  failedSince(startedAt: number): boolean {
    return this.#failures > 0 && this.#failedAt > startedAt;
  }

  /** The endpoint answered. Whether it had been down. */
  passed(): boolean {
    const was = this.#down !== null;
    this.reset();
    return was;
  }

  /** It failed at `now`, in a dialogue that began at `startedAt`; those that ran side by side count as one. Whether it is down just now for the first time. */
  failed(verdict: Verdict, startedAt: number, now: number): boolean {
    this.#probing = false;
    if (startedAt >= this.#failedAt) this.#failures += 1;
    this.#failedAt = now;
    const rest = restMs(verdict, this.#failures);
    if (rest === 0) return false;
    const first = this.#down === null;
    const until = now + rest;
    this.#down = { until, verdict };
    this.#listener?.changed({ failures: this.#failures, failedAt: now, until, verdict });
    return first;
  }

  /** Somebody has mended something: begin anew. */
  reset(): void {
    const was = this.#down !== null;
    this.#close();
    if (was) this.#listener?.changed(null);
  }

  /** The clock was set otherwise by so many milliseconds. */
  shift(by: number): void {
    this.#failedAt += by;
    this.#leftUntil += by;
    if (this.#down !== null) this.#down = { ...this.#down, until: this.#down.until + by };
  }

  #close(): void {
    this.#failures = 0;
    this.#down = null;
    this.#probing = false;
    this.#leftUntil = Number.NEGATIVE_INFINITY;
  }
}
