// The upgrade to TLS (RFC 3207). What was learnt before it is forgotten after it: EHLO is said again.
import type { Capabilities } from "../capabilities.ts";
import type { Reply } from "../reply.ts";
import type { EhloState } from "./ehlo.ts";
import { type Move, type OpeningPlan, refused, unexpected } from "./move.ts";

export interface StarttlsState {
  readonly at: "starttls";
  readonly plan: OpeningPlan;
}

/** The driver does the handshake, having made sure that nothing came in clear after the 220 (§4.2). */
export interface HandshakeState {
  readonly at: "handshake";
  readonly plan: OpeningPlan;
}

/** Without the offer there is no going on: never in clear where TLS was asked for. */
export function beginStarttls(plan: OpeningPlan, capabilities: Capabilities): Move<StarttlsState> {
  if (capabilities.starttls) return { to: { at: "starttls", plan } };
  return {
    kind: "local",
    code: "STARTTLS_NOT_OFFERED",
    message: "the server does not offer STARTTLS, and the connection must not stay in clear",
    reply: null,
    stage: "starttls",
  };
}

export function onStarttlsReply(state: StarttlsState, reply: Reply): Move<HandshakeState> {
  if (reply.code >= 400) return refused("the server refuses STARTTLS", reply);
  if (reply.code !== 220) return unexpected(reply);
  return { to: { at: "handshake", plan: state.plan } };
}

export function afterHandshake(state: HandshakeState): EhloState {
  return { at: "ehlo", plan: state.plan, secured: true, verb: "EHLO" };
}
