// Which refusals say that an address will never work.
import type { CauseId } from "../causes/book.ts";
import type { Verdict } from "../causes/verdict.ts";

/** The mailbox is not there. A mailbox that is full, or a policy that dislikes this message, says nothing of the next one. */
const neverWorks: ReadonlySet<CauseId> = new Set(["envelope.recipient-unknown"]);

/** Whether nothing should be sent to the address any more; only a server's own word decides. */
export function isHardBounce(verdict: Verdict): boolean {
  return verdict.reply !== null && verdict.retry === "permanent" && neverWorks.has(verdict.cause);
}
