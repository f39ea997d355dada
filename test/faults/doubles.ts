// Who is to blame for what came twice.
import type { Taken } from "./ledger.ts";

/**
 * How many messages came again, by the client that had handed them over before: the name that it gave in EHLO. One that
 * did so until the end of its days is not in it when none of its messages came again.
 */
export function doubledAfter(taken: readonly Taken[]): ReadonlyMap<string, number> {
  const doubled = new Map<string, number>();
  const before = new Map<string, string>();
  for (const { messageId, client } of taken) {
    const earlier = before.get(messageId);
    if (earlier !== undefined) doubled.set(earlier, (doubled.get(earlier) ?? 0) + 1);
    before.set(messageId, client);
  }
  return doubled;
}
