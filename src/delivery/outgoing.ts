// A message as it leaves through one account: under its own sender, or under the account's, or not at all.
import type { Account } from "../accounts/account.ts";
import { demandsOwnSender, limitsOf } from "../accounts/limits.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import { rewriteSender } from "../messages/rewrite.ts";
import type { Claim } from "../queue/store.ts";

export interface Outgoing {
  /** Reverse-path. */
  readonly envelopeFrom: string;
  readonly content: Uint8Array;
  /** The address that stands in From in place of the message's own; null when that was left alone. */
  readonly from: string | null;
}

/** `failover`: another account of the route came before this one. */
export function outgoingThrough(account: Account, claim: Claim, failover: boolean): Outgoing {
  const { envelopeFrom, content } = claim;
  const policy = account.senderPolicy ?? (failover ? "own-address" : null);
  const asItCame: Outgoing = { envelopeFrom, content, from: null };
  if (policy !== "own-address" || account.from === null || !demandsOwnSender(account)) return asItCame;
  const rewritten = rewriteSender(content, account.from);
  // A bounce address that is not the login's is refused just the same; the empty one (RFC 5321 §4.5.5) stays.
  const reversePath = envelopeFrom === "" ? "" : account.from;
  if (rewritten === null) return { ...asItCame, envelopeFrom: reversePath };
  return { envelopeFrom: reversePath, content: rewritten.content, from: account.from };
}

/** Why the account can never take this message; null when it can. */
export function unfitFor(account: Account, claim: Claim): Verdict | null {
  const { messageSizeBytes } = limitsOf(account);
  if (messageSizeBytes !== null && claim.size > messageSizeBytes)
    return judgeLocal({
      cause: "envelope.too-large",
      message: `the message has ${claim.size} bytes, and account ${account.name} takes ${messageSizeBytes}`,
    });
  if (account.senderPolicy !== "refuse" || account.from === null || !demandsOwnSender(account)) return null;
  if (rewriteSender(claim.content, account.from) === null) return null;
  return judgeLocal({
    cause: "envelope.sender-not-owned",
    message: `the message is from another address than ${account.from}, the only one that account ${account.name} may send as`,
  });
}
