// EHLO, and HELO for servers that know no better (RFC 5321 §3.2, §4.1.1.1).
import { type Capabilities, noCapabilities, parseCapabilities } from "../capabilities.ts";
import type { Reply } from "../reply.ts";
import { type AuthState, beginAuth, type ReadyState } from "./auth.ts";
import { type Move, type OpeningPlan, refused, type Sending, unexpected } from "./move.ts";
import { beginStarttls, type StarttlsState } from "./starttls.ts";

export interface EhloState {
  readonly at: "ehlo";
  readonly plan: OpeningPlan;
  readonly secured: boolean;
  readonly verb: "EHLO" | "HELO";
}

/** Replies to EHLO that mean "unknown command", not "go away". */
const unknownCommand: readonly number[] = [500, 501, 502, 504];

export function enterEhlo(state: EhloState): Sending {
  return { send: "line", text: `${state.verb} ${state.plan.clientName}` };
}

export function onEhloReply(
  state: EhloState,
  reply: Reply,
): Move<EhloState | StarttlsState | AuthState | ReadyState> {
  if (state.verb === "EHLO" && unknownCommand.includes(reply.code)) return { to: { ...state, verb: "HELO" } };
  if (reply.code >= 400) return refused(`the server refuses ${state.verb}`, reply);
  if (reply.code !== 250) return unexpected(reply);
  return onward(state, state.verb === "EHLO" ? parseCapabilities(reply) : noCapabilities);
}

function onward(
  { plan, secured }: EhloState,
  capabilities: Capabilities,
): Move<StarttlsState | AuthState | ReadyState> {
  if (plan.endpoint.security === "starttls" && !secured) return beginStarttls(plan, capabilities);
  if (plan.credentials !== null) return beginAuth(plan, plan.credentials, secured, capabilities);
  return { to: { at: "ready", capabilities, mechanism: null } };
}
