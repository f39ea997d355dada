// The server's first word (RFC 5321 §3.1).
import type { Reply } from "../reply.ts";
import type { EhloState } from "./ehlo.ts";
import { type Move, type OpeningPlan, refused, unexpected } from "./move.ts";

export interface GreetingState {
  readonly at: "greeting";
  readonly plan: OpeningPlan;
  /** Whether TLS is on already. */
  readonly secured: boolean;
}

export function onGreetingReply(state: GreetingState, reply: Reply): Move<EhloState> {
  if (reply.code >= 400) return refused("the server turns us away", reply);
  if (reply.code !== 220) return unexpected(reply);
  return { to: { at: "ehlo", plan: state.plan, secured: state.secured, verb: "EHLO" } };
}
