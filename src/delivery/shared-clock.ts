// The time that all nodes go by: the storage's, carried on by this machine's even clock from one look to the next.
import type { QueueStore } from "../queue/store.ts";
import { type Clock, SystemClock } from "./clock.ts";

export interface SharedClockOptions {
  readonly store: Pick<QueueStore, "time">;
  /** The machine's own clock. */
  readonly machine?: Clock;
}

/** Even clocks of two machines part by some milliseconds in that time. Milliseconds. */
const lookEvery = 30_000;
/** After a look that failed, or took too long to say much. Milliseconds. */
const lookAgain = 2_000;
/** An answer that took longer says too little. Milliseconds. */
const longestLook = 1_000;
/** What is less is a correction, and no jump: nothing that waits has to be told. Milliseconds. */
const smallestJump = 2_000;

export class SharedClock implements Clock {
  readonly #store: SharedClockOptions["store"];
  readonly #machine: Clock;
  readonly #listeners = new Set<(by: number) => void>();
  /** By how much the storage's time is ahead of the machine's even clock. */
  #offset: number;
  #callOff: () => void = () => undefined;
  readonly #unsubscribe: () => void;
  #looking = false;
  #again = false;
  #closed = false;

  private constructor(store: SharedClockOptions["store"], machine: Clock, offset: number) {
    this.#store = store;
    this.#machine = machine;
    this.#offset = offset;
    // The machine slept, or was set: the even clock may have stood still.
    this.#unsubscribe = machine.onJump(() => this.#look());
    this.#lookIn(lookEvery);
  }

  /** Null when the storage has no clock of its own, as one process holds it. @throws StoreError. */
  static async open({ store, machine = new SystemClock() }: SharedClockOptions): Promise<SharedClock | null> {
    const seen = await measure(store, machine);
    return seen === null ? null : new SharedClock(store, machine, seen.offset);
  }

  now(): number {
    return Math.round(this.#machine.elapsed() + this.#offset);
  }

  elapsed(): number {
    return this.#machine.elapsed();
  }

  after(ms: number, call: () => void): () => void {
    return this.#machine.after(ms, call);
  }

  onJump(call: (by: number) => void): () => void {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Looks no more; it goes on as it went. */
  close(): void {
    this.#closed = true;
    this.#callOff();
    this.#unsubscribe();
  }

  #lookIn(ms: number): void {
    this.#callOff();
    if (!this.#closed) this.#callOff = this.#machine.after(ms, () => this.#look());
  }

  /** One look at a time; what made another necessary meanwhile is not forgotten. */
  #look(): void {
    this.#again = this.#looking;
    if (this.#looking) return;
    this.#looking = true;
    // What cannot be asked now is asked again; claims and records tell of a storage in trouble.
    void measure(this.#store, this.#machine)
      .then(
        (seen) => seen !== null && seen.error <= longestLook / 2 && this.#follow(seen),
        () => false,
      )
      .then((good) => {
        this.#looking = false;
        if (this.#again) this.#look();
        else this.#lookIn(good ? lookEvery : lookAgain);
      });
  }

  #follow({ offset, error }: Seen): true {
    const by = offset - this.#offset;
    if (Math.abs(by) <= error) return true;
    this.#offset = offset;
    if (Math.abs(by) >= smallestJump) for (const call of this.#listeners) call(Math.round(by));
    return true;
  }
}

interface Seen {
  readonly offset: number;
  /** By how much it may be wrong, either way. Milliseconds. */
  readonly error: number;
}

async function measure(store: SharedClockOptions["store"], machine: Clock): Promise<Seen | null> {
  const asked = machine.elapsed();
  const time = await store.time();
  const answered = machine.elapsed();
  // It was read at some moment in between; the storage tells whole milliseconds.
  return time === null ? null : { offset: time - (asked + answered) / 2, error: (answered - asked) / 2 + 1 };
}
