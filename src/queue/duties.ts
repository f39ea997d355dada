// What one process does for all: by a lease in a document, and not by a session's lock, which a pooler of connections
// would take away and a connection that died unseen would keep for hours.
import type { Documents, Instant } from "./store.ts";

const kind = "duty";

export interface DutiesOptions {
  readonly documents: Documents;
  /** This process; another has another name, also when it is the same one started again. */
  readonly owner: string;
  /** By the clock that all processes go by. */
  readonly now: () => Instant;
  /** Calls once, `ms` from now; returns what calls it off. Timers of this process when absent. */
  readonly after?: (ms: number, call: () => void) => () => void;
}

/** As stored. Nobody has it when `until` is past. */
interface Lease {
  readonly owner: string;
  readonly until: Instant;
}

/** A lease is renewed when so large a part of it is over. */
const renewAt = 1 / 3;

export class Duties {
  readonly #options: DutiesOptions;
  readonly #after: NonNullable<DutiesOptions["after"]>;

  constructor(options: DutiesOptions) {
    this.#options = options;
    this.#after = options.after ?? timer;
  }

  /**
   * Does the work unless another process, or this one, is doing it: then null. The duty is kept while the work lasts,
   * and is another's `forMs` milliseconds after its process died. The signal aborts when it was lost on the way, as
   * storage could not be reached for so long: then another may be doing it too. Throws what `work` throws, and
   * StoreError when it cannot be known whose duty it is.
   */
  async do<T>(
    name: string,
    work: (signal: AbortSignal) => Promise<T>,
    { forMs }: { readonly forMs: number },
  ): Promise<T | null> {
    const taken = await this.#take(name, forMs);
    if (taken === null) return null;
    const lost = new AbortController();
    let held = taken;
    let renewing: Promise<void> = Promise.resolve();
    let callOff: () => void = () => undefined;
    const renewLater = () => {
      callOff = this.#after(forMs * renewAt, () => {
        renewing = this.#renew(name, held, forMs).then((renewed) => {
          if (renewed === null) lost.abort();
          else {
            held = renewed;
            renewLater();
          }
        });
      });
    };
    renewLater();
    try {
      return await work(lost.signal);
    } finally {
      callOff();
      await renewing;
      callOff();
      if (!lost.signal.aborted) await this.#letGo(name, held);
    }
  }

  /** The lease's body, or null when it is another's. */
  async #take(name: string, forMs: number): Promise<string | null> {
    const { documents } = this.#options;
    const body = this.#lease(forMs);
    const seen = await documents.get(kind, name);
    if (seen === null) return (await documents.insert(kind, name, body)) ? body : null;
    const { until } = JSON.parse(seen) as Lease;
    if (until > this.#options.now()) return null;
    return (await documents.replace(kind, name, seen, body)) ? body : null;
  }

  /** What is held from then on; null when it is lost. */
  async #renew(name: string, held: string, forMs: number): Promise<string | null> {
    const { documents, now } = this.#options;
    const body = this.#lease(forMs);
    try {
      if (await documents.replace(kind, name, held, body)) return body;
      // The answer to an earlier try may have been lost.
      const stored = await documents.get(kind, name);
      return stored !== null && (JSON.parse(stored) as Lease).owner === this.#options.owner ? stored : null;
    } catch {
      // While it lasts, the next try may reach storage.
      return (JSON.parse(held) as Lease).until > now() ? held : null;
    }
  }

  async #letGo(name: string, held: string): Promise<void> {
    const { documents, owner, now } = this.#options;
    const free: Lease = { owner, until: now() };
    // What cannot be let go ends by itself.
    await documents.replace(kind, name, held, JSON.stringify(free)).catch(() => false);
  }

  #lease(forMs: number): string {
    const { owner, now } = this.#options;
    const lease: Lease = { owner, until: now() + forMs };
    return JSON.stringify(lease);
  }
}

function timer(ms: number, call: () => void): () => void {
  const timeout = setTimeout(call, ms);
  return () => clearTimeout(timeout);
}
