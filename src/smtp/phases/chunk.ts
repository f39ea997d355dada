// BDAT: content in counted chunks instead of DATA and a dot (RFC 3030 §2).
import type { Reply } from "../reply.ts";
import { type DoneState, done, doneOpen, type TransactionPlan } from "./mail.ts";
import { isRefusal, isSuccess, type Move, unexpected } from "./move.ts";

export interface ChunkState {
  readonly at: "chunk";
  readonly plan: TransactionPlan;
  readonly accepted: number;
  readonly open: boolean;
  readonly index: number;
}

/** Each chunk is answered before the next is sent, so that a refusal comes before the rest of a large message. */
export function onChunkReply(state: ChunkState, reply: Reply): Move<ChunkState | DoneState> {
  // After a failed BDAT only RSET leads to a defined state.
  if (isRefusal(reply)) return { to: state.open ? doneOpen : done };
  if (!isSuccess(reply)) return unexpected(reply);
  return { to: state.index + 1 < state.plan.chunks ? { ...state, index: state.index + 1 } : done };
}
