// Requests on their way in: what comes while a commit is under way shares the next one, and a failing server is waited for.
import { bytesOf, createRoom, defaultRoom } from "../room.ts";
import { type Accepted, StoreError } from "../store.ts";
import type { Engine } from "./engine.ts";
import { isPassing } from "./failure.ts";
import { acceptTogether, type Request } from "./operations/accept.ts";

interface Waiting {
  readonly request: Request;
  readonly resolve: (answer: readonly Accepted[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Commits under way at a time: while one waits for the disk, the next is made ready. */
const mostCommits = 2;
/** In one commit at most; a request that is larger goes alone. */
const mostMessages = 500;
const mostBytes = 8 * 1024 * 1024;
/** How long a request waits for a server that fails over, milliseconds; then it is refused, and the caller knows. */
const patience = 8_000;
const firstPause = 100;
const longestPause = 1_000;

export class Accepting {
  readonly #engine: Engine;
  readonly #waiting: Waiting[] = [];
  /** Beyond it, who comes waits for room. */
  readonly #room = createRoom(defaultRoom);
  #commits = 0;
  #closing: { readonly done: Promise<void>; readonly resolve: () => void } | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async accept(request: Request): Promise<readonly Accepted[]> {
    const bytes = bytesOf(request);
    const room = this.#room.take(bytes);
    if (room !== null) await room;
    try {
      return await this.#queued(request);
    } finally {
      this.#room.give(bytes);
    }
  }

  #queued(request: Request): Promise<readonly Accepted[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      // After this turn of the loop, so that requests that arrive together are written together.
      if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** Takes nothing more; resolves when everybody has an answer. */
  close(): Promise<void> {
    if (this.#closing === null) {
      const { promise: done, resolve } = Promise.withResolvers<void>();
      this.#closing = { done, resolve };
      this.#room.close(new StoreError("closed", "The queue is closed."));
      this.#commit();
    }
    return this.#closing.done;
  }

  #commit(): void {
    while (this.#waiting.length > 0 && this.#commits < mostCommits) {
      const batch = this.#next();
      this.#commits += 1;
      void this.#write(batch).finally(() => {
        this.#commits -= 1;
        this.#commit();
      });
    }
    if (this.#commits === 0) this.#closing?.resolve();
  }

  #next(): readonly Waiting[] {
    let messages = 0;
    let bytes = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      messages += request.length;
      bytes += bytesOf(request);
      if (count > 0 && (messages > mostMessages || bytes > mostBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#untilAnswered(batch.map(({ request }) => request));
      for (const [i, answer] of answers.entries()) {
        if (answer.status === "fulfilled") batch[i]!.resolve(answer.value);
        else batch[i]!.reject(answer.reason);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Whether a commit that broke off was made is found out by the next try: so the answer is true, also after a failover. */
  async #untilAnswered(
    requests: readonly Request[],
  ): Promise<readonly PromiseSettledResult<readonly Accepted[]>[]> {
    const until = performance.now() + patience;
    for (let pause = firstPause, again = false; ; pause = Math.min(pause * 2, longestPause), again = true) {
      try {
        return await acceptTogether(this.#engine, requests, again);
      } catch (error) {
        if (!isPassing(error) || performance.now() + pause >= until) throw error;
        await this.#engine.pause(pause);
      }
    }
  }
}
