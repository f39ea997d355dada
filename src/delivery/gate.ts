// Lets in as many at a time as there is room for, the urgent lane first, with a place kept for it.
import { type Lane, lanes } from "../messages/lanes.ts";

export class Gate {
  #size: number;
  #taken = 0;
  #shut = false;
  #held = false;
  readonly #waiting: Readonly<Record<Lane, ((admitted: boolean) => void)[]>> = {
    urgent: [],
    normal: [],
    bulk: [],
  };

  readonly #emptied: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Resolves with true when it is this one's turn; whoever got true calls `leave` once. False when the gate was shut.
   * The last place is for the urgent lane alone, unless it is the only one.
   */
  enter(lane: Lane): Promise<boolean> {
    if (this.#shut) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting[lane].push(resolve);
      this.#admit();
    });
  }

  leave(): void {
    this.#taken -= 1;
    this.#admit();
    if (this.#taken === 0) for (const tell of this.#emptied.splice(0)) tell();
  }

  /** Resolves when nobody is inside. */
  empty(): Promise<void> {
    if (this.#taken === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  /** At least 1. Those inside stay; a smaller gate admits nobody until enough have left. */
  resize(size: number): void {
    this.#size = size;
    this.#admit();
  }

  /** While held, nobody is admitted. */
  hold(held: boolean): void {
    this.#held = held;
    this.#admit();
  }

  /** Sends away all who wait, and all who come. */
  shut(): void {
    this.#shut = true;
    for (const lane of lanes) for (const tell of this.#waiting[lane].splice(0)) tell(false);
  }

  #admit(): void {
    if (this.#held) return;
    for (const lane of lanes) {
      const room = lane === "urgent" || this.#size === 1 ? this.#size : this.#size - 1;
      while (this.#taken < room) {
        const tell = this.#waiting[lane].shift();
        if (tell === undefined) break;
        this.#taken += 1;
        tell(true);
      }
    }
  }
}
