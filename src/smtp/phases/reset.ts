// RSET: drops a transaction that did not come to its end (RFC 5321 §4.1.1.5).
import type { Reply } from "../reply.ts";
import { type DoneState, done } from "./mail.ts";
import { isSuccess, type Move, refused } from "./move.ts";

export interface ResetState {
  readonly at: "reset";
}

/** A server that does not forget must not get another message. */
export function onResetReply(reply: Reply): Move<DoneState> {
  return isSuccess(reply) ? { to: done } : refused("the server refuses RSET", reply);
}
