// Retention: removes what is no longer kept, a bounded part at a time.
import { budgetWindows, lastUncounted } from "../../budget.ts";
import { keeps, keptCombinations } from "../../progress.ts";
import type { Instant, Pruned, PruneRequest } from "../../store.ts";
import type { Engine } from "../statements.ts";

/** Bytes of content that one call removes at most (one message may have more): they are overwritten, and others wait. */
const maxBytes = 16 * 1024 * 1024;

export function prune(engine: Engine, request: PruneRequest): Pruned {
  const pruning = new Pruning(engine, request.limit);
  const messages = pruning.messages(request.messageBefore);
  const contents = pruning.contents(request.contentBefore);
  const transcripts = pruning.transcripts(request.transcriptBefore);
  const idempotencyKeys = pruning.idempotencyKeys(request.idempotencyBefore);
  if (!pruning.more) removeOldBuckets(engine, request.now);
  return { contents, transcripts, messages, idempotencyKeys, more: pruning.more };
}

class Pruning {
  readonly #engine: Engine;
  #left: number;
  #bytesLeft = maxBytes;

  constructor(engine: Engine, limit: number) {
    this.#engine = engine;
    this.#left = limit;
  }

  get more(): boolean {
    return this.#left <= 0;
  }

  messages(before: Instant): number {
    const { statements } = this.#engine;
    let removed = 0;
    for (const kept of keptCombinations) {
      for (const { at, seq } of this.#finished(kept, before)) {
        statements.deleteFinished.run(kept, at, seq);
        statements.deleteContent.run(seq);
        statements.deleteAttempts.run(seq);
        statements.deleteRecipients.run(seq);
        statements.deleteMessage.run(seq);
        removed++;
      }
    }
    return removed;
  }

  contents(before: Instant): number {
    let removed = 0;
    for (const kept of keptCombinations) {
      if ((kept & keeps.content) === 0) continue;
      for (const { at, seq } of this.#finished(kept, before)) {
        removed += Number(this.#engine.statements.deleteContent.run(seq).changes);
        this.#keepOnly(kept - keeps.content, kept, at, seq);
      }
    }
    return removed;
  }

  transcripts(before: Instant): number {
    let removed = 0;
    for (const kept of keptCombinations) {
      if ((kept & keeps.transcripts) === 0) continue;
      for (const { at, seq } of this.#finished(kept, before)) {
        removed += Number(this.#engine.statements.deleteTranscripts.run(seq).changes);
        this.#keepOnly(kept - keeps.transcripts, kept, at, seq);
      }
    }
    return removed;
  }

  idempotencyKeys(before: Instant): number {
    if (this.more) return 0;
    const removed = Number(this.#engine.statements.deleteIdempotency.run(before, this.#left).changes);
    this.#left -= removed;
    return removed;
  }

  /** Finished messages of which so much is kept, the oldest first, within the bounds of the call. */
  *#finished(kept: number, before: Instant): Iterable<{ readonly at: Instant; readonly seq: number }> {
    if (this.more) return;
    const { statements } = this.#engine;
    for (const row of statements.finishedBefore.all(kept, before, this.#left)) {
      const seq = row.message as number;
      if ((kept & keeps.content) !== 0) this.#bytesLeft -= statements.sizeOf.get(seq)!.size as number;
      yield { at: row.at as number, seq };
      this.#left = this.#bytesLeft > 0 ? this.#left - 1 : 0;
      if (this.more) return;
    }
  }

  #keepOnly(kept: number, before: number, at: Instant, seq: number): void {
    const { statements } = this.#engine;
    statements.deleteFinished.run(before, at, seq);
    statements.insertFinished.run(kept, at, seq);
  }
}

/** Buckets that lie behind every window, of accounts that send no more. */
function removeOldBuckets({ statements }: Engine, now: Instant): void {
  for (const [span, window] of budgetWindows.entries()) {
    statements.deleteSpentUntil.run(span, lastUncounted(window, now));
  }
}
