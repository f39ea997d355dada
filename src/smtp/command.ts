// A single command outside of any transaction: NOOP, RSET, QUIT.
import type { Activity, Driver } from "./driver.ts";
import { type Ending, failureOf } from "./ending.ts";
import type { SmtpFailure } from "./failure.ts";
import { isFault } from "./fault.ts";
import { enter, onReply, type State, states } from "./machine.ts";
import { formatReply, type Reply } from "./reply.ts";
import type { Step } from "./steps.ts";

export interface CommandOptions {
  readonly driver: Driver;
  readonly onStep: ((step: Step) => void) | undefined;
  /** The reply, or the failure when the connection ended. */
  readonly onDone: (command: Command, end: Reply | SmtpFailure) => void;
}

export class Command implements Activity {
  readonly transcript = null;
  state: State;
  readonly #options: CommandOptions;
  #began = 0;
  #received = 0;

  constructor(at: "noop" | "reset" | "quit", options: CommandOptions) {
    this.state = { at };
    this.#options = options;
  }

  /** An envelope may be written behind RSET; QUIT and NOOP end a group (RFC 2920 §3.1). */
  get written(): boolean {
    return this.state.at === "reset";
  }

  start(): void {
    const { driver } = this.#options;
    this.#began = performance.now();
    this.#received = driver.received;
    const sending = enter(this.state);
    if (sending.send === "line") driver.line(this, sending.text);
  }

  onReply(reply: Reply): void {
    const { driver, onDone } = this.#options;
    const move = onReply(this.state, reply);
    if (isFault(move)) {
      driver.end(move);
      return;
    }
    this.#report(reply, null);
    this.state = move.to;
    onDone(this, reply);
  }

  onEnd(ending: Ending): void {
    const failure = failureOf(ending, states[this.state.at].stage, this.#options.driver);
    this.#report(ending.reply, failure);
    this.#options.onDone(this, failure);
  }

  #report(reply: Reply | null, failure: SmtpFailure | null): void {
    const { driver, onStep } = this.#options;
    onStep?.({
      stage: states[this.state.at].stage,
      ok: failure === null,
      ms: performance.now() - this.#began,
      bytesSent: 6,
      bytesReceived: driver.received - this.#received,
      detail: failure?.message ?? (reply === null ? "" : formatReply(reply)),
      ...(reply === null ? {} : { reply }),
      ...(failure === null ? {} : { failure }),
    });
  }
}
