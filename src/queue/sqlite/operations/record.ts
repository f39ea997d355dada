// Writes down what became of an attempt.
import type { AttemptRecord, RecipientOutcome } from "../../store.ts";
import { advance, leaseOf, messageById, type Recipient, recipientsOf, settle } from "../progress.ts";
import type { Engine } from "../statements.ts";

export function record(
  engine: Engine,
  records: readonly AttemptRecord[],
): readonly { readonly messageId: string; readonly applied: boolean }[] {
  return records.map((one) => ({ messageId: one.messageId, applied: apply(engine, one) }));
}

function apply(engine: Engine, attempt: AttemptRecord): boolean {
  const message = messageById(engine, attempt.messageId);
  if (message === null) return false;
  const lease = leaseOf(engine, message.seq);
  if (lease === null || lease.token !== attempt.lease) return false;

  const recipients = recipientsOf(engine, message.seq);
  for (const outcome of attempt.outcomes) {
    const recipient = recipients.find((r) => r.position === outcome.index);
    if (recipient?.state === "sending") applyOutcome(recipient, outcome, attempt);
  }
  settle(engine, message, recipients, lease);
  if (attempt.counts) {
    engine.statements.insertAttempt.run(
      message.seq,
      attempt.startedAt,
      attempt.endedAt,
      attempt.account,
      attempt.peer,
      JSON.stringify(attempt.outcomes),
      JSON.stringify(attempt.transcript),
    );
  }
  return true;
}

function applyOutcome(recipient: Recipient, outcome: RecipientOutcome, attempt: AttemptRecord): void {
  if (!advance(recipient, outcome.event, attempt.endedAt)) return;
  if (attempt.counts && outcome.event !== "release") recipient.attempts++;
  switch (outcome.event) {
    case "release":
      return;
    case "accept":
      recipient.verdict = null;
      recipient.dueAt = null;
      return;
    case "defer":
      recipient.verdict = JSON.stringify(outcome.verdict);
      recipient.dueAt = outcome.dueAt;
      return;
    default:
      if (outcome.verdict !== null) recipient.verdict = JSON.stringify(outcome.verdict);
      recipient.dueAt = null;
  }
}
