// The last step of a message that came to the sandbox.
import { answer, type Effect } from "./answer.ts";
import type { Catcher } from "./catcher.ts";
import type { ReceivedMessage } from "./rules.ts";

/** Puts the message into the catcher; null when it is there. A full disk is the server's passing trouble. */
export function keep(catcher: Catcher | null, message: ReceivedMessage): Effect | null {
  if (catcher === null) return null;
  try {
    catcher.add({ from: message.envelope.from, to: message.envelope.to, source: message.source() });
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return answer(452, `4.3.1 The sandbox cannot keep this message: ${why}`);
  }
}
