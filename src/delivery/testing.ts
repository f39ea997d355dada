// For tests of delivery: time that stands still until it is told to go on.
import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** What is due at once is called in the next turn of the loop, as it would be on a real clock. */
  after(ms: number, call: () => void): () => void {
    if (ms <= 0) {
      const turn = setImmediate(call);
      return () => clearImmediate(turn);
    }
    const timer = { at: this.#now + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes on by `ms`, calling what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers]
        .filter((timer) => timer.at <= end)
        .sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
    this.#now = end;
  }

  /** Milliseconds until the next timer; null when there is none. */
  get next(): number | null {
    const times = [...this.#timers].map((timer) => timer.at - this.#now);
    return times.length === 0 ? null : Math.min(...times);
  }
}
