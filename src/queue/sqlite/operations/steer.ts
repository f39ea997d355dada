// What a person, or a mended account, asks of messages that are already in.
import type { RecipientEvent, RecipientState } from "../../../messages/states.ts";
import { isOver, lastChange, moveAll, setBack, stateNumber } from "../../progress.ts";
import type { Instant } from "../../store.ts";
import { type Message, messageById, messageBySeq } from "../message.ts";
import { progressOf, settle, unfinish } from "../progress.ts";
import type { Engine } from "../statements.ts";
import { setBudgetsBack } from "./budgets.ts";

export function retry(engine: Engine, id: string, now: Instant): number {
  const message = messageById(engine, id);
  return message === null ? 0 : release(engine, message, (state) => state !== "queued", now);
}

export function cancel(engine: Engine, id: string, now: Instant): number {
  const message = messageById(engine, id);
  return message === null ? 0 : steer(engine, message, "cancel", () => true, now);
}

export function confirm(engine: Engine, id: string, now: Instant): number {
  const message = messageById(engine, id);
  return message === null ? 0 : steer(engine, message, "accept", (state) => state === "unknown", now);
}

export function reschedule(
  engine: Engine,
  id: string,
  notBefore: Instant,
  expiresAt: Instant | undefined,
): boolean {
  const message = messageById(engine, id);
  if (message === null) return false;
  const expiry = expiresAt ?? message.expiresAt;
  const progress = progressOf(engine, { ...message, expiresAt: expiry });
  if (!progress.recipients.every((r) => r.state === "scheduled")) return false;
  for (const r of progress.recipients) {
    r.dueAt = notBefore;
    r.changed = true;
  }
  engine.statements.setTimes.run(notBefore, expiry, message.seq);
  settle(engine, progress);
  return true;
}

/** Messages in one slice of a long task: others' commits wait for it. */
const sliceSize = 1000;

export interface Slice {
  readonly moved: number;
  /** Where the next slice begins; null when there is none. */
  readonly next: number | null;
}

export function unparkSlice(engine: Engine, route: string | null, now: Instant, from: number): Slice {
  const rows = engine.statements.parkedMessages.all(stateNumber("parked"), from, sliceSize);
  let moved = 0;
  let last = from;
  for (const row of rows) {
    last = row.seq as number;
    const message = messageBySeq(engine, last);
    if (route !== null && message.route !== route) continue;
    moved += release(engine, message, (state) => state === "parked", now);
  }
  return { moved, next: rows.length < sliceSize ? null : last };
}

/** See `clockSetBack` in the contract. */
export function setBackSlice(engine: Engine, now: Instant, from: number): Slice {
  if (from === 0) setBudgetsBack(engine, now);
  const rows = engine.statements.workSlice.all(from, sliceSize);
  let moved = 0;
  let last = from;
  for (const row of rows) {
    last = row.message as number;
    const leasedAhead = row.lease !== null && (row.due_at as number) > now + (row.lease_ms as number);
    if (leasedAhead || (row.changed_at as number) > now)
      moved += setMessageBack(engine, last, now, leasedAhead);
  }
  return { moved, next: rows.length < sliceSize ? null : last };
}

function setMessageBack(engine: Engine, seq: number, now: Instant, leasedAhead: boolean): number {
  const progress = progressOf(engine, messageBySeq(engine, seq));
  const moved = setBack(progress.recipients, now, leasedAhead);
  if (moved === 0) return 0;
  const { lease } = progress;
  settle(engine, { ...progress, lease: leasedAhead ? { ...lease!, until: now + lease!.ms } : lease });
  return moved;
}

/** A message that expired, or whose content is no longer kept, cannot go again. */
function release(
  engine: Engine,
  message: Message,
  wanted: (state: RecipientState) => boolean,
  now: Instant,
): number {
  if (message.expiresAt <= now || engine.statements.hasContent.get(message.seq) === undefined) return 0;
  return steer(engine, message, "retry", wanted, now);
}

function steer(
  engine: Engine,
  message: Message,
  event: RecipientEvent,
  wanted: (state: RecipientState) => boolean,
  now: Instant,
): number {
  const progress = progressOf(engine, message);
  const finishedAt = isOver(progress.recipients) ? lastChange(progress.recipients) : null;
  const moved = moveAll(progress.recipients, event, wanted, now);
  if (moved === 0) return 0;
  if (finishedAt !== null) unfinish(engine, message.seq, finishedAt);
  settle(engine, progress);
  return moved;
}
