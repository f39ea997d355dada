// Where a message's recipients stand in this engine: read under the lock of its row of work, and written back together.
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
import type { Session } from "./database.ts";
import { sql } from "./sql.ts";

/** What must be known of a message to write down how it goes on. */
export interface Progress {
  readonly seq: number;
  readonly sensitive: boolean;
  readonly expiresAt: Instant;
  readonly stream: number;
  /** The lease on it, lost or not. */
  lease: Lease | null;
  readonly recipients: readonly Person[];
  /** Whether it has a row of work. */
  readonly atWork: boolean;
}

export interface Person extends Recipient {
  /** How it would stand on the suppression list. */
  readonly key: string;
  /** Whether it does. */
  readonly listed: boolean;
}

/** A message that waits or is under way, locked, with what a claim tells of it. */
export interface AtWork extends Progress {
  readonly id: string;
  readonly envelopeFrom: string;
  readonly size: number;
  readonly createdAt: Instant;
  readonly dueAt: Instant | null;
}

/** A row of `lockDue`, `lockOver` or `lockWork`. */
interface WorkRow {
  readonly message: number;
  readonly stream: number;
  readonly due_at: Instant | null;
  readonly lease: string | null;
  readonly lease_ms: number | null;
  readonly id: string;
  readonly envelope_from: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly created_at: Instant;
  readonly expires_at: Instant;
}

interface RecipientRow {
  readonly message: number;
  readonly position: number;
  readonly address: string;
  readonly key: string | null;
  readonly state: number;
  readonly attempts: number;
  readonly due_at: Instant | null;
  readonly changed_at: Instant;
  readonly suppressed: boolean;
}

/** Of messages that are locked: in the order of the rows. */
export async function atWork(session: Session, rows: readonly WorkRow[]): Promise<readonly AtWork[]> {
  const recipients = await recipientsOf(
    session,
    rows.map(({ message }) => message),
  );
  return rows.map((row) => ({
    seq: row.message,
    id: row.id,
    envelopeFrom: row.envelope_from,
    size: row.size,
    sensitive: row.sensitive,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    stream: row.stream,
    dueAt: row.due_at,
    lease: leaseOf(row),
    recipients: recipients.get(row.message) ?? [],
    atWork: true,
  }));
}

export function lockWork(session: Session, ids: readonly string[]): Promise<readonly WorkRow[]> {
  return session.rows<WorkRow>(sql.lockWork, [ids]);
}

/** Of messages that are locked; by number. */
export async function recipientsOf(
  session: Session,
  messages: readonly number[],
): Promise<ReadonlyMap<number, readonly Person[]>> {
  const found = new Map<number, Person[]>();
  if (messages.length === 0) return found;
  for (const row of await session.rows<RecipientRow>(sql.recipientsOf, [messages])) {
    const stored = recipientStates[row.state]!;
    const person: Person = {
      position: row.position,
      address: row.address,
      key: row.key ?? row.address,
      listed: row.suppressed,
      state: stored,
      attempts: row.attempts,
      dueAt: row.due_at,
      changedAt: row.changed_at,
      stored,
      changed: false,
    };
    const others = found.get(row.message);
    if (others === undefined) found.set(row.message, [person]);
    else others.push(person);
  }
  return found;
}

export function leaseOf(row: Pick<WorkRow, "lease" | "due_at" | "lease_ms">): Lease | null {
  return row.lease === null ? null : { token: row.lease, until: row.due_at!, ms: row.lease_ms! };
}

/** A lease holds only while something is being sent under it. */
export function heldLease({ lease, recipients }: Progress): Lease | null {
  return lease !== null && recipients.some((r) => r.state === "sending") ? lease : null;
}

/** States that are looked for by themselves; the others are the usual way of a message. */
export function standingOf(state: Recipient["state"]): number | null {
  return state === "queued" || state === "sending" || state === "sent" ? null : stateNumber(state);
}

