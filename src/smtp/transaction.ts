// One message, or one trial of an envelope, on its way through a connection.
import { Body } from "./body.ts";
import type { Activity, Driver } from "./driver.ts";
import { type Ending, failureOf } from "./ending.ts";
import type { SmtpFailure } from "./failure.ts";
import { isFault } from "./fault.ts";
import { eagerBytes, type LocalFault } from "./layout.ts";
import { ahead, enter, onReply, type State, states } from "./machine.ts";
import type { Envelope } from "./options.ts";
import type { TransactionPlan } from "./phases/mail.ts";
import { isRefusal, refused, unexpected } from "./phases/move.ts";
import { formatReply, type Reply } from "./reply.ts";
import { type Interruption, type Replies, refusalOf, resultOf, type SendResult } from "./result.ts";
import type { Step } from "./steps.ts";
import { Transcript } from "./transcript.ts";

/** A connection that was silent for longer may be dead; then content must not leave before the envelope is answered. */
const warmMs = 1_000;

const unwanted: Ending = {
  kind: "aborted",
  code: "ABORTED",
  message: "it was not wanted any more when its turn came",
  reply: null,
};

export interface TransactionOptions {
  readonly driver: Driver;
  readonly plan: TransactionPlan;
  readonly envelope: Envelope;
  /** Null when the envelope is only tried. */
  readonly content: Uint8Array | null;
  /** Those of the envelope's recipients that are not asked for, with the reason. */
  readonly faults: readonly (LocalFault | null)[];
  readonly onStep: ((step: Step) => void) | undefined;
  /** The last reply has come; `reset`: the server may still hold the transaction open. */
  readonly onDone: (transaction: Transaction, result: SendResult, reset: boolean) => void;
  /** The content is queued: the next envelope may follow behind it. */
  readonly onWritten: () => void;
  readonly stillWanted: (() => boolean) | undefined;
}

export class Transaction implements Activity {
  readonly transcript = new Transcript();
  state: State;
  /** Whether the next envelope may be written behind what this transaction has written. */
  written = false;
  readonly #options: TransactionOptions;
  readonly #replies: Replies = { mail: null, rcpt: [], data: null, final: null };
  /** States entered without waiting, whose replies are still to come. */
  #ahead = 0;
  readonly #body: Body | null;
  #stepBegan = 0;
  #sent = 0;
  #received = 0;

  constructor(options: TransactionOptions) {
    const { driver, content } = options;
    this.#options = options;
    this.#body = content === null ? null : new Body(driver, this, content);
    this.state = { at: "mail", plan: options.plan };
  }

  get wanted(): boolean {
    return this.#options.stillWanted?.() !== false;
  }

  /** Its turn came, and it was not wanted any more. */
  onUnwanted(): SendResult {
    return this.#result({ ending: unwanted, stage: "settings", certainty: "not-accepted" });
  }

  /** Queues the first command, or the first group. */
  start(): void {
    const { driver, plan, content } = this.#options;
    this.#stepBegan = performance.now();
    this.#received = driver.received;
    if (plan.by === "bdat" && plan.grouped && content!.length <= eagerBytes && driver.silence < warmMs) {
      this.state = { at: "mail", plan: { ...plan, eager: true } };
    }
    this.#enter(this.state);
    for (let next = ahead(this.state); next !== null; next = ahead(next)) {
      this.#enter(next);
      this.#ahead += 1;
    }
  }

  onReply(reply: Reply): void {
    const { driver } = this.#options;
    const { state } = this;
    if (
      (state.at === "content" || state.at === "chunk") &&
      state.accepted > 0 &&
      this.#body?.handedOver !== true
    ) {
      // Nothing but a refusal can come before the content is complete, and then there is no way to end it well.
      driver.end(isRefusal(reply) ? refused("the server refuses the message", reply) : unexpected(reply));
      return;
    }
    const move = onReply(state, reply);
    if (isFault(move)) {
      driver.end(move);
      return;
    }
    this.#note(reply);
    this.#report(reply, null);
    this.state = move.to;
    if (move.to.at === "done") this.#options.onDone(this, this.#result(null), move.to.reset);
    else if (this.#ahead > 0) this.#ahead -= 1;
    else this.#enter(move.to);
  }

  /** The connection ended, before this transaction began or in the midst of it. */
  onEnd(ending: Ending): SendResult {
    // A refusal is an answer even after the final dot; anything else there leaves us in doubt.
    const end = this.#body?.last === true && this.#body.handedOver;
    const certainty = end && ending.kind !== "reply" ? "unknown" : "not-accepted";
    const { stage } = states[this.state.at];
    this.#report(ending.reply, failureOf(ending, stage, this.#options.driver, certainty));
    return this.#result({ ending, stage, certainty });
  }

  #enter(state: State): void {
    const sending = enter(state);
    if (sending.send === "line") {
      this.#sent += sending.text.length + 2;
      this.#options.driver.line(this, sending.text);
    } else if (sending.send === "content") {
      this.#sent += this.#body!.writeData(this.#letNext);
    } else if (state.at === "chunk") {
      this.#sent += this.#body!.writeChunk(state.index, state.plan.chunks);
    }
    // A lone dot is through at once; a content says so itself.
    if (state.at === "content" && sending.send === "line") this.#letNext();
  }

  readonly #letNext = (): void => {
    this.written = true;
    this.#options.onWritten();
  };

  #note(reply: Reply): void {
    const { at } = this.state;
    if (at === "mail") this.#replies.mail = reply;
    else if (at === "rcpt") this.#replies.rcpt.push(reply);
    else if (at === "data") this.#replies.data = reply;
    else if (this.#body?.last === true || isRefusal(reply)) this.#replies.final = reply;
  }

  #result(interruption: Interruption | null): SendResult {
    const { envelope, faults, driver } = this.#options;
    return resultOf(envelope, faults, this.#replies, interruption, driver, this.transcript.lines);
  }

  #report(reply: Reply | null, failure: SmtpFailure | null): void {
    const { driver, onStep } = this.#options;
    // A transaction that never began has no step to tell of.
    if (onStep === undefined || this.#stepBegan === 0) return;
    const now = performance.now();
    const { stage } = states[this.state.at];
    const refusal = failure ?? (reply !== null && isRefusal(reply) ? refusalOf(stage, reply, driver) : null);
    onStep({
      stage,
      ok: refusal === null,
      ms: now - this.#stepBegan,
      bytesSent: this.#sent,
      bytesReceived: driver.received - this.#received,
      detail: refusal?.message ?? this.#detail(reply!),
      ...(reply === null ? {} : { reply }),
      ...(refusal === null ? {} : { failure: refusal }),
    });
    this.#stepBegan = now;
    this.#sent = 0;
    this.#received = driver.received;
  }

  #detail(reply: Reply): string {
    const { state } = this;
    if (state.at === "mail") return state.plan.mail;
    if (state.at === "rcpt") return state.plan.recipients[state.index]!;
    return formatReply(reply);
  }
}
