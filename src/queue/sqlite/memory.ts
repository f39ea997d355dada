// What is known of the database without asking it, as nobody else writes to it.
import { Counts } from "./counts.ts";
import type { Statements } from "./statements.ts";
import { Streams } from "./streams.ts";

export class Memory {
  readonly streams: Streams;
  readonly counts: Counts;
  readonly #statements: Statements;
  #anySuppression: boolean | null = null;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.streams = new Streams(statements);
    this.counts = new Counts(statements);
  }

  /** False only when the suppression list is empty. */
  get anySuppression(): boolean {
    this.#anySuppression ??= this.#statements.anySuppression.get() !== undefined;
    return this.#anySuppression;
  }

  suppressionsChanged(): void {
    this.#anySuppression = null;
  }

  /** A transaction was undone: the database may say something else now. */
  forget(): void {
    this.streams.forget();
    this.counts.forget();
    this.suppressionsChanged();
  }
}
