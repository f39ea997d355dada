// What is sent after a server said "too fast": half of what it was, and slowly more again.

const minute = 60_000;
const buckets = 60;
const bucketMs = minute / buckets;
/** By how much a minute without complaint raises the rate. */
const growth = 1.5;

/** Times are those of an evenly going clock, in milliseconds. */
export class Throttle {
  /** Sent in each second of the last minute, by the second's number modulo 60. */
  readonly #counts = new Uint32Array(buckets);
  #second = 0;
  /** Messages a minute; null when nobody complained. */
  #rate: number | null = null;
  /** The rate at which the server complained. */
  #complainedAt = 0;
  #changedAt = 0;
  #lastSent = Number.NEGATIVE_INFINITY;

  sent(elapsed: number): void {
    this.#roll(elapsed);
    this.#counts[this.#second % buckets]! += 1;
    this.#lastSent = elapsed;
  }

  /** The server complained. Complaints that come together count as one. */
  slow(elapsed: number): void {
    this.#roll(elapsed);
    if (this.#rate !== null && elapsed - this.#changedAt < bucketMs) return;
    const sent = this.#counts.reduce((sum, count) => sum + count, 0);
    const now = this.#rate === null ? sent : Math.min(sent, this.#rate);
    this.#complainedAt = Math.max(now, 1);
    this.#rate = Math.max(1, Math.floor(now / 2));
    this.#changedAt = elapsed;
  }

  /** Milliseconds until the next one may go. */
  wait(elapsed: number): number {
    this.#recover(elapsed);
    return this.#rate === null ? 0 : Math.max(0, this.#lastSent + minute / this.#rate - elapsed);
  }

  /** Messages a minute; null for as many as the limits allow. */
  rate(elapsed: number): number | null {
    this.#recover(elapsed);
    return this.#rate;
  }

  #recover(elapsed: number): void {
    while (this.#rate !== null && elapsed - this.#changedAt >= minute) {
      this.#changedAt += minute;
      const raised = Math.ceil(this.#rate * growth);
      // Twice what it complained about without a complaint: it was a bad hour.
      this.#rate = raised >= 2 * this.#complainedAt ? null : raised;
    }
  }

  #roll(elapsed: number): void {
    const second = Math.floor(elapsed / bucketMs);
    if (second - this.#second >= buckets) this.#counts.fill(0);
    else for (let at = this.#second + 1; at <= second; at += 1) this.#counts[at % buckets] = 0;
    this.#second = second;
  }
}
