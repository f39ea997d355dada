// Time as delivery sees it, so that tests can hold it still, and set it.
export interface Clock {
  /** Milliseconds since 1970, UTC. Somebody may set it, ahead or back. */
  now(): number;
  /** Milliseconds since some moment; goes on evenly, whatever becomes of `now`. */
  elapsed(): number;
  /** Calls once, `ms` from now; returns what calls it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls with the milliseconds, negative for back, by which `now` went otherwise than `elapsed`; returns what ends the calls. */
  onJump(call: (by: number) => void): () => void;
}

/** Beyond this setTimeout fires at once. */
const longestTimer = 2_147_483_647;

/** Nothing tells that the clock was set, or that the machine slept: somebody has to look. Milliseconds. */
const lookEvery = 5_000;
/** What clocks are corrected by in normal running is less. Milliseconds. */
const smallestJump = 2_000;

export class SystemClock implements Clock {
  readonly #listeners = new Set<(by: number) => void>();
  /** By how much the wall's time was ahead of the even one when last compared. */
  #offset = Date.now() - performance.now();
  #looking: NodeJS.Timeout | null = null;

  /** Also compares: what is set ahead and back again between two looks has not gone unseen while anybody used it. */
  now(): number {
    const now = Date.now();
    const by = now - performance.now() - this.#offset;
    if (Math.abs(by) >= smallestJump) this.#jumped(by);
    return now;
  }

  elapsed(): number {
    return performance.now();
  }

  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestTimer));
    return () => clearTimeout(timer);
  }

  onJump(call: (by: number) => void): () => void {
    this.#listeners.add(call);
    this.#looking ??= setInterval(() => this.#look(), lookEvery).unref();
    return () => {
      this.#listeners.delete(call);
      if (this.#listeners.size > 0 || this.#looking === null) return;
      clearInterval(this.#looking);
      this.#looking = null;
    };
  }

  #look(): void {
    this.now();
    // What clocks are corrected by, little by little, is no jump.
    this.#offset = Date.now() - performance.now();
  }

  #jumped(by: number): void {
    this.#offset += by;
    // Not in the middle of what asked for the time.
    queueMicrotask(() => {
      for (const call of this.#listeners) call(Math.round(by));
    });
  }
}
