// The SMTP dialogue as a machine: its states, what is sent on entering one, and where a reply leads.
// Pure: sockets, TLS and timers belong to driver.ts.
import type { Timeouts } from "./options.ts";
import { type AuthState, enterAuth, onAuthReply, type ReadyState } from "./phases/auth.ts";
import { type ChunkState, onChunkReply } from "./phases/chunk.ts";
import {
  type ContentState,
  type DataState,
  enterContent,
  enterData,
  onContentReply,
  onDataReply,
} from "./phases/data.ts";
import { type EhloState, enterEhlo, onEhloReply } from "./phases/ehlo.ts";
import { type GreetingState, onGreetingReply } from "./phases/greeting.ts";
import { afterMail, type DoneState, enterMail, type MailState, onMailReply } from "./phases/mail.ts";
import { type Move, refused, type Sending, silence, unexpected } from "./phases/move.ts";
import { type NoopState, onNoopReply } from "./phases/noop.ts";
import { onQuitReply, type QuitState } from "./phases/quit.ts";
import { afterRcpt, enterRcpt, onRcptReply, type RcptState } from "./phases/rcpt.ts";
import { onResetReply, type ResetState } from "./phases/reset.ts";
import { type HandshakeState, onStarttlsReply, type StarttlsState } from "./phases/starttls.ts";
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";

export type State =
  | GreetingState
  | EhloState
  | StarttlsState
  | HandshakeState
  | AuthState
  | ReadyState
  | MailState
  | RcptState
  | DataState
  | ContentState
  | ChunkState
  | NoopState
  | ResetState
  | QuitState
  | DoneState;

/** For each state: the stage a failure there is told under, and which timeout its reply has; null where none is awaited. */
export const states: Readonly<
  Record<State["at"], { readonly stage: Stage; readonly wait: keyof Timeouts | null }>
> = {
  greeting: { stage: "greeting", wait: "greeting" },
  ehlo: { stage: "ehlo", wait: "command" },
  starttls: { stage: "starttls", wait: "command" },
  handshake: { stage: "tls", wait: null },
  auth: { stage: "auth", wait: "command" },
  ready: { stage: "auth", wait: null },
  mail: { stage: "mail", wait: "command" },
  rcpt: { stage: "rcpt", wait: "command" },
  data: { stage: "data", wait: "data" },
  content: { stage: "content", wait: "final" },
  chunk: { stage: "content", wait: "final" },
  noop: { stage: "noop", wait: "command" },
  reset: { stage: "reset", wait: "command" },
  quit: { stage: "quit", wait: "command" },
  done: { stage: "content", wait: null },
};

/** What we send on entering a state. */
export function enter(state: State): Sending {
  switch (state.at) {
    case "ehlo":
      return enterEhlo(state);
    case "starttls":
      return { send: "line", text: "STARTTLS" };
    case "handshake":
      return { send: "handshake" };
    case "auth":
      return enterAuth(state);
    case "mail":
      return enterMail(state);
    case "rcpt":
      return enterRcpt(state);
    case "data":
      return enterData();
    case "content":
      return enterContent(state);
    case "chunk":
      return { send: "chunk" };
    case "noop":
      return { send: "line", text: "NOOP" };
    case "reset":
      return { send: "line", text: "RSET" };
    case "quit":
      return { send: "line", text: "QUIT" };
    case "greeting":
    case "ready":
    case "done":
      return silence;
  }
}

/** Where a reply leads. A fault ends the connection; a refusal within a transaction is no fault. */
export function onReply(state: State, reply: Reply): Move<State> {
  // RFC 5321 §3.8: 421 can answer any command, and the server closes after it.
  if (reply.code === 421 && state.at !== "quit") return refused("the server closes the connection", reply);
  switch (state.at) {
    case "greeting":
      return onGreetingReply(state, reply);
    case "ehlo":
      return onEhloReply(state, reply);
    case "starttls":
      return onStarttlsReply(state, reply);
    case "auth":
      return onAuthReply(state, reply);
    case "mail":
      return onMailReply(state, reply);
    case "rcpt":
      return onRcptReply(state, reply);
    case "data":
      return onDataReply(state, reply);
    case "content":
      return onContentReply(reply);
    case "chunk":
      return onChunkReply(state, reply);
    case "noop":
      return onNoopReply(reply);
    case "reset":
      return onResetReply(reply);
    case "quit":
      return onQuitReply();
    case "handshake":
    case "ready":
    case "done":
      return unexpected(reply);
  }
}

/**
 * The state that is entered without waiting for the reply to this one, as if it were yes (RFC 2920
 * §3.1); null where the reply must be awaited. DATA ends a group, and so does a chunk.
 */
export function ahead(state: State): State | null {
  switch (state.at) {
    case "mail":
      return state.plan.grouped ? afterMail(state) : null;
    case "rcpt": {
      if (!state.plan.grouped) return null;
      const next = afterRcpt(state, true);
      return next.at === "done" || (next.at === "chunk" && !next.plan.eager) ? null : next;
    }
    default:
      return null;
  }
}
