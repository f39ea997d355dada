// Signing in (RFC 4954); what is said in each turn is the mechanism's affair.
import { choose, exchanges } from "../auth/choose.ts";
import { astray, type Turn } from "../auth/exchange.ts";
import type { Capabilities } from "../capabilities.ts";
import type { LocalCode } from "../failure.ts";
import { type Fault, isFault } from "../fault.ts";
import type { Credentials, Mechanism } from "../options.ts";
import type { Reply } from "../reply.ts";
import { type Move, type OpeningPlan, refused, type Sending, unexpected } from "./move.ts";

export interface AuthState {
  readonly at: "auth";
  readonly plan: OpeningPlan;
  readonly credentials: Credentials;
  readonly capabilities: Capabilities;
  readonly mechanism: Mechanism;
  /** Those left to try should the server turn out not to know this one. */
  readonly others: readonly Mechanism[];
  /** Whether the AUTH command has been given. */
  readonly begun: boolean;
  readonly turn: Turn;
  /** What an earlier challenge told of the reason for refusing. */
  readonly challenge?: string;
}

export interface ReadyState {
  readonly at: "ready";
  readonly capabilities: Capabilities;
  /** How we signed in; null when we did not. */
  readonly mechanism: Mechanism | null;
}

const masked = "***";

export function beginAuth(
  plan: OpeningPlan,
  credentials: Credentials,
  secured: boolean,
  capabilities: Capabilities,
): Move<AuthState> {
  if (!secured && !plan.loopback) {
    return local("SECRET_IN_CLEAR", "signing in without TLS would show the secret to the network");
  }
  if (capabilities.auth.length === 0) return local("AUTH_NOT_OFFERED", "the server offers no way to sign in");
  const [mechanism, ...others] = choose(credentials, capabilities.auth);
  if (mechanism === undefined) {
    const offered = capabilities.auth.join(", ");
    return local("NO_COMMON_MECHANISM", `no way to sign in that both sides have; the server has ${offered}`);
  }
  return { to: tryMechanism(plan, credentials, capabilities, mechanism, others) };
}

function tryMechanism(
  plan: OpeningPlan,
  credentials: Credentials,
  capabilities: Capabilities,
  mechanism: Mechanism,
  others: readonly Mechanism[],
): AuthState {
  const { host, port } = plan.endpoint;
  const turn = exchanges[mechanism]({ credentials, host, port, nonce: plan.nonce });
  return { at: "auth", plan, credentials, capabilities, mechanism, others, begun: false, turn };
}

export function enterAuth({ begun, mechanism, turn }: AuthState): Sending {
  if (turn.say === null) return { send: "line", text: `AUTH ${mechanism}` };
  const said = Buffer.from(turn.say, "utf8").toString("base64");
  if (begun) return said === "" ? { send: "line", text: "" } : { send: "line", text: said, shown: masked };
  // §4: an empty initial response is written as "=".
  return { send: "line", text: `AUTH ${mechanism} ${said || "="}`, shown: `AUTH ${mechanism} ${masked}` };
}

export function onAuthReply(state: AuthState, reply: Reply): Move<AuthState | ReadyState> {
  const { mechanism, capabilities, turn } = state;
  if (reply.code === 334) return onChallenge(state, reply);
  if (reply.code === 235) {
    if (turn.complete) return { to: { at: "ready", capabilities, mechanism } };
    return inExchange(state, {
      kind: "protocol",
      code: "SERVER_NOT_AUTHENTIC",
      message: `the server calls us signed in before ${mechanism} is over`,
      reply,
    });
  }
  if (reply.code < 400) return inExchange(state, unexpected(reply));
  const [next, ...others] = state.others;
  // 504: it lists the mechanism and does not know it. Any other refusal is final: more tries could lock the account.
  if (reply.code === 504 && !state.begun && next !== undefined) {
    return { to: tryMechanism(state.plan, state.credentials, capabilities, next, others) };
  }
  return inExchange(state, refused("the server refuses the sign-in", reply));
}

function onChallenge(state: AuthState, reply: Reply): Move<AuthState> {
  const text = reply.lines[0] ?? "";
  if (reply.lines.length > 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return inExchange(state, astray("a sign-in challenge that is not base64"));
  }
  const turn = state.turn.next(Buffer.from(text, "base64"));
  if (isFault(turn)) return inExchange(state, turn);
  const challenge = turn.challenge ?? state.challenge;
  return { to: { ...state, begun: true, turn, ...(challenge === undefined ? {} : { challenge }) } };
}

function inExchange({ mechanism, challenge }: AuthState, fault: Fault): Fault {
  return { ...fault, mechanism, ...(challenge === undefined ? {} : { challenge }) };
}

function local(code: LocalCode, message: string): Fault {
  return { kind: "local", code, message, reply: null, stage: "auth" };
}
