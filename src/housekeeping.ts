// Sees to it that what is no longer kept goes, and that the space it took goes back to the file system.
import type { Clock } from "./delivery/clock.ts";
import type { Duties } from "./queue/duties.ts";
import type { Pruned, QueueStore } from "./queue/store.ts";
import { pruneRequest, type Retention } from "./retention.ts";

/** What one run removed; `more` says that it ended at its time limit. */
export type Removed = Pruned;

export type HousekeepingEvent =
  /** Told of each run that removed something. */
  | ({ readonly type: "pruned"; readonly at: number } & Omit<Removed, "more">)
  /** What is no longer kept is still there; it is tried again with the next run. */
  | { readonly type: "housekeeping-failed"; readonly at: number; readonly reason: string };

export interface HousekeeperOptions {
  readonly store: Pick<QueueStore, "prune" | "compact">;
  readonly retention: Retention;
  readonly clock: Clock;
  /** Sees to it that one process at a time does it by itself; null where one has the storage to itself. */
  readonly duties: Pick<Duties, "do"> | null;
  readonly emit: (event: HousekeepingEvent) => void;
}

/** After a start everybody else has more urgent work. Milliseconds. */
const firstRun = 15_000;
const between = 300_000;
/** When another process takes over from one that died, or from storage that it cannot reach. Milliseconds. */
const dutyMs = 60_000;
/** A run that has more to do than this leaves the rest to the next one. Milliseconds. */
const longestRun = 60_000;
/** Messages in one commit: some milliseconds, which an acceptance may have to wait. */
const slice = 200;
/** A slice may take a third of the time at most, the pause after it the rest; a store that is busy is slow, and so is left alone for longer. */
const pauseFactor = 2;
const shortestPause = 5;

export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #callOff: (() => void) | null = null;
  #running: Promise<Removed> | null = null;
  #stopped = false;
  /** Ends the pause under way. */
  #hurry: (() => void) | null = null;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  /** Runs shortly after, and from then on every five minutes. */
  start(): void {
    this.#later(firstRun);
  }

  /**
   * Removes what is no longer kept, now; while a run is under way, that one serves. Ends after a minute at the latest.
   * @throws StoreError.
   */
  run(): Promise<Removed> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    this.#hurry?.();
    // Who asked for the run has heard what became of it.
    await this.#running?.catch(() => undefined);
  }

  #later(ms: number): void {
    if (this.#stopped) return;
    this.#callOff = this.#options.clock.after(ms, () => void this.#regular());
  }

  async #regular(): Promise<void> {
    const { clock, duties, emit } = this.#options;
    try {
      // Two at a time would do no harm: what one has removed the other does not find.
      const done =
        duties === null
          ? await this.run()
          : await duties.do("housekeeping", () => this.run(), { forMs: dutyMs });
      if (done === null) return this.#later(between);
      const { more, ...removed } = done;
      if (Object.values(removed).some((count) => count > 0))
        emit({ type: "pruned", at: clock.now(), ...removed });
      this.#later(more ? firstRun : between);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      emit({ type: "housekeeping-failed", at: clock.now(), reason });
      this.#later(between);
    }
  }

  async #round(): Promise<Removed> {
    const { store, retention, clock } = this.#options;
    const until = clock.elapsed() + longestRun;
    let removed: Removed = { contents: 0, transcripts: 0, messages: 0, idempotencyKeys: 0, more: true };
    while (removed.more && this.#mayGoOn(until)) {
      removed = sum(
        removed,
        await this.#slice(() => store.prune(pruneRequest(retention, clock.now(), slice))),
      );
    }
    for (let more = !removed.more; more && this.#mayGoOn(until); )
      more = (await this.#slice(() => store.compact())).more;
    return removed;
  }

  #mayGoOn(until: number): boolean {
    return !this.#stopped && this.#options.clock.elapsed() < until;
  }

  async #slice<T extends { readonly more: boolean }>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const began = clock.elapsed();
    const done = await work();
    if (done.more && !this.#stopped)
      await new Promise<void>((resolve) => {
        const pause = Math.max(shortestPause, (clock.elapsed() - began) * pauseFactor);
        const callOff = clock.after(pause, resolve);
        this.#hurry = () => {
          callOff();
          resolve();
        };
      });
    return done;
  }
}

function sum(one: Removed, other: Removed): Removed {
  return {
    contents: one.contents + other.contents,
    transcripts: one.transcripts + other.transcripts,
    messages: one.messages + other.messages,
    idempotencyKeys: one.idempotencyKeys + other.idempotencyKeys,
    more: other.more,
  };
}
