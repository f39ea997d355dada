// What a person, or a mended account, asks of messages that are already in.
import type { RecipientEvent, RecipientState } from "../../../messages/states.ts";
import { isOver, lastChange, moveAll, setBack, stateNumber } from "../../progress.ts";
import type { Instant } from "../../store.ts";
import type { Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { isId, type Message, type MessageRow, toMessage } from "../message.ts";
import { Changes, leaseOf, type Progress, recipientsOf } from "../progress.ts";
import { sql } from "../sql.ts";
import { setBudgetsBack } from "./budgets.ts";

type Steered = Progress & { readonly message: Message };

export function retry(engine: Engine, id: string, now: Instant): Promise<number> {
  return one(engine, id, 0, (session, steered) =>
    release(session, [steered], (state) => state !== "queued", now),
  );
}

export function cancel(engine: Engine, id: string, now: Instant): Promise<number> {
  return one(engine, id, 0, (session, steered) => moveOf(session, [steered], "cancel", () => true, now));
}

export function confirm(engine: Engine, id: string, now: Instant): Promise<number> {
  const isUnknown = (state: RecipientState) => state === "unknown";
  return one(engine, id, 0, (session, steered) => moveOf(session, [steered], "accept", isUnknown, now));
}

export function reschedule(
  engine: Engine,
  id: string,
  notBefore: Instant,
  expiresAt: Instant | undefined,
): Promise<boolean> {
  return one(engine, id, false, async (session, { message, ...progress }) => {
    if (!progress.recipients.every((r) => r.state === "scheduled")) return false;
    const expiry = expiresAt ?? message.expiresAt;
    for (const r of progress.recipients) {
      r.dueAt = notBefore;
      r.changed = true;
    }
    await session.rows(sql.setTimes, [notBefore, expiry, message.seq]);
    const changes = new Changes();
    changes.settle({ ...progress, expiresAt: expiry });
    await changes.write(session, null);
    return true;
  });
}

/** Messages in one slice of a long task: others wait for what it locks. */
const sliceSize = 1000;

export interface Slice {
  readonly moved: number;
  /** Where the next slice begins; null when there is none. */
  readonly next: number | null;
}

export function unparkSlice(
  engine: Engine,
  route: string | null,
  now: Instant,
  from: number,
): Promise<Slice> {
  return engine.database.transaction(async (session) => {
    const values = [stateNumber("parked"), from, route, sliceSize];
    const rows = await session.rows<{ message: number }>(sql.parkedMessages, values);
    const seqs = rows.map(({ message }) => message);
    const steered = await locked(engine, session, sql.lockMessagesBySeq, seqs);
    const moved = await release(session, steered, (state) => state === "parked", now);
    return { moved, next: rows.length < sliceSize ? null : seqs.at(-1)! };
  });
}

/** See `clockSetBack` in the contract. */
export function setBackSlice(engine: Engine, now: Instant, from: number): Promise<Slice> {
  return engine.database.transaction(async (session) => {
    if (from === 0) await setBudgetsBack(session, now);
    const rows = await session.rows<{
      readonly message: number;
      readonly due_at: Instant | null;
      readonly lease: string | null;
      readonly lease_ms: number | null;
      readonly changed_at: Instant;
    }>(sql.workSlice, [from, sliceSize]);
    const ahead = rows.filter(
      (row) => row.changed_at > now || (row.lease !== null && row.due_at! > now + row.lease_ms!),
    );
    const steered = await locked(
      engine,
      session,
      sql.lockMessagesBySeq,
      ahead.map(({ message }) => message),
    );
    const changes = new Changes();
    let moved = 0;
    for (const progress of steered) {
      const { lease, recipients } = progress;
      const leasedAhead = lease !== null && lease.until > now + lease.ms;
      const count = setBack(recipients, now, leasedAhead);
      if (count === 0) continue;
      moved += count;
      if (leasedAhead) progress.lease = { ...lease, until: now + lease.ms };
      changes.settle(progress);
    }
    await changes.write(session, null);
    return { moved, next: rows.length < sliceSize ? null : rows.at(-1)!.message };
  });
}

/** `none` is the answer for a message that is not there. */
function one<T>(
  engine: Engine,
  id: string,
  none: T,
  work: (session: Session, steered: Steered) => Promise<T>,
): Promise<T> {
  if (!isId(id)) return Promise.resolve(none);
  return engine.database.transaction(async (session) => {
    const [steered] = await locked(engine, session, sql.lockMessages, [id]);
    return steered === undefined ? none : work(session, steered);
  });
}

/** Messages with where they stand, locked: first the message, as a finished one has no row of work, then that row. */
async function locked(
  engine: Engine,
  session: Session,
  statement: Parameters<Session["rows"]>[0],
  which: readonly (string | number)[],
): Promise<readonly Steered[]> {
  if (which.length === 0) return [];
  const messages = (await session.rows<MessageRow>(statement, [which])).map(toMessage);
  const seqs = messages.map(({ seq }) => seq);
  const rows = await session.rows<Parameters<typeof leaseOf>[0] & { message: number; stream: number }>(
    sql.lockWorkBySeq,
    [seqs],
  );
  const work = new Map(rows.map((row) => [row.message, row]));
  const recipients = await recipientsOf(session, seqs);
  const streams = await engine.streams.within(session, messages);
  return messages.map((message, i) => {
    const row = work.get(message.seq);
    return {
      message,
      seq: message.seq,
      sensitive: message.sensitive,
      expiresAt: message.expiresAt,
      stream: streams[i]!.id,
      lease: row === undefined ? null : leaseOf(row),
      recipients: recipients.get(message.seq) ?? [],
      atWork: row !== undefined,
    };
  });
}

/** Messages that expired, or whose content is no longer kept, cannot go again. */
async function release(
  session: Session,
  steered: readonly Steered[],
  wanted: (state: RecipientState) => boolean,
  now: Instant,
): Promise<number> {
  const alive = steered.filter(({ expiresAt }) => expiresAt > now);
  if (alive.length === 0) return 0;
  const rows = await session.rows<{ message: number }>(sql.withContent, [alive.map(({ seq }) => seq)]);
  const kept = new Set(rows.map(({ message }) => message));
  return moveOf(
    session,
    alive.filter(({ seq }) => kept.has(seq)),
    "retry",
    wanted,
    now,
  );
}

async function moveOf(
  session: Session,
  steered: readonly Steered[],
  event: RecipientEvent,
  wanted: (state: RecipientState) => boolean,
  now: Instant,
): Promise<number> {
  const changes = new Changes();
  let moved = 0;
  for (const progress of steered) {
    const { recipients, seq } = progress;
    const finishedAt = isOver(recipients) ? lastChange(recipients) : null;
    const count = moveAll(recipients, event, wanted, now);
    if (count === 0) continue;
    moved += count;
    if (finishedAt !== null) changes.unfinish(seq, finishedAt);
    changes.settle(progress);
  }
  await changes.write(session, null);
  return moved;
}
