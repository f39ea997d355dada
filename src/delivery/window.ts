// A rate within any span of a given length: not by the clock's seconds, which would allow twice as many around a full one.

/** Remembers when the last tokens were spent, as many as it was made for; times are those of an evenly going clock, in milliseconds. */
export class SlidingWindow {
  #limit: number;
  readonly #lengthMs: number;
  readonly #times: Float64Array;
  /** Where the oldest stands, and so where the next goes. */
  #at = 0;

  /** `limit`: 1 or more. */
  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
    this.#times = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  }

  /** Tokens within the span; from 0 to as many as it was made for. What is spent counts against a new one as well. */
  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = Math.min(limit, this.#times.length);
  }

  /** Milliseconds until one token can be spent and `kept` are left; 0 when it can be now. */
  wait(elapsed: number, kept = 0): number {
    if (kept >= this.#limit) return this.#lengthMs;
    // So many of the last ones may lie within the span.
    const size = this.#times.length;
    const needed = this.#times[(this.#at - (this.#limit - kept) + size) % size]!;
    return Math.max(0, needed + this.#lengthMs - elapsed);
  }

  spend(elapsed: number): void {
    this.#times[this.#at] = elapsed;
    this.#at = (this.#at + 1) % this.#times.length;
  }

  /** How many were spent within the span that ends now. */
  spent(elapsed: number): number {
    return this.#times.reduce((sum, time) => sum + (time > elapsed - this.#lengthMs ? 1 : 0), 0);
  }
}
