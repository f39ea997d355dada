// RCPT TO, once for each recipient; each stands or falls on its own (RFC 5321 §4.1.1.3).
import type { Reply } from "../reply.ts";
import type { ChunkState } from "./chunk.ts";
import type { DataState } from "./data.ts";
import { type DoneState, done, doneOpen, type TransactionPlan } from "./mail.ts";
import { isRefusal, isSuccess, type Move, type Sending, unexpected } from "./move.ts";

export interface RcptState {
  readonly at: "rcpt";
  readonly plan: TransactionPlan;
  /** Whose reply is next. */
  readonly index: number;
  /** How many recipients the server has taken so far. */
  readonly accepted: number;
  /** Whether MAIL was taken; if not, the replies to what was written behind it mean nothing. */
  readonly open: boolean;
}

export function enterRcpt({ plan, index }: RcptState): Sending {
  return { send: "line", text: plan.recipients[index]! };
}

export function onRcptReply(
  state: RcptState,
  reply: Reply,
): Move<RcptState | DataState | ChunkState | DoneState> {
  if (!isSuccess(reply) && !isRefusal(reply)) return unexpected(reply);
  return { to: afterRcpt(state, state.open && isSuccess(reply)) };
}

/** Where it goes on when this recipient is taken, or is not. */
export function afterRcpt(state: RcptState, taken: boolean): RcptState | DataState | ChunkState | DoneState {
  const { plan, index, open } = state;
  const accepted = state.accepted + (taken ? 1 : 0);
  if (index + 1 < plan.recipients.length) return { ...state, index: index + 1, accepted };
  const over = open ? doneOpen : done;
  if (plan.by === "nothing") return over;
  // What the group already holds is answered even when there is nobody left to send to.
  const written = plan.grouped && (plan.by === "data" || plan.eager);
  if (accepted === 0 && !written) return over;
  if (plan.by === "data") return { at: "data", plan, accepted, open };
  return { at: "chunk", plan, accepted, open, index: 0 };
}
