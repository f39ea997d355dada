// One timer for a connection's many waits. Setting a deadline costs no more than writing a number.

export class Watchdog {
  readonly #period: number;
  readonly #onTime: () => void;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  /** `shortest`: the shortest wait there will be; to wake that often is often enough to meet every deadline. */
  constructor(shortest: number, onTime: () => void) {
    this.#period = shortest;
    this.#onTime = onTime;
  }

  /** From now on; replaces the deadline before. */
  set(ms: number): void {
    const now = performance.now();
    this.#deadline = now + ms;
    if (this.#timer === null) this.#arm(now);
  }

  /** Nothing is waited for. */
  rest(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** Lets go of the timer too. */
  end(): void {
    this.rest();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(now: number): void {
    this.#timer = setTimeout(this.#onTick, Math.max(1, Math.min(this.#period, this.#deadline - now)));
  }

  readonly #onTick = (): void => {
    this.#timer = null;
    if (this.#deadline === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    if (now < this.#deadline) this.#arm(now);
    else this.#onTime();
  };
}
