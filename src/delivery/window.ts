// A rate within any span of a given length: not by the clock's seconds, which would allow twice as many around a full one.

/** Remembers when the last `limit` tokens were spent; times are those of an evenly going clock, in milliseconds. */
export class SlidingWindow {
  readonly limit: number;
  readonly #lengthMs: number;
  readonly #times: Float64Array;
  /** Where the oldest stands, and so where the next goes. */
  #at = 0;

  constructor(limit: number, lengthMs: number) {
    this.limit = limit;
    this.#lengthMs = lengthMs;
    this.#times = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  }

  /** Milliseconds until one token can be spent and `kept` are left; 0 when it can be now. */
  wait(elapsed: number, kept = 0): number {
    const needed = this.#times[(this.#at + kept) % this.limit]!;
    return Math.max(0, needed + this.#lengthMs - elapsed);
  }

  spend(elapsed: number): void {
    this.#times[this.#at] = elapsed;
    this.#at = (this.#at + 1) % this.limit;
  }

  /** How many were spent within the span that ends now. */
  spent(elapsed: number): number {
    return this.#times.reduce((sum, time) => sum + (time > elapsed - this.#lengthMs ? 1 : 0), 0);
  }
}
