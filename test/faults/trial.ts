// One trial of a claim: a data directory, the ledger, and a way to wait for what is counted.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Ledger } from "./ledger.ts";
import { soak } from "./soak.ts";

interface Waiting {
  readonly look: () => boolean;
  readonly give: (error: Error | null) => void;
}

/** Much longer than anything here takes on a busy machine; milliseconds. */
const patience = soak ? 3_600_000 : 90_000;

export class Trial {
  /** Empty, and gone when the test ends. */
  readonly directory: string;
  readonly ledger = new Ledger();
  readonly #waiting = new Set<Waiting>();
  #failure: Error | null = null;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "postrider-faults-"));
    // Registered first, so that it happens last: everything that writes there is gone by then.
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  /** Something that is waited for may have happened. */
  changed(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.look()) continue;
      this.#waiting.delete(waiting);
      waiting.give(null);
    }
  }

  /** Something is wrong that makes waiting vain. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of [...this.#waiting]) {
      this.#waiting.delete(waiting);
      waiting.give(error);
    }
  }

  /** Resolves when it holds; looks after everything that a peer took and that an application said. */
  until(what: string, holds: () => boolean): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        look: holds,
        give(error) {
          clearTimeout(timer);
          if (error === null) resolve();
          else reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        const { promised, delivered, missing, doubles } = this.ledger;
        const counts = `${promised} promised, ${delivered} delivered, ${missing.length} missing, ${doubles} doubled`;
        reject(
          new Error(
            `in ${patience} ms it did not come about that ${what}: ${counts}; ${missing.slice(0, 5)}`,
          ),
        );
      }, patience);
      this.#waiting.add(waiting);
    });
  }

  /** Resolves when every recipient that was promised a message has it. */
  untilComplete(): Promise<void> {
    return this.until("everything that was accepted is delivered", () => this.ledger.complete);
  }
}