/** What messages came to in one transaction, written with one statement for each table. */
export class Changes {
  readonly #recipients: [Progress, Person][] = [];
  readonly #put: { readonly progress: Progress; readonly dueAt: Instant | null; readonly endsAt: Instant }[] =
    [];
  readonly #finished: { readonly kept: number; readonly at: Instant; readonly seq: number }[] = [];
  readonly #unfinished: { readonly at: Instant; readonly seq: number }[] = [];
  readonly #done: number[] = [];
  readonly #emptied: number[] = [];

  /** Each message once: a message's row of work moves to where it now belongs. */
  settle(progress: Progress): void {
    const { seq, recipients, expiresAt } = progress;
    for (const r of recipients) if (r.changed) this.#recipients.push([progress, r]);
    if (isOver(recipients)) {
      if (progress.atWork) this.#done.push(seq);
      if (progress.sensitive) this.#emptied.push(seq);
      const kept = keeps.transcripts + (progress.sensitive ? 0 : keeps.content);
      this.#finished.push({ kept, at: lastChange(recipients), seq });
      return;
    }
    const lease = heldLease(progress);
    progress.lease = lease;
    if (lease === null) this.#put.push({ progress, dueAt: earliestDue(recipients), endsAt: expiresAt });
    else this.#put.push({ progress, dueAt: lease.until, endsAt: Math.max(expiresAt, lease.until) });
  }

  /** A finished message goes again. Its content must still be there. */
  unfinish(seq: number, finishedAt: Instant): void {
    this.#unfinished.push({ at: finishedAt, seq });
  }

  /** `owner`: who takes the leases; null for one who takes none. */
  async write(session: Session, owner: string | null): Promise<void> {
    const written: Promise<unknown>[] = [];
    const write = (statement: Parameters<Session["rows"]>[0], values: readonly unknown[]) =>
      written.push(session.rows(statement, values));
    // Before what is new there, as both may be of one message.
    if (this.#unfinished.length > 0) write(sql.deleteFinished, columnsOf(this.#unfinished, ["at", "seq"]));
    if (this.#recipients.length > 0) {
      const people = this.#recipients;
      write(sql.setRecipients, [
        people.map(([{ seq }]) => seq),
        people.map(([, r]) => r.position),
        people.map(([, r]) => stateNumber(r.state)),
        people.map(([, r]) => standingOf(r.state)),
        people.map(([, r]) => r.attempts),
        people.map(([, r]) => r.dueAt),
        people.map(([, r]) => r.changedAt),
        people.map(([, r]) => r.verdict !== undefined),
        people.map(([, r]) => r.verdict ?? null),
      ]);
    }
    const there = this.#put.filter(({ progress }) => progress.atWork);
    const fresh = this.#put.filter(({ progress }) => !progress.atWork);
    if (there.length > 0) write(sql.setWork, [...workColumns(there), owner]);
    if (fresh.length > 0) write(sql.insertWork, workColumns(fresh));
    if (this.#done.length > 0) write(sql.deleteWork, [this.#done]);
    if (this.#emptied.length > 0) write(sql.deleteContent, [this.#emptied]);
    if (this.#finished.length > 0)
      write(sql.insertFinished, columnsOf(this.#finished, ["kept", "at", "seq"]));
    await Promise.all(written);
  }
}

function workColumns(
  put: readonly { readonly progress: Progress; readonly dueAt: Instant | null; readonly endsAt: Instant }[],
): readonly unknown[] {
  const count = ({ recipients }: Progress, wanted: (r: Person) => boolean) =>
    recipients.filter(wanted).length;
  return [
    put.map(({ progress }) => progress.seq),
    put.map(({ dueAt }) => dueAt),
    put.map(({ endsAt }) => endsAt),
    put.map(({ progress }) => progress.lease?.token ?? null),
    put.map(({ progress }) => progress.lease?.ms ?? null),
    put.map(({ progress }) => count(progress, (r) => r.state === "queued")),
    put.map(({ progress }) => count(progress, (r) => r.state === "sending")),
    put.map(({ progress }) => progress.stream),
  ];
}

function columnsOf<Row>(rows: readonly Row[], names: readonly (keyof Row)[]): readonly unknown[] {
  return names.map((name) => rows.map((row) => row[name]));
}
