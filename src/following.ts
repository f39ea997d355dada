// Hears what other processes do to the same storage: keeps what is in memory like what is stored, and passes work on.
import type { Clock } from "./delivery/clock.ts";
import type { QueueStore } from "./queue/store.ts";

type Changed = readonly { readonly kind: string; readonly name: string }[] | null;

export interface FollowingOptions {
  readonly store: Pick<QueueStore, "watch">;
  /** Takes over documents that have changed; null stands for any. What it throws is tried again. */
  readonly takeOver: (changed: Changed) => Promise<void>;
  /** Something may be due that was not known of. */
  readonly onWork: () => void;
  readonly clock: Pick<Clock, "after">;
}

/** Storage that could not be read a moment ago. Milliseconds. */
const tryAgain = 500;
/** Documents that are read one by one; where more have changed, all are read at once. */
const mostNamed = 100;

export class Following {
  readonly #options: FollowingOptions;
  #unwatch: (() => void) | null = null;
  /** What has changed and is not read yet; null stands for any. */
  #pending: Changed = [];
  #reading = false;
  #callOff: (() => void) | null = null;
  #closed = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  /** From now on; what was written since memory was filled is taken over as well. */
  start(): void {
    const { store, onWork } = this.#options;
    this.#unwatch = store.watch({ onWork, onDocuments: (changed) => this.#heard(changed) });
    this.#heard(null);
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#callOff?.();
  }

  #heard(changed: Changed): void {
    const known = this.#pending;
    this.#pending =
      changed === null || known === null || known.length + changed.length > mostNamed
        ? null
        : [...known, ...changed];
    if (!this.#reading && this.#callOff === null) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (!this.#closed && this.#pending?.length !== 0) {
      const changed = this.#pending;
      this.#pending = [];
      try {
        await this.#options.takeOver(changed);
      } catch {
        // Whoever writes or sends meets the same trouble, and tells of it.
        this.#pending = null;
        this.#later();
        break;
      }
    }
    this.#reading = false;
  }

  #later(): void {
    if (this.#closed) return;
    this.#callOff = this.#options.clock.after(tryAgain, () => {
      this.#callOff = null;
      void this.#read();
    });
  }
}
