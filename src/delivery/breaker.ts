// The circuit breaker of one endpoint: after failures nothing is tried for a while, then one message tries for all.
import type { Verdict } from "../causes/verdict.ts";
import { restMs } from "./rest.ts";

export interface Down {
  /** Nothing is tried before. */
  readonly until: number;
  readonly verdict: Verdict;
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

  /** Since when it fails and why; null when closed. While half-open, `until` has passed. */
  get down(): Down | null {
    return this.#down;
  }

  /** Whether somebody may try now; whoever does says so by `begin`, and what came of it by `passed` or `failed`. */
  allows(now: number): boolean {
    return this.#down === null || (this.#down.until <= now && !this.#probing);
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
    this.#down = { until: now + rest, verdict };
    return first;
  }

  /** Somebody has mended something: begin anew. */
  reset(): void {
    this.#failures = 0;
    this.#down = null;
    this.#probing = false;
  }

  /** The clock was set otherwise by so many milliseconds. */
  shift(by: number): void {
    this.#failedAt += by;
    if (this.#down !== null) this.#down = { ...this.#down, until: this.#down.until + by };
  }
}
