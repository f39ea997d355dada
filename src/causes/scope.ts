// Whose fault it is in this very case: what the book leaves open is settled by stage and sender.
import { type Stage, stages } from "../smtp/stage.ts";
import { isOwnSender, type JudgeContext } from "./context.ts";
import type { EntryScope, Retry, Scope } from "./entry.ts";

/** The stages at which the server knows nothing of a message or a recipient yet. */
const beforeMail: readonly Stage[] = stages.slice(stages.indexOf("resolve"), stages.indexOf("mail"));

/**
 * - A sender's fault is the account's when the sender is the account's own address (its user name or its From),
 *   or when no sender is known: every mail of the account would meet it, so the account waits and nothing is
 *   lost. Another sender was the message's choice, and the fault is that message's.
 * - What RCPT TO refuses about the message or an address concerns this recipient: the others may pass.
 * - Before MAIL FROM, no refusal is ever a recipient's or a message's.
 */
export function resolveScope(scope: EntryScope, stage: Stage, context: JudgeContext): Scope {
  if (scope === "account" || scope === "endpoint" || scope === "ours") return scope;
  if (beforeMail.includes(stage)) return "account";
  if (scope === "sender" || (scope === "envelope" && stage === "mail")) {
    return isOwnSender(context) ? "account" : "message";
  }
  return stage === "rcpt" ? "recipient" : "message";
}

/** The retry class that goes with a scope: what is permanent for a message is a setting to mend for an account. */
export function retryFor(retry: Retry, scope: Scope): Retry {
  if (retry !== "permanent" || scope === "message" || scope === "recipient") return retry;
  return scope === "account" ? "config" : "connection";
}
