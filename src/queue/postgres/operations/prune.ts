// Retention: removes what is no longer kept, a bounded part at a time.
import { budgetWindows, lastUncounted } from "../../budget.ts";
import { keeps, keptCombinations } from "../../progress.ts";
import type { Instant, Pruned, PruneRequest } from "../../store.ts";
import type { Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { sql } from "../sql.ts";

/** Bytes of content that one call removes at most (one message may have more): others' commits share the disk. */
const maxBytes = 16 * 1024 * 1024;

export function prune({ database }: Engine, request: PruneRequest): Promise<Pruned> {
  return database.transaction(async (session) => {
    const pruning = new Pruning(session, request.limit);
    const messages = await pruning.messages(request.messageBefore);
    const contents = await pruning.contents(request.contentBefore);
    const transcripts = await pruning.transcripts(request.transcriptBefore);
    const idempotencyKeys = await pruning.idempotencyKeys(request.idempotencyBefore);
    if (!pruning.more) await removeOldBuckets(session, request.now);
    return { contents, transcripts, messages, idempotencyKeys, more: pruning.more };
  });
}

interface Finished {
  readonly at: Instant;
  readonly message: number;
  readonly size: number;
}

class Pruning {
  readonly #session: Session;
  #left: number;
  #bytesLeft = maxBytes;

  constructor(session: Session, limit: number) {
    this.#session = session;
    this.#left = limit;
  }

  get more(): boolean {
    return this.#left <= 0;
  }

  async messages(before: Instant): Promise<number> {
    let removed = 0;
    for (const kept of keptCombinations) {
      const found = await this.#finished(kept, before);
      if (found.length === 0) continue;
      const seqs = found.map(({ message }) => message);
      await Promise.all([
        this.#session.rows(sql.deleteFinished, [found.map(({ at }) => at), seqs]),
        this.#session.rows(sql.deleteContent, [seqs]),
        this.#session.rows(sql.deleteAttempts, [seqs]),
        this.#session.rows(sql.deleteRecipients, [seqs]),
        this.#session.rows(sql.deleteMessages, [seqs]),
      ]);
      removed += found.length;
    }
    return removed;
  }

  async contents(before: Instant): Promise<number> {
    let removed = 0;
    for (const kept of keptCombinations) {
      if ((kept & keeps.content) === 0) continue;
      const found = await this.#finished(kept, before);
      if (found.length === 0) continue;
      const seqs = found.map(({ message }) => message);
      removed += (await this.#session.rows(sql.deleteContentsTold, [seqs])).length;
      await this.#keepOnly(kept - keeps.content, kept, found);
    }
    return removed;
  }

  async transcripts(before: Instant): Promise<number> {
    let removed = 0;
    for (const kept of keptCombinations) {
      if ((kept & keeps.transcripts) === 0) continue;
      const found = await this.#finished(kept, before);
      if (found.length === 0) continue;
      const seqs = found.map(({ message }) => message);
      removed += (await this.#session.rows(sql.deleteTranscripts, [seqs])).length;
      await this.#keepOnly(kept - keeps.transcripts, kept, found);
    }
    return removed;
  }

  async idempotencyKeys(before: Instant): Promise<number> {
    if (this.more) return 0;
    const removed = (await this.#session.rows(sql.deleteIdempotency, [before, this.#left])).length;
    this.#left -= removed;
    return removed;
  }

  /** Finished messages of which so much is kept, the oldest first, within the bounds of the call. */
  async #finished(kept: number, before: Instant): Promise<readonly Finished[]> {
    if (this.more) return [];
    const found: Finished[] = [];
    for (const one of await this.#session.rows<Finished>(sql.finishedBefore, [kept, before, this.#left])) {
      if ((kept & keeps.content) !== 0) this.#bytesLeft -= one.size;
      found.push(one);
      this.#left = this.#bytesLeft > 0 ? this.#left - 1 : 0;
      if (this.more) break;
    }
    return found;
  }

  async #keepOnly(kept: number, before: number, found: readonly Finished[]): Promise<void> {
    await this.#session.rows(sql.keepLess, [
      kept,
      before,
      found.map(({ at }) => at),
      found.map(({ message }) => message),
    ]);
  }
}

/** Buckets that lie behind every window, of accounts that send no more. */
async function removeOldBuckets(session: Session, now: Instant): Promise<void> {
  await session.rows(sql.deleteSpentUntil, [
    budgetWindows.map((_, span) => span),
    budgetWindows.map((window) => lastUncounted(window, now)),
  ]);
}
