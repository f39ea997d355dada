// Writes down what became of attempts.
import { applyOutcomes } from "../../progress.ts";
import type { AttemptRecord, Suppression } from "../../store.ts";
import { suppressionDetail } from "../../suppression.ts";
import type { Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { type AtWork, atWork, Changes, heldLease, lockWork } from "../progress.ts";
import { sql } from "../sql.ts";
import { addSuppressions } from "./suppressions.ts";

type Answer = readonly { readonly messageId: string; readonly applied: boolean }[];

/** `again`: whether an earlier try of some of them may have been committed without our hearing of it. */
export function record(engine: Engine, records: readonly AttemptRecord[], again: boolean): Promise<Answer> {
  if (records.length === 0) return Promise.resolve([]);
  return engine.database.transaction(async (session) => {
    const ids = [...new Set(records.map(({ messageId }) => messageId))];
    const messages = await atWork(session, await lockWork(session, ids));
    const byId = new Map(messages.map((message) => [message.id, message]));
    const suppressions: Suppression[] = [];
    const written: { readonly seq: number; readonly attempt: AttemptRecord }[] = [];
    const moved = new Set<AtWork>();
    const answer = records.map((attempt) => {
      const message = byId.get(attempt.messageId);
      const applied = message?.lease?.token === attempt.lease;
      if (message !== undefined && applied) {
        applyOutcomes(message.recipients, attempt, ({ key: address }, { verdict }) =>
          suppressions.push({
            address,
            reason: "hard-bounce",
            detail: suppressionDetail(verdict),
            messageId: attempt.messageId,
            at: attempt.endedAt,
          }),
        );
        message.lease = heldLease(message);
        moved.add(message);
        if (attempt.counts) written.push({ seq: message.seq, attempt });
      }
      return { messageId: attempt.messageId, applied };
    });
    const changes = new Changes();
    for (const message of moved) changes.settle(message);
    const writing = [changes.write(session, null)];
    if (written.length > 0) writing.push(insertAttempts(session, written));
    if (suppressions.length > 0) writing.push(addSuppressions(session, suppressions));
    await Promise.all(writing);
    return again ? asCommittedBefore(session, records, answer) : answer;
  });
}

async function insertAttempts(
  session: Session,
  written: readonly { readonly seq: number; readonly attempt: AttemptRecord }[],
): Promise<void> {
  await session.rows(sql.insertAttempts, [
    written.map(({ seq }) => seq),
    written.map(({ attempt }) => attempt.lease),
    written.map(({ attempt }) => attempt.startedAt),
    written.map(({ attempt }) => attempt.endedAt),
    written.map(({ attempt }) => attempt.account),
    written.map(({ attempt }) => attempt.peer),
    written.map(({ attempt }) => JSON.stringify(attempt.outcomes)),
    written.map(({ attempt }) => JSON.stringify(attempt.transcript)),
  ]);
}

/** What stands there as an attempt under its lease was applied, though the lease is over by now. */
async function asCommittedBefore(
  session: Session,
  records: readonly AttemptRecord[],
  answer: Answer,
): Promise<Answer> {
  const lost = records.filter((_, i) => !answer[i]!.applied);
  if (lost.length === 0) return answer;
  const rows = await session.rows<{ lease: string }>(sql.attemptsUnder, [
    lost.map(({ messageId }) => messageId),
    lost.map(({ lease }) => lease),
  ]);
  const leases = new Set(rows.map(({ lease }) => lease));
  return answer.map((one, i) => ({ ...one, applied: one.applied || leases.has(records[i]!.lease) }));
}
