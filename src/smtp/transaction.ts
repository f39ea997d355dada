// One message, or one trial of an envelope, on its way through a connection.
import type { Activity, Driver } from "./driver.ts";
import { type Ending, failureOf } from "./ending.ts";
import type { SmtpFailure } from "./failure.ts";
import { isFault } from "./fault.ts";
import { chunkBytes, eagerBytes, type LocalFault } from "./layout.ts";
import { lineWriter } from "./lines.ts";
import { ahead, enter, onReply, type State, states } from "./machine.ts";
import type { Envelope } from "./options.ts";
import type { TransactionPlan } from "./phases/mail.ts";
import { isRefusal, refused, unexpected } from "./phases/move.ts";
import { formatReply, type Reply } from "./reply.ts";
import { type Interruption, type Replies, resultOf, type SendResult } from "./result.ts";
import type { Step } from "./steps.ts";
import { Transcript } from "./transcript.ts";

/** Content that is larger is written piece by piece, each when the peer has taken the one before. */
const pumpBytes = 65_536;
const pieceBytes = 262_144;

/** A connection that was silent for longer may be dead; then content must not leave before the envelope is answered. */
const warmMs = 1_000;

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
  /** The count of flushes at which the end of the content, or of a chunk, was queued; infinite before. */
  #endQueued = Number.POSITIVE_INFINITY;
  /** Whether that end is the end of the whole content. */
  #isLast = false;
  readonly #chunkLines = lineWriter(false);
  #stepBegan = 0;
  #sent = 0;
  #received = 0;

  constructor(options: TransactionOptions) {
    this.#options = options;
    this.state = { at: "mail", plan: options.plan };
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
    if ((state.at === "content" || state.at === "chunk") && state.accepted > 0 && !this.#endWritten) {
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
    const unknown = this.#isLast && this.#endWritten && ending.kind !== "reply";
    const stage = states[this.state.at].stage;
    const result = this.#result({ ending, stage, certainty: unknown ? "unknown" : "not-accepted" });
    const failed = result.recipients.find((recipient) => !recipient.ok);
    if (failed?.ok === false) this.#report(ending.reply, failed.failure);
    return result;
  }

  get #endWritten(): boolean {
    return this.#options.driver.flushes > this.#endQueued;
  }

  #enter(state: State): void {
    const sending = enter(state);
    if (sending.send === "line") {
      this.#sent += sending.text.length + 2;
      this.#options.driver.line(this, sending.text);
    } else if (sending.send === "content") this.#writeContent();
    else if (state.at === "chunk") this.#writeChunk(state.index);
    // A lone dot goes out at once; a content says itself when it is through.
    if (state.at === "content" && sending.send === "line") this.#letNext();
  }

  #letNext(): void {
    this.written = true;
    this.#options.onWritten();
  }

  #writeContent(): void {
    const { driver } = this.#options;
    const bytes = this.#contentBytes();
    driver.record(this.transcript, "note", `content of ${bytes.length} bytes`);
    this.#sent += bytes.length;
    this.#isLast = true;
    if (bytes.length > pumpBytes) {
      driver.pump(this, this.#contentPieces(bytes));
      return;
    }
    const lines = lineWriter(true);
    driver.bytes(this, [...lines.write(bytes), lines.end(), finalDot]);
    this.#endQueued = driver.flushes;
    this.#letNext();
  }

  *#contentPieces(bytes: Buffer): Generator<Buffer> {
    const lines = lineWriter(true);
    let at = 0;
    for (; at + pieceBytes < bytes.length; at += pieceBytes) {
      yield together(lines.write(bytes.subarray(at, at + pieceBytes)));
    }
    const last = together([...lines.write(bytes.subarray(at)), lines.end(), finalDot]);
    this.#endQueued = this.#options.driver.flushes - 1;
    yield last;
    this.#letNext();
  }

  /** Line ends are mended here as well: without BINARYMIME they have to be CRLF (RFC 3030 §3). */
  #writeChunk(index: number): void {
    const { driver, plan } = this.#options;
    this.#isLast = index + 1 >= plan.chunks;
    this.#endQueued = Number.POSITIVE_INFINITY;
    const bytes = this.#contentBytes().subarray(index * chunkBytes, (index + 1) * chunkBytes);
    const pieces = [...this.#chunkLines.write(bytes)];
    if (this.#isLast) pieces.push(this.#chunkLines.end());
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const command = `BDAT ${length}${this.#isLast ? " LAST" : ""}`;
    driver.record(this.transcript, "client", command);
    driver.record(this.transcript, "note", `content of ${length} bytes`);
    this.#sent += command.length + 2 + length;
    driver.queue(`${command}\r\n`);
    if (length > pumpBytes) {
      driver.pump(this, this.#chunkPieces(together(pieces)));
      return;
    }
    driver.bytes(this, pieces);
    this.#endQueued = driver.flushes;
  }

  *#chunkPieces(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      if (at + pieceBytes >= bytes.length) this.#endQueued = this.#options.driver.flushes - 1;
      yield bytes.subarray(at, at + pieceBytes);
    }
  }

  #contentBytes(): Buffer {
    const content = this.#options.content!;
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  }

  #note(reply: Reply): void {
    const { at } = this.state;
    if (at === "mail") this.#replies.mail = reply;
    else if (at === "rcpt") this.#replies.rcpt.push(reply);
    else if (at === "data") this.#replies.data = reply;
    else this.#replies.final = reply;
  }

  #result(interruption: Interruption | null): SendResult {
    const { envelope, faults, driver } = this.#options;
    return resultOf(envelope, faults, this.#replies, interruption, driver.secured, this.transcript.lines);
  }

  #report(reply: Reply | null, failure: SmtpFailure | null): void {
    const { driver, onStep } = this.#options;
    if (onStep === undefined) return;
    const now = performance.now();
    const { stage } = states[this.state.at];
    const refusal =
      failure ??
      (reply !== null && isRefusal(reply)
        ? failureOf(refused("refused", reply), stage, driver.secured)
        : null);
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

const finalDot = ".\r\n";

function together(pieces: readonly (Buffer | string)[]): Buffer {
  if (pieces.length === 1 && typeof pieces[0] !== "string") return pieces[0]!;
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
