// Writes down what became of an attempt.
import type { AttemptRecord, RecipientOutcome } from "../../store.ts";
import { suppressionDetail } from "../../suppression.ts";
import { advance, heldBy, type Recipient, settle } from "../progress.ts";
import type { Engine } from "../statements.ts";
import { addSuppression } from "./suppressions.ts";

export function record(
  engine: Engine,
  records: readonly AttemptRecord[],
): readonly { readonly messageId: string; readonly applied: boolean }[] {
  return records.map((one) => ({ messageId: one.messageId, applied: apply(engine, one) }));
}

function apply(engine: Engine, attempt: AttemptRecord): boolean {
  const message = heldBy(engine, attempt.messageId, attempt.lease);
  if (message === null) return false;
  for (const outcome of attempt.outcomes) {
    const recipient = message.recipients.find((r) => r.position === outcome.index);
    if (recipient?.state === "sending") applyOutcome(engine, recipient, outcome, attempt);
  }
  settle(engine, message);
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

function applyOutcome(
  engine: Engine,
  recipient: Recipient,
  outcome: RecipientOutcome,
  { messageId, endedAt, counts }: AttemptRecord,
): void {
  if (!advance(recipient, outcome.event, endedAt)) return;
  if (counts && outcome.event !== "release") recipient.attempts++;
  switch (outcome.event) {
    case "release":
      // It was due when it was claimed; it is not now where the clock was set back since.
      if (recipient.dueAt !== null) recipient.dueAt = Math.min(recipient.dueAt, endedAt);
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
  if (outcome.event !== "bounce" || outcome.suppress !== true) return;
  addSuppression(engine, {
    address: recipient.address,
    reason: "hard-bounce",
    detail: suppressionDetail(outcome.verdict),
    messageId,
    at: endedAt,
  });
}
