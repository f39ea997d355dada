// Where a message's recipients stand: read, moved by the one mover, written back, and what follows for the message.
import { type Lane, lanes } from "../../messages/lanes.ts";
import {
  isFinal,
  move,
  type RecipientEvent,
  type RecipientState,
  recipientStates,
} from "../../messages/states.ts";
import type { Instant } from "../store.ts";
import type { Engine } from "./statements.ts";

export interface Message {
  readonly seq: number;
  readonly id: string;
  readonly messageId: string;
  readonly lane: Lane;
  readonly route: string | null;
  readonly envelopeFrom: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly createdAt: Instant;
  readonly notBefore: Instant | null;
  readonly expiresAt: Instant;
  readonly origin: string;
}

export interface Recipient {
  readonly position: number;
  readonly address: string;
  state: RecipientState;
  attempts: number;
  /** Kept while it is being sent, so that a release gives it its old place back. */
  dueAt: Instant | null;
  changedAt: Instant;
  /** JSON of a Verdict. */
  verdict: string | null;
  changed: boolean;
}

export const stateNumber = (state: RecipientState): number => recipientStates.indexOf(state);
export const laneNumber = (lane: Lane): number => lanes.indexOf(lane);

type Row = Record<string, unknown>;

function toMessage(row: Row): Message {
  return {
    seq: row.seq as number,
    id: row.id as string,
    messageId: row.message_id as string,
    lane: lanes[row.lane as number]!,
    route: row.route as string | null,
    envelopeFrom: row.envelope_from as string,
    size: row.size as number,
    sensitive: row.sensitive === 1,
    createdAt: row.created_at as number,
    notBefore: row.not_before as number | null,
    expiresAt: row.expires_at as number,
    origin: row.origin as string,
  };
}

export function messageById({ statements }: Engine, id: string): Message | null {
  const row = statements.messageById.get(id);
  return row === undefined ? null : toMessage(row);
}

/** For a number that another row just named. */
export function messageBySeq({ statements }: Engine, seq: number): Message {
  return toMessage(statements.messageBySeq.get(seq)!);
}

export function recipientsOf({ statements }: Engine, seq: number): Recipient[] {
  return statements.recipientsOf.all(seq).map((row) => ({
    position: row.position as number,
    address: row.address as string,
    state: recipientStates[row.state as number]!,
    attempts: row.attempts as number,
    dueAt: row.due_at as number | null,
    changedAt: row.changed_at as number,
    verdict: row.verdict as string | null,
    changed: false,
  }));
}

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

/** Writes back what changed, and moves the message's row of work to where it now belongs. */
export function settle(
  engine: Engine,
  message: Pick<Message, "seq" | "lane" | "sensitive" | "expiresAt">,
  recipients: readonly Recipient[],
  /** The lease that holds those in `sending`, and its end. */
  lease: { readonly token: string; readonly until: Instant } | null,
): void {
  const { statements } = engine;
  for (const r of recipients) {
    if (!r.changed) continue;
    statements.setRecipient.run(
      stateNumber(r.state),
      r.attempts,
      r.dueAt,
      r.changedAt,
      r.verdict,
      message.seq,
      r.position,
    );
    r.changed = false;
  }
  if (recipients.every((r) => isFinal(r.state))) {
    statements.deleteWork.run(message.seq);
    if (message.sensitive) statements.deleteContent.run(message.seq);
  } else if (lease !== null && recipients.some((r) => r.state === "sending")) {
    statements.putWork.run(message.seq, laneNumber(message.lane), lease.until, lease.token);
  } else {
    let due = message.expiresAt;
    for (const r of recipients) if (isWaiting(r.state) && r.dueAt !== null) due = Math.min(due, r.dueAt);
    statements.putWork.run(message.seq, laneNumber(message.lane), due, null);
  }
}

/** The lease on a message, if one holds it; lost or not. */
export function leaseOf({ statements }: Engine, seq: number): { token: string; until: Instant } | null {
  const row = statements.workOf.get(seq);
  if (row === undefined || row.lease === null) return null;
  return { token: row.lease as string, until: row.due_at as number };
}
