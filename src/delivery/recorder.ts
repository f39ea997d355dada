// Writes outcomes to the store: all that are ready at a moment in one commit, and again until they are kept.
import type { AttemptRecord, QueueStore } from "../queue/store.ts";
import type { Clock } from "./clock.ts";

export interface RecorderOptions {
  readonly store: Pick<QueueStore, "record">;
  readonly clock: Clock;
  /** Called when storing begins to fail: nothing may be handed over until `onRecovered`. */
  readonly onTrouble: (error: unknown) => void;
  readonly onRecovered: () => void;
  /** Called when `unrecorded` has changed. */
  readonly onCount?: () => void;
}

interface Entry {
  readonly record: AttemptRecord;
  readonly settle: (applied: boolean) => void;
}

/** The first pause after a failed write, and the longest; each is twice the one before. Milliseconds. */
const firstPause = 250;
const longestPause = 15_000;

/**
 * What it holds is bounded by what is in flight: while the store fails, nothing more is handed over, so nothing more
 * comes out.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  #waiting: Entry[] = [];
  #writing = false;
  #pause = 0;
  #callOff: (() => void) | null = null;
  #unrecorded = 0;
  #abandoned = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Resolves once it is on stable storage: false when the lease was lost, and it changed nothing. */
  record(record: AttemptRecord): Promise<boolean> {
    this.#count(1);
    return new Promise((settle) => {
      this.#waiting.push({ record, settle });
      // After this turn of the loop, so that outcomes that arrive together are written together.
      if (!this.#writing) {
        this.#writing = true;
        setImmediate(() => void this.#write());
      }
    });
  }

  /** How many outcomes are not on stable storage yet. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  /** Gives up: what is not stored stays so, and is tried again after its lease has run out. */
  abandon(): void {
    this.#abandoned = true;
    this.#callOff?.();
    for (const { settle } of this.#waiting.splice(0)) settle(false);
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const answers = await this.#options.store.record(batch.map((entry) => entry.record));
        if (this.#pause > 0) {
          this.#pause = 0;
          this.#options.onRecovered();
        }
        this.#count(-batch.length);
        batch.forEach(({ settle }, at) => {
          settle(answers[at]?.applied ?? false);
        });
      } catch (error) {
        this.#waiting = [...batch, ...this.#waiting];
        if (this.#abandoned) this.abandon();
        else this.#later(error);
        return;
      }
    }
    this.#writing = false;
  }

  #count(change: number): void {
    this.#unrecorded += change;
    this.#options.onCount?.();
  }

  #later(error: unknown): void {
    if (this.#pause === 0) this.#options.onTrouble(error);
    this.#pause = Math.min(this.#pause === 0 ? firstPause : this.#pause * 2, longestPause);
    this.#callOff = this.#options.clock.after(this.#pause, () => {
      this.#callOff = null;
      void this.#write();
    });
  }
}
