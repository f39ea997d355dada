// NOOP: whether the server is still there (RFC 5321 §4.1.1.9).
import type { Reply } from "../reply.ts";
import { type DoneState, done } from "./mail.ts";
import { isSuccess, type Move, refused } from "./move.ts";

export interface NoopState {
  readonly at: "noop";
}

export function onNoopReply(reply: Reply): Move<DoneState> {
  return isSuccess(reply) ? { to: done } : refused("the server refuses NOOP", reply);
}
