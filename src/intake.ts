// Makes messages of what applications queued in their own database transactions.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acceptance } from "./acceptance.ts";
import type { Clock } from "./delivery/clock.ts";
import type { RecipientEvent } from "./delivery/events.ts";
import { checkedRequest, mailOf } from "./messages/request.ts";
import { type NewMessage, StoreError, type Submissions, type Submitted } from "./queue/store.ts";
import { judged, refusedOf } from "./refusing.ts";

export interface IntakeOptions {
  readonly submissions: Submissions;
  readonly acceptance: Pick<Acceptance, "prepare" | "stored">;
  /** By whose time submissions are due. */
  readonly clock: Clock;
  readonly emit: (event: RecipientEvent) => void;
}

/** Composed and stored together: so many, or so much JSON. Urgent mail waits for as much at most. */
const batch = { limit: 64, maxBytes: 8 * 1024 * 1024 };
/** Much longer than composing a batch takes; a dead process's share is taken over after it. Milliseconds. */
const leaseMs = 15_000;
/** Storage that fails is asked again after it. Milliseconds. */
const tryAgain = 1_000;
/** Two clocks differ by some of it, and no timer is worth less. Milliseconds. */
const shortestWait = 5;

export class Intake {
  readonly #options: IntakeOptions;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #callOff: (() => void) | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Something may have been submitted. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#running !== null) return;
    this.#callOff?.();
    this.#callOff = null;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      // Somebody called after the last look.
      if (this.#again && this.#callOff === null) this.wake();
    });
  }

  /** Resolves when nothing is under way any more; what was taken up and not finished is left to others. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#callOff?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#round();
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        // Whoever sends or delivers meets the same trouble and tells of it; what was taken up comes back with its lease.
        this.#later(tryAgain);
        return;
      }
    }
  }

  async #round(): Promise<void> {
    const { submissions, clock } = this.#options;
    const due = await submissions.due();
    if (due === null) return;
    const now = clock.now();
    if (due > now) return this.#later(due - now);
    const taken = await submissions.next({ now, ...batch, leaseMs });
    // What is due and was not taken is in another's hands at this moment.
    if (taken.length === 0) return this.#later(shortestWait);
    await this.#take(taken);
    this.#again = true;
  }

  #later(ms: number): void {
    if (this.#stopped) return;
    this.#callOff?.();
    this.#callOff = this.#options.clock.after(Math.max(ms, shortestWait), () => this.wake());
  }

  async #take(taken: readonly Submitted[]): Promise<void> {
    const { submissions, clock } = this.#options;
    const ready = new Map<NewMessage, Submitted>();
    for (const [i, submitted] of taken.entries()) {
      if (this.#stopped) {
        await submissions.putOff(
          taken.slice(i).map(({ id }) => id),
          clock.now(),
        );
        break;
      }
      const message = await this.#composed(submitted);
      if (message !== null) ready.set(message, submitted);
      await nextTurn();
    }
    await this.#store([...ready.keys()], ready);
  }

  /** Null for what is put off or refused. */
  async #composed(submitted: Submitted): Promise<NewMessage | null> {
    const { id, origin, mail, submittedAt } = submitted;
    try {
      const request = checkedRequest(JSON.parse(mail));
      return await this.#options.acceptance.prepare(mailOf(request), { origin }, { id, now: submittedAt });
    } catch (error) {
      await this.#failed(submitted, error);
      return null;
    }
  }

  async #store(
    messages: readonly NewMessage[],
    submittedAs: ReadonlyMap<NewMessage, Submitted>,
  ): Promise<void> {
    const { submissions, acceptance } = this.#options;
    try {
      const answers = await submissions.accept(messages);
      for (const [i, answer] of answers.entries())
        if (answer !== null) acceptance.stored(messages[i]!, answer.suppressed);
    } catch (error) {
      // Storage works and refuses something: it must not keep the others from going.
      if (!(error instanceof StoreError) || error.problem !== "io") throw error;
      const [only] = messages;
      if (messages.length === 1) await this.#failed(submittedAs.get(only!)!, error);
      else for (const message of messages) await this.#store([message], submittedAs);
    }
  }

  async #failed(submitted: Submitted, error: unknown): Promise<void> {
    const { submissions, clock, emit } = this.#options;
    const at = clock.now();
    const judgement = judged(error, submitted, at);
    if ("putOffUntil" in judgement) return submissions.putOff([submitted.id], judgement.putOffUntil);
    const { verdict } = judgement;
    const refused = refusedOf(submitted, verdict, at);
    if (!(await submissions.refuse(refused))) return;
    const { id, lane } = refused;
    for (const [index, address] of refused.recipients.entries())
      emit({ type: "failed", at, id, lane, index, address, account: null, verdict });
  }
}
