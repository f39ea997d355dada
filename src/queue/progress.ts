// Where a message's recipients stand, for every engine: moved by the one mover, and what follows for the message.
import {
  isFinal,
  move,
  type RecipientEvent,
  type RecipientState,
  recipientStates,
} from "../messages/states.ts";
import type { AttemptRecord, Instant, RecipientOutcome } from "./store.ts";

export interface Recipient {
  readonly position: number;
  readonly address: string;
  state: RecipientState;
  attempts: number;
  /** Kept while it is being sent, so that a release gives it its old place back. */
  dueAt: Instant | null;
  changedAt: Instant;
  /** The state in its row. */
  stored: RecipientState;
  changed: boolean;
  /** JSON of a Verdict to be written; absent: it stays as it is. */
  verdict?: string | null;
}

export interface Lease {
  readonly token: string;
  readonly until: Instant;
  /** How long it was taken for. */
  readonly ms: number;
}

/** States are stored as their positions in `recipientStates`. */
export const stateNumber = (state: RecipientState): number => recipientStates.indexOf(state);

/** What stays of a finished message, as in its row: retention takes one part after the other. */
export const keeps = { content: 1, transcripts: 2 } as const;

/** Every combination of what is kept of a finished message. */
export const keptCombinations: readonly number[] = [
  0,
  keeps.content,
  keeps.transcripts,
  keeps.content + keeps.transcripts,
];

/** False when the move is not allowed; then nothing changed. */
export function advance(recipient: Recipient, event: RecipientEvent, now: Instant): boolean {
  const next = move(recipient.state, event);
  if (next === null) return false;
  recipient.state = next;
  recipient.changedAt = now;
  recipient.changed = true;
  return true;
}

/** Waiting for a time, which is its `dueAt`. */
export function isWaiting(state: RecipientState): boolean {
  return state === "scheduled" || state === "queued" || state === "deferred";
}

export function isOver(recipients: readonly Pick<Recipient, "state">[]): boolean {
  return recipients.every(({ state }) => isFinal(state));
}

export function lastChange(recipients: readonly Pick<Recipient, "changedAt">[]): Instant {
  return recipients.reduce((last, r) => Math.max(last, r.changedAt), 0);
}

/** The earliest time that one of them waits for; null when none does. */
export function earliestDue(recipients: readonly Recipient[]): Instant | null {
  let dueAt: Instant | null = null;
  for (const r of recipients) {
    if (isWaiting(r.state) && r.dueAt !== null) dueAt = Math.min(dueAt ?? r.dueAt, r.dueAt);
  }
  return dueAt;
}

/** Those of a message that a claim takes now, moved to `sending`, and those that it suppresses. A lease on it is over. */
export function takeDue<One extends Recipient>(
  recipients: readonly One[],
  now: Instant,
  isSuppressed: (recipient: One) => boolean,
): { readonly taken: readonly One[]; readonly suppressed: readonly One[] } {
  for (const r of recipients) if (r.state === "sending") advance(r, "release", now);
  const due = recipients.filter((r) => isWaiting(r.state) && r.dueAt !== null && r.dueAt <= now);
  const suppressed = due.filter(isSuppressed);
  for (const r of suppressed) {
    advance(r, "suppress", now);
    r.dueAt = null;
  }
  return { suppressed, taken: due.filter((r) => advance(r, "claim", now)) };
}

/** Moves those outcomes apply to that are still being sent; calls back with each that goes onto the suppression list. */
export function applyOutcomes<One extends Recipient>(
  recipients: readonly One[],
  attempt: AttemptRecord,
  suppress: (recipient: One, outcome: RecipientOutcome & { readonly event: "bounce" }) => void,
): void {
  for (const outcome of attempt.outcomes) {
    const recipient = recipients.find((r) => r.position === outcome.index);
    if (recipient?.state !== "sending" || !advance(recipient, outcome.event, attempt.endedAt)) continue;
    if (attempt.counts && outcome.event !== "release") recipient.attempts++;
    settleTime(recipient, outcome, attempt.endedAt);
    if (outcome.event === "bounce" && outcome.suppress === true) suppress(recipient, outcome);
  }
}

function settleTime(recipient: Recipient, outcome: RecipientOutcome, endedAt: Instant): void {
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
}

/** Moves all that are wanted and can be; how many. */
export function moveAll(
  recipients: readonly Recipient[],
  event: RecipientEvent,
  wanted: (state: RecipientState) => boolean,
  now: Instant,
): number {
  let moved = 0;
  for (const r of recipients) {
    if (!wanted(r.state) || !advance(r, event, now)) continue;
    r.dueAt = event === "retry" ? now : null;
    if (event === "accept") r.verdict = null;
    moved++;
  }
  return moved;
}

/** See `clockSetBack` in the contract; how many were set back. `leasedAhead`: the lease ends later than any taken now would. */
export function setBack(recipients: readonly Recipient[], now: Instant, leasedAhead: boolean): number {
  let moved = 0;
  for (const r of recipients) {
    const putOff = (r.state === "queued" || r.state === "deferred") && r.changedAt > now && r.dueAt! > now;
    // The lease may have been renewed since.
    const held = r.state === "sending" && (leasedAhead || r.dueAt! > now);
    if (!putOff && !held) continue;
    if (r.dueAt! > now) r.dueAt = now + Math.max(r.dueAt! - r.changedAt, 0);
    r.changedAt = Math.min(r.changedAt, now);
    r.changed = true;
    moved++;
  }
  return moved;
}
