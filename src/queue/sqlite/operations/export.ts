// Reads the whole of a store in parts, for another engine.
import { lanes } from "../../../messages/lanes.ts";
import { recipientStates } from "../../../messages/states.ts";
import { advance, isOver, lastChange, type Recipient } from "../../progress.ts";
import type { Instant, Suppression } from "../../store.ts";
import type {
  Cursor,
  Left,
  MovedAttempt,
  MovedBucket,
  MovedDocument,
  MovedKey,
  MovedMessage,
  MovedRecipient,
  Part,
  PartRequest,
  Survey,
} from "../../transfer.ts";
import type { Engine } from "../statements.ts";
import { listSuppressions } from "./suppressions.ts";

export function survey({ statements }: Engine): Survey {
  const { messages, ...others } = statements.countAll.get()! as Record<string, number>;
  return {
    documents: others.documents!,
    suppressions: others.suppressions!,
    idempotency: others.idempotency!,
    messages: messages!,
    waiting: statements.waitingByRoute.all().map((row) => ({
      route: row.route as string | null,
      messages: row.messages as number,
    })),
  };
}

export function exportPart(engine: Engine, request: PartRequest): Part {
  switch (request.stage) {
    case "documents":
      return { stage: request.stage, rows: documents(engine, request.leave), next: null };
    case "suppressions": {
      const { rows, next } = suppressions(engine, request);
      return { stage: request.stage, rows, next };
    }
    case "idempotency": {
      const { rows, next } = keys(engine, request);
      return { stage: request.stage, rows, next };
    }
    case "spent":
      return { stage: request.stage, rows: buckets(engine, request.leave), next: null };
    case "messages":
      return messages(engine, request);
  }
}

/** All at once: there are few, and they belong together. */
function documents({ statements }: Engine, { documents: left }: Left): readonly MovedDocument[] {
  const stays = (kind: string, name: string) =>
    left.some((one) => one.kind === kind && (one.name === undefined || one.name === name));
  return statements.allDocuments
    .all()
    .map(({ kind, name, body }) => ({ kind: kind as string, name: name as string, body: body as string }))
    .filter(({ kind, name }) => !stays(kind, name));
}

interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly next: Cursor | null;
}

function suppressions(engine: Engine, { after: [after = ""], limit }: PartRequest): Rows<Suppression> {
  const { entries, more } = listSuppressions(engine, { limit, after: String(after) });
  return { rows: entries, next: more ? [entries.at(-1)!.address] : null };
}

function keys(
  { statements }: Engine,
  { after: [origin = "", key = ""], limit }: PartRequest,
): Rows<MovedKey> {
  const rows = statements.idempotencyAfter.all(origin, key, limit).map((row) => ({
    origin: row.origin as string,
    key: row.key as string,
    bodyHash: row.body_hash as string,
    id: row.id as string,
    createdAt: row.created_at as number,
  }));
  const last = rows.at(-1);
  return { rows, next: last === undefined || rows.length < limit ? null : [last.origin, last.key] };
}

/** Few: some dozens for each account. */
function buckets({ statements }: Engine, { accounts }: Left): readonly MovedBucket[] {
  return statements.allSpent
    .all()
    .map((row) => ({
      account: row.account as string,
      span: row.span as number,
      start: row.start as number,
      urgent: row.urgent as number,
      other: row.other as number,
    }))
    .filter(({ account }) => !accounts.includes(account));
}

function messages(engine: Engine, request: PartRequest): Part {
  const { limit, maxBytes, now, leave } = request;
  const rows: MovedMessage[] = [];
  const contents: Uint8Array[] = [];
  let last = Number(request.after[0] ?? 0);
  let bytes = 0;
  let looked = 0;
  while (looked < limit && bytes < maxBytes) {
    const row = engine.statements.messageAfter.get(last);
    if (row === undefined) return { stage: "messages", rows, contents: Buffer.concat(contents), next: null };
    last = row.seq as number;
    looked += 1;
    const { message, content } = read(engine, row, now);
    if (message.kept === null && leave.routes.includes(message.route)) continue;
    rows.push(message);
    if (content !== null) contents.push(content);
    bytes += weightOf(message);
  }
  return { stage: "messages", rows, contents: Buffer.concat(contents), next: [last] };
}

function weightOf({ view, contentBytes, recipients, attempts }: MovedMessage): number {
  const ofRecipients = recipients.reduce((sum, { verdict }) => sum + 100 + (verdict?.length ?? 0), 0);
  const ofAttempts = attempts.reduce((sum, one) => sum + one.outcomes.length + one.transcript.length, 0);
  return 500 + view.length + (contentBytes ?? 0) + ofRecipients + ofAttempts;
}

function read(
  { statements }: Engine,
  row: Readonly<Record<string, unknown>>,
  now: Instant,
): { readonly message: MovedMessage; readonly content: Uint8Array | null } {
  const seq = row.seq as number;
  const recipients = recipientsOf(statements, seq, now);
  const [content] = (statements.content.get(seq) as unknown as readonly [Uint8Array] | undefined) ?? [];
  const over = isOver(recipients);
  const message: MovedMessage = {
    id: row.id as string,
    messageId: row.message_id as string,
    lane: lanes[row.lane as number]!,
    route: row.route as string | null,
    envelopeFrom: row.envelope_from as string,
    view: row.view as string,
    size: row.size as number,
    sensitive: row.sensitive === 1,
    createdAt: row.created_at as number,
    notBefore: row.not_before as number | null,
    expiresAt: row.expires_at as number,
    origin: row.origin as string,
    recipients,
    attempts: attemptsOf(statements, seq),
    contentBytes: content?.byteLength ?? null,
    kept: over ? (statements.keptOf.get(lastChange(recipients), seq)!.kept as number) : null,
  };
  return { message, content: content ?? null };
}

/** The directory is held, so whoever had a lease is dead: what it was sending waits again, in its old place. */
function recipientsOf(
  statements: Engine["statements"],
  seq: number,
  now: Instant,
): readonly MovedRecipient[] {
  return statements.recipientsShown.all(seq).map((row) => {
    const stored = recipientStates[row.state as number]!;
    const recipient: Recipient = {
      position: row.position as number,
      address: row.address as string,
      state: stored,
      attempts: row.attempts as number,
      dueAt: row.due_at as number | null,
      changedAt: row.changed_at as number,
      stored,
      changed: false,
    };
    if (stored === "sending") advance(recipient, "release", now);
    const { position, address, state, attempts, dueAt, changedAt } = recipient;
    return { position, address, state, attempts, dueAt, changedAt, verdict: row.verdict as string | null };
  });
}

function attemptsOf(statements: Engine["statements"], seq: number): readonly MovedAttempt[] {
  return statements.attemptsOf.all(seq).map((row) => ({
    startedAt: row.started_at as number,
    endedAt: row.ended_at as number,
    account: row.account as string | null,
    peer: row.peer as string | null,
    outcomes: row.outcomes as string,
    transcript: row.transcript as string,
  }));
}
