// A connection that is ready for mail: keeps messages in order, one behind the other, as pipelining allows.
import type { Capabilities } from "./capabilities.ts";
import { Command } from "./command.ts";
import type { Driver } from "./driver.ts";
import type { Ending } from "./ending.ts";
import type { Endpoint } from "./endpoint.ts";
import type { SmtpFailure } from "./failure.ts";
import { layOut } from "./layout.ts";
import type { Envelope, Mechanism } from "./options.ts";
import type { Reply } from "./reply.ts";
import { resultOf, type SendResult } from "./result.ts";
import type { Step, TlsFacts } from "./steps.ts";
import { Transaction } from "./transaction.ts";
import type { Transcript, TranscriptLine } from "./transcript.ts";

export interface SmtpConnection {
  readonly endpoint: Endpoint;
  /** The peer, `192.0.2.1:465`. */
  readonly address: string;
  /** As learnt last: after TLS when there is TLS. */
  readonly capabilities: Capabilities;
  /** Null when the connection is in clear. */
  readonly tls: TlsFacts | null;
  /** How we signed in; null when we did not. */
  readonly mechanism: Mechanism | null;
  /** The dialogue so far, masked, at most 500 lines or 64 KiB of it. */
  readonly transcript: readonly TranscriptLine[];
  /** False from the moment the connection ended; it never comes back. */
  readonly alive: boolean;
  /**
   * Hands a message over. Never rejects for what happens on the wire: each recipient has its
   * outcome. May be called while another is on its way, `maxInFlight` in all; throws a RangeError
   * beyond that. The content must not be changed until the promise settles.
   */
  send(envelope: Envelope, content: Uint8Array): Promise<SendResult>;
  /** MAIL and RCPT, then RSET: whether the server would take it. Nothing is sent. */
  tryEnvelope(envelope: Envelope): Promise<SendResult>;
  /** Rejects with SmtpFailure, as `reset` does. */
  noop(): Promise<Reply>;
  reset(): Promise<Reply>;
  /** Ends politely once what is on its way is over; resolves when the connection is gone, `withinMs` (default 5,000) later at most. */
  quit(withinMs?: number): Promise<void>;
  /** Ends at once; what is on its way fails. */
  destroy(): void;
}

export interface ConnectionFacts {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly capabilities: Capabilities;
  readonly tls: TlsFacts | null;
  readonly mechanism: Mechanism | null;
}

/** Messages that one connection takes at a time: one on its way, one behind it. */
export const maxInFlight = 2;

const quitMs = 5_000;

type Task = Transaction | Command;

export class Connection implements SmtpConnection {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly capabilities: Capabilities;
  readonly tls: TlsFacts | null;
  readonly mechanism: Mechanism | null;
  /** Called when the connection ends, after everything on its way was told. */
  onEnded: ((ending: Ending) => void) | null = null;
  readonly #driver: Driver;
  readonly #transcript: Transcript;
  readonly #onStep: ((step: Step) => void) | undefined;
  readonly #settle = new Map<Transaction, (result: SendResult) => void>();
  /** Written to the server, at least in part; replies come in this order. */
  readonly #active: Task[] = [];
  readonly #waiting: Task[] = [];
  #messages = 0;

  constructor(
    driver: Driver,
    transcript: Transcript,
    facts: ConnectionFacts,
    onStep: ((step: Step) => void) | undefined,
  ) {
    this.#driver = driver;
    this.#transcript = transcript;
    this.#onStep = onStep;
    this.endpoint = facts.endpoint;
    this.address = facts.address;
    this.capabilities = facts.capabilities;
    this.tls = facts.tls;
    this.mechanism = facts.mechanism;
  }

  get alive(): boolean {
    return this.#driver.ending === null;
  }

  get transcript(): readonly TranscriptLine[] {
    return this.#transcript.lines;
  }

  /** Messages that were not settled yet. */
  get inFlight(): number {
    return this.#settle.size;
  }

  /** Messages handed to this connection so far, but for those that were no longer wanted. */
  get messages(): number {
    return this.#messages;
  }

  send(envelope: Envelope, content: Uint8Array): Promise<SendResult> {
    return new Promise((resolve) => this.submit(envelope, content, resolve));
  }

  tryEnvelope(envelope: Envelope): Promise<SendResult> {
    return new Promise((resolve) => this.submit(envelope, null, resolve));
  }

