// Outcomes on their way in: what a broken commit may have kept is known again when it is tried anew.
import type { AttemptRecord } from "../store.ts";
import type { Engine } from "./engine.ts";
import { isPassing } from "./failure.ts";
import { record } from "./operations/record.ts";

export class Recording {
  readonly #engine: Engine;
  /** Leases of records whose commit broke off. Those who write outcomes write them until they are kept, so it empties again. */
  readonly #doubtful = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async record(records: readonly AttemptRecord[]): ReturnType<typeof record> {
    const again = this.#doubtful.size > 0 && records.some(({ lease }) => this.#doubtful.has(lease));
    try {
      const answer = await record(this.#engine, records, again);
      if (again) for (const { lease } of records) this.#doubtful.delete(lease);
      return answer;
    } catch (error) {
      if (isPassing(error)) for (const { lease } of records) this.#doubtful.add(lease);
      throw error;
    }
  }
}
