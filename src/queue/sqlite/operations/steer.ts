// What a person, or a mended account, asks of messages that are already in.
import type { RecipientEvent } from "../../../messages/states.ts";
import type { Instant } from "../../store.ts";
import {
  advance,
  leaseOf,
  type Message,
  messageById,
  messageBySeq,
  recipientsOf,
  settle,
  stateNumber,
} from "../progress.ts";
import type { Engine } from "../statements.ts";

export function retry(engine: Engine, id: string, now: Instant): number {
  const message = messageById(engine, id);
  return message === null ? 0 : release(engine, message, false, now);
}

export function cancel(engine: Engine, id: string, now: Instant): number {
  const message = messageById(engine, id);
  return message === null ? 0 : moveAll(engine, message, "cancel", now);
}

export function reschedule(
  engine: Engine,
  id: string,
  notBefore: Instant,
  expiresAt: Instant | undefined,
): boolean {
  const message = messageById(engine, id);
  if (message === null) return false;
  const recipients = recipientsOf(engine, message.seq);
  if (!recipients.every((r) => r.state === "scheduled")) return false;
  for (const r of recipients) {
    r.dueAt = notBefore;
    r.changed = true;
  }
  const expiry = expiresAt ?? message.expiresAt;
  engine.statements.setTimes.run(notBefore, expiry, message.seq);
  settle(engine, { ...message, expiresAt: expiry }, recipients, null);
  return true;
}

/** Where the next slice begins; null when there is none. */
export interface UnparkSlice {
  readonly moved: number;
  readonly next: number | null;
}

/** Messages in one slice: others' commits wait for it. */
const sliceSize = 1000;

export function unparkSlice(engine: Engine, route: string | null, now: Instant, from: number): UnparkSlice {
  const rows = engine.statements.parkedMessages.all(stateNumber("parked"), from, sliceSize);
  let moved = 0;
  let last = from;
  for (const row of rows) {
    last = row.seq as number;
    const message = messageBySeq(engine, last);
    if (route === null || message.route === route) moved += release(engine, message, true, now);
  }
  return { moved, next: rows.length < sliceSize ? null : last };
}

/** A message that expired, or whose content is no longer kept, cannot go again. */
function release(engine: Engine, message: Message, onlyParked: boolean, now: Instant): number {
  if (message.expiresAt <= now || engine.statements.hasContent.get(message.seq) === undefined) return 0;
  return moveAll(engine, message, "retry", now, onlyParked);
}

function moveAll(
  engine: Engine,
  message: Message,
  event: RecipientEvent,
  now: Instant,
  onlyParked = false,
): number {
  const recipients = recipientsOf(engine, message.seq);
  let moved = 0;
  for (const r of recipients) {
    if (onlyParked && r.state !== "parked") continue;
    if (r.state === "queued" && event === "retry") continue;
    if (!advance(r, event, now)) continue;
    r.dueAt = event === "retry" ? now : null;
    moved++;
  }
  if (moved > 0) settle(engine, message, recipients, leaseOf(engine, message.seq));
  return moved;
}
