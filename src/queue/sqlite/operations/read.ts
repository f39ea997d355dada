// Answers questions about what is stored.
import type { Verdict } from "../../../causes/verdict.ts";
import type { MessageView } from "../../../messages/composed.ts";
import { lanes } from "../../../messages/lanes.ts";
import { isFinal, recipientStates } from "../../../messages/states.ts";
import type { TranscriptLine } from "../../../smtp/transcript.ts";
import { isWaiting, stateNumber } from "../../progress.ts";
import type { Depth, ListRequest, RecipientOutcome, StoredAttempt, StoredMessage } from "../../store.ts";
import { laneNumber, type Message, messageById, messageBySeq } from "../message.ts";
import type { Engine } from "../statements.ts";

export function get(engine: Engine, id: string): StoredMessage | null {
  const message = messageById(engine, id);
  return message === null ? null : shown(engine, message);
}

export function content(engine: Engine, id: string): Uint8Array | null {
  const message = messageById(engine, id);
  if (message === null) return null;
  const row = engine.statements.content.get(message.seq) as unknown as readonly [Uint8Array] | undefined;
  return row?.[0] ?? null;
}

export function attempts(engine: Engine, id: string): readonly StoredAttempt[] {
  const message = messageById(engine, id);
  if (message === null) return [];
  return engine.statements.attemptsOf.all(message.seq).map((row) => ({
    startedAt: row.started_at as number,
    endedAt: row.ended_at as number,
    account: row.account as string | null,
    peer: row.peer as string | null,
    outcomes: JSON.parse(row.outcomes as string) as readonly RecipientOutcome[],
    transcript: JSON.parse(row.transcript as string) as readonly TranscriptLine[],
  }));
}

export function list(
  engine: Engine,
  request: ListRequest,
): { readonly messages: readonly StoredMessage[]; readonly more: boolean } {
  const { statements } = engine;
  const limit = Math.min(Math.max(request.limit, 1), 100);
  const upper = request.after === undefined ? Number.MAX_SAFE_INTEGER : upperBound(engine, request.after);
  const lower = request.before === undefined ? 0 : lowerBound(engine, request.before);
  const upwards = request.before !== undefined && request.after === undefined;
  const rows =
    request.state === undefined
      ? (upwards ? statements.listOldestFirst : statements.listNewestFirst).all(lower, upper, limit + 1)
      : (upwards ? statements.listStateOldestFirst : statements.listStateNewestFirst).all(
          lower,
          upper,
          stateNumber(request.state),
          limit + 1,
        );
  const page = rows.slice(0, limit);
  if (upwards) page.reverse();
  return {
    messages: page.map((row) => shown(engine, messageBySeq(engine, row.seq as number))),
    more: rows.length > limit,
  };
}

/** Older than `id`: those below this number. */
function upperBound(engine: Engine, id: string): number {
  const row = engine.statements.seqAtOrBefore.get(id);
  if (row === undefined) return 0;
  const seq = row.seq as number;
  return row.id === id ? seq : seq + 1;
}

/** Newer than `id`: those above this number. */
function lowerBound(engine: Engine, id: string): number {
  return (engine.statements.seqAtOrBefore.get(id)?.seq as number | undefined) ?? 0;
}

export function depth(engine: Engine): readonly Depth[] {
  const depths: Depth[] = [];
  for (const lane of lanes) {
    for (const state of recipientStates) {
      if (isFinal(state)) continue;
      const recipients = engine.memory.counts.of(lane, state);
      if (recipients === 0) continue;
      const { oldest } = engine.statements.oldestIn.get(stateNumber(state), laneNumber(lane))!;
      depths.push({ lane, state, recipients, oldest: messageBySeq(engine, oldest as number).createdAt });
    }
  }
  return depths;
}

function shown(engine: Engine, message: Message): StoredMessage {
  const { seq, ...rest } = message;
  return {
    ...rest,
    view: JSON.parse(engine.statements.viewOf.get(seq)!.view as string) as MessageView,
    recipients: engine.statements.recipientsShown.all(seq).map((row) => {
      const state = recipientStates[row.state as number]!;
      return {
        index: row.position as number,
        address: row.address as string,
        state,
        attempts: row.attempts as number,
        dueAt: isWaiting(state) ? (row.due_at as number | null) : null,
        changedAt: row.changed_at as number,
        verdict: row.verdict === null ? null : (JSON.parse(row.verdict as string) as Verdict),
      };
    }),
  };
}
