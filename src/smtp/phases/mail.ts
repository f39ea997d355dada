// MAIL FROM opens a transaction (RFC 5321 §4.1.1.2).
import type { Reply } from "../reply.ts";
import { isRefusal, isSuccess, type Move, type Sending, unexpected } from "./move.ts";
import type { RcptState } from "./rcpt.ts";

/** One transaction, laid out before its first byte is written. */
export interface TransactionPlan {
  /** The whole MAIL command. */
  readonly mail: string;
  /** The whole RCPT command of each recipient; at least one. */
  readonly recipients: readonly string[];
  /** How the content travels; `nothing`: the envelope is tried and no message sent. */
  readonly by: "data" | "bdat" | "nothing";
  /** How many BDAT chunks there are; 0 when `by` is another. */
  readonly chunks: number;
  /** Whether the envelope is written as one group, without waiting for each reply (RFC 2920). */
  readonly grouped: boolean;
  /** Whether the first chunk, which then is the only one, belongs to that group (RFC 3030 §4.2). */
  readonly eager: boolean;
}

export interface MailState {
  readonly at: "mail";
  readonly plan: TransactionPlan;
}

/** The transaction is over; `reset` tells whether the server may still hold it open. */
export interface DoneState {
  readonly at: "done";
  readonly reset: boolean;
}

export const done: DoneState = { at: "done", reset: false };
export const doneOpen: DoneState = { at: "done", reset: true };

export function enterMail({ plan }: MailState): Sending {
  return { send: "line", text: plan.mail };
}

export function afterMail({ plan }: MailState): RcptState {
  return { at: "rcpt", plan, index: 0, accepted: 0, open: true };
}

export function onMailReply(state: MailState, reply: Reply): Move<RcptState | DoneState> {
  if (isSuccess(reply)) return { to: afterMail(state) };
  if (!isRefusal(reply)) return unexpected(reply);
  return { to: state.plan.grouped ? { ...afterMail(state), open: false } : done };
}
