// Where a message's recipients stand: moved by the one mover, written back, and what follows for the message.
import { recipientStates } from "../../messages/states.ts";
import {
  earliestDue,
  isOver,
  keeps,
  type Lease,
  lastChange,
  type Recipient,
  stateNumber,
} from "../progress.ts";
import type { Instant } from "../store.ts";
import type { Engine } from "./statements.ts";
import type { Stream } from "./streams.ts";

/** What must be known of a message to write down how it goes on. */
export interface Progress {
  readonly seq: number;
  readonly sensitive: boolean;
  readonly expiresAt: Instant;
  readonly stream: Stream;
  /** The lease on it, lost or not. */
  readonly lease: Lease | null;
  readonly recipients: readonly Recipient[];
}

/** A row of `recipientsOf`. */
type RecipientRow = [number, string, number, number, number | null, number];

function toRecipient([position, address, state, attempts, dueAt, changedAt]: RecipientRow): Recipient {
  const stored = recipientStates[state]!;
  return { position, address, state: stored, attempts, dueAt, changedAt, stored, changed: false };
}

/** For a message that may be finished. */
export function progressOf(
  { statements, memory }: Engine,
  message: Pick<Progress, "seq" | "sensitive" | "expiresAt"> & Pick<Stream, "lane" | "origin" | "route">,
): Progress {
  const { seq, sensitive, expiresAt } = message;
  const work = statements.workOf.get(seq);
  const rows = statements.recipientsOf.all(seq) as unknown as readonly RecipientRow[];
  return {
    seq,
    sensitive,
    expiresAt,
    /** When asked: a message that stays finished needs none. */
    get stream() {
      return memory.streams.of(message.lane, message.origin, message.route);
    },
    lease: toLease(work?.lease ?? null, work?.due_at ?? null, work?.lease_ms ?? null),
    recipients: rows.map(toRecipient),
  };
}

/** A message that waits or is under way, with what a claim tells of it. */
export interface AtWork extends Progress {
  readonly id: string;
  readonly envelopeFrom: string;
  readonly size: number;
  readonly createdAt: Instant;
}

type AtWorkRow = [
  ...[seq: number, id: string, envelopeFrom: string, size: number, sensitive: number],
  ...[createdAt: number, expiresAt: number],
  ...[stream: number, dueAt: number | null, lease: string | null, leaseMs: number | null],
  ...RecipientRow,
];

/** Reads the rows of `dueAtWork`, `overAtWork` or `atWorkById`, where a message's recipients stand together. */
export function atWork({ memory }: Engine, rows: readonly unknown[]): readonly AtWork[] {
  const messages: AtWork[] = [];
  let recipients: Recipient[] = [];
  for (const row of rows as readonly AtWorkRow[]) {
    const [seq, id, envelopeFrom, size, sensitive, createdAt, expiresAt, stream, dueAt, lease, leaseMs] = row;
    if (messages.at(-1)?.seq !== seq) {
      recipients = [];
      messages.push({
        seq,
        id,
        envelopeFrom,
        size,
        sensitive: sensitive === 1,
        createdAt,
        expiresAt,
        stream: memory.streams.byId(stream),
        lease: toLease(lease, dueAt, leaseMs),
        recipients,
      });
    }
    recipients.push(toRecipient(row.slice(11) as RecipientRow));
    if (recipients.length > 1) recipients.sort((a, b) => a.position - b.position);
  }
  return messages;
}

/** The message that this lease holds; null when it was lost, or never was. */
export function heldBy(engine: Engine, id: string, lease: string): AtWork | null {
  const [message] = atWork(engine, engine.statements.atWorkById.all(id));
  return message?.lease?.token === lease ? message : null;
}

function toLease(token: unknown, until: unknown, ms: unknown): Lease | null {
  return token === null ? null : { token: token as string, until: until as number, ms: ms as number };
}

/** Writes back what changed, and moves the message's row of work to where it now belongs. */
export function settle(engine: Engine, message: Progress): void {
  const { statements, memory } = engine;
  const { seq, stream, lease, recipients } = message;
  writeRecipients(engine, message);
  if (isOver(recipients)) {
    statements.deleteWork.run(seq);
    memory.streams.moved(stream, null);
    if (message.sensitive) statements.deleteContent.run(seq);
    finish(engine, message);
  } else if (lease !== null && recipients.some((r) => r.state === "sending")) {
    wait(engine, message, lease.until, Math.max(message.expiresAt, lease.until), lease);
  } else {
    wait(engine, message, earliestDue(recipients), message.expiresAt, null);
  }
}

function writeRecipients({ statements, memory }: Engine, { seq, stream, recipients }: Progress): void {
  for (const r of recipients) {
    if (!r.changed) continue;
    const state = stateNumber(r.state);
    if (r.verdict === undefined) {
      statements.setRecipient.run(state, r.attempts, r.dueAt, r.changedAt, seq, r.position);
    } else {
      const { verdict } = r;
      statements.setRecipientAndVerdict.run(
        state,
        r.attempts,
        r.dueAt,
        r.changedAt,
        verdict,
        seq,
        r.position,
      );
    }
    memory.counts.moved(stream.lane, r.stored, r.state);
    r.stored = r.state;
    r.changed = false;
  }
}

function wait(
  { statements, memory }: Engine,
  { seq, stream }: Progress,
  dueAt: Instant | null,
  endsAt: Instant,
  lease: Lease | null,
): void {
  const token = lease?.token ?? null;
  const ms = lease?.ms ?? null;
  if (statements.moveWork.run(dueAt, token, ms, seq, endsAt).changes === 0) {
    statements.putWork.run(seq, stream.id, dueAt, endsAt, token, ms);
  }
  memory.streams.moved(stream, dueAt);
}

/** From now on retention counts its time. */
export function finish(
  { statements }: Engine,
  message: Pick<Progress, "seq" | "sensitive"> & {
    readonly recipients: readonly Pick<Recipient, "changedAt">[];
  },
): void {
  const { seq, sensitive, recipients } = message;
  const kept = keeps.transcripts + (sensitive ? 0 : keeps.content);
  statements.insertFinished.run(kept, lastChange(recipients), seq);
}

/** A finished message goes again. Its content must still be there. */
export function unfinish({ statements }: Engine, seq: number, finishedAt: Instant): void {
  for (const transcripts of [0, keeps.transcripts]) {
    statements.deleteFinished.run(keeps.content + transcripts, finishedAt, seq);
  }
}
