// Answers questions about what is stored.
import type { MessageView } from "../../../messages/composed.ts";
import { lanes } from "../../../messages/lanes.ts";
import { isFinal, type RecipientState, recipientStates } from "../../../messages/states.ts";
import { isWaiting, stateNumber } from "../../progress.ts";
import type { Depth, ListRequest, StoredAttempt, StoredMessage, StoredRecipient } from "../../store.ts";
import type { Rows } from "../database.ts";
import type { Engine } from "../engine.ts";
import { isId, type MessageRow, toMessage } from "../message.ts";
import { sql } from "../sql.ts";

type ShownRow = MessageRow & { readonly view: string };

export async function get({ database }: Engine, id: string): Promise<StoredMessage | null> {
  if (!isId(id)) return null;
  const rows = await database.rows<ShownRow>(sql.messageById, [id]);
  return (await shown(database, rows))[0] ?? null;
}

export async function content({ database }: Engine, id: string): Promise<Uint8Array | null> {
  if (!isId(id)) return null;
  const [row] = await database.rows<{ body: Uint8Array }>(sql.contentById, [id]);
  return row?.body ?? null;
}

export async function attempts({ database }: Engine, id: string): Promise<readonly StoredAttempt[]> {
  if (!isId(id)) return [];
  const rows = await database.rows<{
    readonly started_at: number;
    readonly ended_at: number;
    readonly account: string | null;
    readonly peer: string | null;
    readonly outcomes: string;
    readonly transcript: string;
  }>(sql.attemptsById, [id]);
  return rows.map((row) => ({
    startedAt: row.started_at,
    endedAt: row.ended_at,
    account: row.account,
    peer: row.peer,
    outcomes: JSON.parse(row.outcomes) as StoredAttempt["outcomes"],
    transcript: JSON.parse(row.transcript) as StoredAttempt["transcript"],
  }));
}

export async function list(
  { database }: Engine,
  request: ListRequest,
): Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }> {
  const limit = Math.min(Math.max(request.limit, 1), 100);
  const upper = request.after === undefined ? Number.MAX_SAFE_INTEGER : await above(database, request.after);
  const lower = request.before === undefined ? 0 : await below(database, request.before);
  const upwards = request.before !== undefined && request.after === undefined;
  const found = await page(database, { lower, upper, limit: limit + 1, upwards, state: request.state });
  const seqs = found.slice(0, limit);
  if (upwards) seqs.reverse();
  const rows = await database.rows<ShownRow>(sql.messagesBySeq, [seqs]);
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  // One may have been removed since.
  const there = seqs.flatMap((seq) => bySeq.get(seq) ?? []);
  return { messages: await shown(database, there), more: found.length > limit };
}

interface Page {
  readonly lower: number;
  readonly upper: number;
  readonly limit: number;
  readonly upwards: boolean;
  readonly state: RecipientState | undefined;
}

async function page(database: Rows, { lower, upper, limit, upwards, state }: Page): Promise<number[]> {
  if (state === undefined) {
    const statement = upwards ? sql.listOldestFirst : sql.listNewestFirst;
    return seqsOf(await database.rows(statement, [lower, upper, limit]));
  }
  const [newest, oldest] =
    state === "sent"
      ? [sql.sentNewestFirst, sql.sentOldestFirst]
      : state === "queued" || state === "sending"
        ? [sql.workingNewestFirst, sql.workingOldestFirst]
        : [sql.standingNewestFirst, sql.standingOldestFirst];
  return seqsOf(await database.rows(upwards ? oldest : newest, [lower, upper, stateNumber(state), limit]));
}

const seqsOf = (rows: readonly unknown[]) =>
  (rows as readonly { readonly seq: number }[]).map(({ seq }) => seq);

/** Older than `id`: those below this number. */
async function above(database: Rows, id: string): Promise<number> {
  const row = await atOrBefore(database, id);
  if (row === undefined) return 0;
  return row.id === id.toLowerCase() ? row.seq : row.seq + 1;
}

/** Newer than `id`: those above this number. */
async function below(database: Rows, id: string): Promise<number> {
  return (await atOrBefore(database, id))?.seq ?? 0;
}

async function atOrBefore(
  database: Rows,
  id: string,
): Promise<{ readonly seq: number; readonly id: string } | undefined> {
  if (!isId(id)) return undefined;
  return (await database.rows<{ seq: number; id: string }>(sql.seqAtOrBefore, [id]))[0];
}

/** Counted in `work` where a message's usual way leads through the state, else by an index of that state alone. */
export async function depth({ database }: Engine): Promise<readonly Depth[]> {
  const looked = recipientStates.filter(
    (state) => !isFinal(state) && state !== "queued" && state !== "sending",
  );
  const [working, standing] = await Promise.all([
    database.rows<{
      readonly lane: number;
      readonly queued: number;
      readonly sending: number;
      readonly oldest_queued: number | null;
      readonly oldest_sending: number | null;
    }>(sql.working, []),
    database.rows<{
      readonly lane: number;
      readonly state: number;
      readonly recipients: number;
      readonly oldest: number;
    }>(sql.standing, [looked.map(stateNumber)]),
  ]);
  const counted = [
    ...working.flatMap((row) => [
      { ...row, state: "queued" as const, recipients: row.queued, oldest: row.oldest_queued },
      { ...row, state: "sending" as const, recipients: row.sending, oldest: row.oldest_sending },
    ]),
    ...standing.map((row) => ({ ...row, state: recipientStates[row.state]! })),
  ].filter(({ recipients }) => recipients > 0);
  const rows = await database.rows<{ seq: number; created_at: number }>(sql.createdAt, [
    counted.map(({ oldest }) => oldest),
  ]);
  const createdAt = new Map(rows.map((row) => [row.seq, row.created_at]));
  return counted
    .map(({ lane, state, recipients, oldest }) => ({
      lane: lanes[lane]!,
      state,
      recipients,
      // What was removed since is no longer the oldest; when that one came in hardly matters then.
      oldest: createdAt.get(oldest!) ?? 0,
    }))
    .sort(
      (a, b) => lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || stateNumber(a.state) - stateNumber(b.state),
    );
}

async function shown(database: Rows, rows: readonly ShownRow[]): Promise<readonly StoredMessage[]> {
  if (rows.length === 0) return [];
  const people = await database.rows<{
    readonly message: number;
    readonly position: number;
    readonly address: string;
    readonly state: number;
    readonly attempts: number;
    readonly due_at: number | null;
    readonly changed_at: number;
    readonly verdict: string | null;
  }>(sql.recipientsShown, [rows.map(({ seq }) => seq)]);
  const byMessage = Map.groupBy(people, ({ message }) => message);
  return rows.map((row) => {
    const { seq, ...message } = toMessage(row);
    return {
      ...message,
      view: JSON.parse(row.view) as MessageView,
      recipients: (byMessage.get(seq) ?? []).map((one): StoredRecipient => {
        const state = recipientStates[one.state]!;
        return {
          index: one.position,
          address: one.address,
          state,
          attempts: one.attempts,
          dueAt: isWaiting(state) ? one.due_at : null,
          changedAt: one.changed_at,
          verdict: one.verdict === null ? null : (JSON.parse(one.verdict) as StoredRecipient["verdict"]),
        };
      }),
    };
  });
}
