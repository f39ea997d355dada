// Whether storage can be read and written, told within a bounded time, also when it says nothing at all.
import { type Documents, StoreError } from "./queue/store.ts";

/** What a load balancer waits for an answer, and more than storage that is of use takes. Milliseconds. */
const longest = 2_000;

export class Readiness {
  readonly #documents: Pick<Documents, "replace">;
  /** The question under way: storage that hangs is not asked again and again. */
  #asking: Promise<string | null> | null = null;

  constructor(documents: Pick<Documents, "replace">) {
    this.#documents = documents;
  }

  /** What is the matter with storage; null when all is well. Resolves within two seconds. */
  async trouble(): Promise<string | null> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    const { promise: silent, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(resolve, longest, `no answer within ${longest / 1000} s`);
    try {
      return await Promise.race([this.#asking, silent]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A write that finds nothing to change: a standby refuses it, and elsewhere it leaves no trace. */
  async #ask(): Promise<string | null> {
    try {
      await this.#documents.replace("setting", "readiness", "", "");
      return null;
    } catch (error) {
      if (error instanceof StoreError) return `${error.problem}: ${error.message}`;
      return error instanceof Error ? error.message : String(error);
    }
  }
}
