// For tests of delivery: time that stands still until it is told to go on.
import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  #now: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();
  readonly #jumpListeners = new Set<(by: number) => void>();

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** What is due at once is called in the next turn of the loop, as it would be on a real clock. Timers go by whole milliseconds. */
  after(ms: number, call: () => void): () => void {
    if (ms <= 0) {
      const turn = setImmediate(call);
      return () => clearImmediate(turn);
    }
    const timer = { at: this.#elapsed + Math.ceil(ms), call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  onJump(call: (by: number) => void): () => void {
    this.#jumpListeners.add(call);
    return () => this.#jumpListeners.delete(call);
  }

  /** Somebody sets the clock: no time passes. */
  jump(by: number): void {
    this.#now += by;
    for (const call of this.#jumpListeners) call(by);
  }

  /** Goes on by `ms`, calling what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const [next] = [...this.#timers]
        .filter((timer) => timer.at <= end)
        .sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#go(Math.max(this.#elapsed, next.at));
      next.call();
    }
    this.#go(end);
  }

  /** Milliseconds until the next timer; null when there is none. */
  get next(): number | null {
    const times = [...this.#timers].map((timer) => timer.at - this.#elapsed);
    return times.length === 0 ? null : Math.min(...times);
  }

  #go(elapsed: number): void {
    this.#now += elapsed - this.#elapsed;
    this.#elapsed = elapsed;
  }
}
