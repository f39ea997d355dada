// A node among others: tells that it is alive, and does what had to wait for older ones.
import { StoreError } from "../store.ts";
import type { Database } from "./database.ts";
import { forgetDeleted } from "./documents.ts";
import type { Migrator } from "./migrations.ts";

/** Milliseconds between two signs of life. */
const beatEvery = 5_000;
const forgetEvery = 60 * 60_000;
/** After a step that failed; milliseconds. */
const finishAgainAfter = 60_000;

export class Presence {
  readonly #database: Database;
  readonly #migrator: Migrator;
  #left: boolean;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();
  #finishing: Promise<void> | null = null;
  #finishFrom = Number.NEGATIVE_INFINITY;
  #forgetFrom = Number.NEGATIVE_INFINITY;
  #stopped = false;

  /** `left`: the migrator has steps that had to wait. */
  constructor(database: Database, migrator: Migrator, left: boolean) {
    this.#database = database;
    this.#migrator = migrator;
    this.#left = left;
    this.#beating = this.#beat();
  }

  /** A step that is under way ends with the database's connections; another node, or the next start, takes it up again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#beating;
    // A server that is away learns it from the silence.
    await this.#migrator.leave().catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const now = performance.now();
    try {
      await this.#migrator.beat();
      if (now >= this.#forgetFrom) {
        await forgetDeleted(this.#database);
        this.#forgetFrom = now + forgetEvery;
      }
    } catch (error) {
      // Whatever else it was, the next beat tries it again; that the database is away, its users hear by themselves.
      if (error instanceof StoreError && error.problem === "newer-schema") this.#database.refuse(error);
    }
    // It may take minutes, while which the node is to be known alive.
    if (this.#left && this.#finishing === null && now >= this.#finishFrom) this.#finishing = this.#finish();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat();
    }, beatEvery).unref();
  }

  async #finish(): Promise<void> {
    try {
      this.#left = (await this.#migrator.finish()).left;
    } catch {
      this.#finishFrom = performance.now() + finishAgainAfter;
    } finally {
      this.#finishing = null;
    }
  }
}
