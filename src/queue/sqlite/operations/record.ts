// Writes down what became of an attempt.
import { applyOutcomes } from "../../progress.ts";
import type { AttemptRecord } from "../../store.ts";
import { suppressionDetail } from "../../suppression.ts";
import { heldBy, settle } from "../progress.ts";
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
  applyOutcomes(message.recipients, attempt, ({ address }, { verdict }) =>
    addSuppression(engine, {
      address,
      reason: "hard-bounce",
      detail: suppressionDetail(verdict),
      messageId: attempt.messageId,
      at: attempt.endedAt,
    }),
  );
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
