// QUIT: the polite end (RFC 5321 §4.1.1.10).
import { type DoneState, done } from "./mail.ts";
import type { Move } from "./move.ts";

export interface QuitState {
  readonly at: "quit";
}

/** Whatever the server says to it, the connection ends. */
export function onQuitReply(): Move<DoneState> {
  return { to: done };
}