  /**
   * As `send`, telling the outcome at once, before the server's next reply is looked at. `stillWanted` is
   * asked just before the first command would be queued, however long it waited behind another message.
   */
  submit(
    envelope: Envelope,
    content: Uint8Array | null,
    settle: (result: SendResult) => void,
    stillWanted?: () => boolean,
  ): void {
    const { ending } = this.#driver;
    if (this.#settle.size >= maxInFlight) {
      throw new RangeError(`more than ${maxInFlight} messages at a time on one connection`);
    }
    const { plan, faults } = layOut(envelope, content, this.capabilities);
    if (plan === null || ending !== null) {
      const interruption =
        ending === null ? null : ({ ending, stage: "mail", certainty: "not-accepted" } as const);
      settle(resultOf(envelope, faults, nothingSaid, interruption, this.#driver, []));
      return;
    }
    const transaction = new Transaction({
      driver: this.#driver,
      plan,
      envelope,
      content,
      faults,
      onStep: this.#onStep,
      onDone: this.#onTransaction,
      onWritten: this.#advance,
      stillWanted,
    });
    this.#messages += 1;
    this.#settle.set(transaction, settle);
    this.#enqueue(transaction);
  }

  noop(): Promise<Reply> {
    return this.#command("noop");
  }

  reset(): Promise<Reply> {
    return this.#command("reset");
  }

  async quit(withinMs = quitMs): Promise<void> {
    const timer = setTimeout(() => this.destroy(), withinMs);
    try {
      await this.#command("quit");
    } catch {
      // Gone is gone, with or without the server's blessing.
    } finally {
      clearTimeout(timer);
      this.destroy();
    }
  }

  destroy(): void {
    this.#driver.end({
      kind: "aborted",
      code: "ABORTED",
      message: "the connection was ended by us",
      reply: null,
    });
  }

  /** The driver's word that the connection is over. */
  onEnd(ending: Ending): void {
    const tasks = [...this.#active.splice(0), ...this.#waiting.splice(0)];
    for (const [place, task] of tasks.entries()) {
      const result = task.onEnd(place === 0 ? ending : forOthers(ending));
      if (task instanceof Transaction && result !== undefined) this.#tell(task, result);
    }
    this.onEnded?.(ending);
  }

  #command(at: "noop" | "reset" | "quit"): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const onDone = (command: Command, end: Reply | SmtpFailure) => {
        this.#finish(command);
        if (end instanceof Error) reject(end);
        else resolve(end);
        this.#advance();
      };
      const command = new Command(at, { driver: this.#driver, onStep: this.#onStep, onDone });
      if (this.#driver.ending === null) this.#enqueue(command);
      else command.onEnd(this.#driver.ending);
    });
  }

  #enqueue(task: Task): void {
    this.#waiting.push(task);
    this.#advance();
    this.#driver.flush();
  }

  /** Starts what may be written now. */
  readonly #advance = (): void => {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const last = this.#active.at(-1);
      const behind = last?.written === true && next instanceof Transaction && this.capabilities.pipelining;
      if (last !== undefined && !behind) return;
      this.#waiting.shift();
      if (next instanceof Transaction && !next.wanted) {
        this.#messages -= 1;
        this.#tell(next, next.onUnwanted());
        continue;
      }
      this.#active.push(next);
      next.start();
    }
  };

  readonly #onTransaction = (transaction: Transaction, result: SendResult, reset: boolean): void => {
    this.#finish(transaction);
    if (reset && this.alive) this.#forget();
    this.#tell(transaction, result);
    this.#advance();
  };

  /** Has the server drop a transaction that failed half-way, before anything else is said. */
  #forget(): void {
    const command = new Command("reset", {
      driver: this.#driver,
      onStep: this.#onStep,
      onDone: () => {
        this.#finish(command);
        this.#advance();
      },
    });
    this.#active.push(command);
    command.start();
  }

  #finish(task: Task): void {
    const index = this.#active.indexOf(task);
    if (index !== -1) this.#active.splice(index, 1);
  }

  #tell(transaction: Transaction, result: SendResult): void {
    const settle = this.#settle.get(transaction);
    this.#settle.delete(transaction);
    settle?.(result);
  }
}

/** What ended one message says nothing of those behind it, but for a goodbye, which is meant for all. */
function forOthers(ending: Ending): Ending {
  if (ending.reply === null || ending.reply.code === 421) return ending;
  const message = "the connection was given up over another message";
  return { kind: "socket", code: "CLOSED", message, reply: null };
}

const nothingSaid = { mail: null, rcpt: [], data: null, final: null };
