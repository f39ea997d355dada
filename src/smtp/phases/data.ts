// DATA and what follows it: the content up to the final dot (RFC 5321 §4.1.1.4).
import type { Reply } from "../reply.ts";
import { type DoneState, done, doneOpen, type TransactionPlan } from "./mail.ts";
import { isRefusal, isSuccess, type Move, type Sending, unexpected } from "./move.ts";

export interface DataState {
  readonly at: "data";
  readonly plan: TransactionPlan;
  readonly accepted: number;
  readonly open: boolean;
}

export interface ContentState {
  readonly at: "content";
  readonly plan: TransactionPlan;
  /** None, when the server wants content though it refused every recipient; then it gets a lone dot (RFC 2920 §3.1). */
  readonly accepted: number;
}

export function enterData(): Sending {
  return { send: "line", text: "DATA" };
}

export function onDataReply(state: DataState, reply: Reply): Move<ContentState | DoneState> {
  if (reply.code === 354) return { to: { at: "content", plan: state.plan, accepted: state.accepted } };
  if (!isRefusal(reply)) return unexpected(reply);
  return { to: state.open ? doneOpen : done };
}

export function enterContent({ accepted }: ContentState): Sending {
  return accepted === 0 ? { send: "line", text: "." } : { send: "content" };
}

/** Taken or refused, the server keeps nothing of the transaction after this reply. */
export function onContentReply(reply: Reply): Move<DoneState> {
  return isSuccess(reply) || isRefusal(reply) ? { to: done } : unexpected(reply);
}
