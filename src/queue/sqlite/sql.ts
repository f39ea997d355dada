// Every statement of the engine, by name.
import { lanes } from "../../messages/lanes.ts";

/** All of a message but its view, which may be large and is only for showing. */
const columns = `seq, id, message_id, lane, route, envelope_from, size, sensitive, created_at, not_before,
  expires_at, origin`;

/** Messages with a recipient in a state, each once: one ordered walk for each lane, merged, so that a LIMIT ends them all. */
function inState(state: string, range: string): string {
  const walk = (lane: number) =>
    `SELECT message AS seq FROM recipients WHERE state = ${state} AND lane = ${lane} AND ${range}`;
  return lanes.map((_, lane) => walk(lane)).join(" UNION ");
}

/**
 * Messages at work, one row for each recipient; progress.ts reads them by column. No order of the recipients is asked
 * for: for that SQLite would set up a sorter, which takes it longer (150 µs) than all the rest of a small claim.
 */
function atWork(chosen: string): string {
  return `
    SELECT m.seq, m.id, m.envelope_from, m.size, m.sensitive, m.created_at, m.expires_at,
      w.stream, w.due_at, w.lease, w.lease_ms,
      r.position, r.address, r.state, r.attempts, r.due_at, r.changed_at
    FROM (SELECT message, stream, due_at, lease, lease_ms, ends_at FROM work ${chosen}) AS w
    CROSS JOIN messages AS m ON m.seq = w.message
    CROSS JOIN recipients AS r ON r.message = w.message`;
}

/**
 * Prepared once, when the database opens (statements.ts). A LIMIT is `? + 0`, not `?`: SQLite prepares a statement
 * again with each value given to a bare one, which took ten times as long (90 µs) as a small claim's search.
 */
export const sql = {
  findIdempotency: `SELECT body_hash, id FROM idempotency WHERE origin = ? AND key = ?`,
  insertIdempotency: `INSERT INTO idempotency (origin, key, body_hash, id, created_at) VALUES (?, ?, ?, ?, ?)`,

  insertMessage: `
    INSERT INTO messages (id, message_id, lane, route, envelope_from, view, size, sensitive, created_at,
      not_before, expires_at, origin)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  insertRecipient: `
    INSERT INTO recipients (message, position, lane, state, attempts, due_at, changed_at, address)
    VALUES (?, ?, ?, ?, 0, ?, ?, ?)`,
  insertContent: `INSERT INTO content (message, body) VALUES (?, ?)`,
  insertWork: `INSERT INTO work (message, stream, due_at, ends_at) VALUES (?, ?, ?, ?)`,

  messageById: `SELECT ${columns} FROM messages WHERE id = ?`,
  messageBySeq: `SELECT ${columns} FROM messages WHERE seq = ?`,
  viewOf: `SELECT view FROM messages WHERE seq = ?`,
  setTimes: `UPDATE messages SET not_before = ?, expires_at = ? WHERE seq = ?`,

  recipientsOf: `
    SELECT position, address, state, attempts, due_at, changed_at
    FROM recipients WHERE message = ? ORDER BY position`,
  recipientsShown: `
    SELECT position, address, state, attempts, due_at, changed_at, verdict
    FROM recipients WHERE message = ? ORDER BY position`,
  setRecipient: `
    UPDATE recipients SET state = ?, attempts = ?, due_at = ?, changed_at = ?
    WHERE message = ? AND position = ?`,
  setRecipientAndVerdict: `
    UPDATE recipients SET state = ?, attempts = ?, due_at = ?, changed_at = ?, verdict = ?
    WHERE message = ? AND position = ?`,

  /** A stream's next messages; the tie on the time is broken by the order of acceptance. */
  dueAtWork: `
    ${atWork("WHERE stream = ? AND due_at <= ? ORDER BY due_at, message LIMIT (? + 0)")}
    ORDER BY w.due_at, w.message`,
  overAtWork: `
    ${atWork("WHERE ends_at <= ? ORDER BY ends_at, message LIMIT (? + 0)")}
    ORDER BY w.ends_at, w.message`,
  atWorkById: atWork("WHERE message = (SELECT seq FROM messages WHERE id = ?)"),
  workOf: `SELECT stream, due_at, lease, lease_ms FROM work WHERE message = ?`,
  /** Where its end stays what it was, which is nearly always, one index fewer is written. */
  moveWork: `UPDATE work SET due_at = ?, lease = ?, lease_ms = ? WHERE message = ? AND ends_at = ?`,
  putWork: `
    INSERT INTO work (message, stream, due_at, ends_at, lease, lease_ms) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (message) DO UPDATE SET due_at = excluded.due_at, ends_at = excluded.ends_at,
      lease = excluded.lease, lease_ms = excluded.lease_ms`,
  deleteWork: `DELETE FROM work WHERE message = ?`,
  firstEnd: `SELECT min(ends_at) AS ends_at FROM work`,
  endAllLeases: `
    UPDATE work SET due_at = 0, ends_at = (SELECT expires_at FROM messages WHERE seq = work.message)
    WHERE lease IS NOT NULL`,
  /** A slice of all work, each with the last change of its recipients. */
  workSlice: `
    SELECT w.message, w.due_at, w.lease, w.lease_ms, max(r.changed_at) AS changed_at
    FROM (SELECT message, due_at, lease, lease_ms FROM work WHERE message > ? ORDER BY message LIMIT (? + 0)) AS w
    CROSS JOIN recipients AS r ON r.message = w.message
    GROUP BY w.message ORDER BY w.message`,

  streams: `
    SELECT id, lane, origin, route,
      (SELECT min(due_at) FROM work WHERE stream = streams.id AND due_at >= 0) AS due_at
    FROM streams`,
  insertStream: `INSERT INTO streams (lane, origin, route) VALUES (?, ?, ?)`,
  firstDue: `SELECT min(due_at) AS due_at FROM work WHERE stream = ? AND due_at >= 0`,
  deleteIdleStreams: `DELETE FROM streams WHERE NOT EXISTS (SELECT 1 FROM work WHERE stream = streams.id)`,

  content: `SELECT body FROM content WHERE message = ?`,
  hasContent: `SELECT 1 FROM content WHERE message = ?`,
  deleteContent: `DELETE FROM content WHERE message = ?`,

  insertAttempt: `
    INSERT INTO attempts (message, started_at, ended_at, account, peer, outcomes, transcript)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  attemptsOf: `
    SELECT started_at, ended_at, account, peer, outcomes, transcript
    FROM attempts WHERE message = ? ORDER BY seq`,

  insertFinished: `INSERT INTO finished (kept, at, message) VALUES (?, ?, ?)`,
  deleteFinished: `DELETE FROM finished WHERE kept = ? AND at = ? AND message = ?`,
  finishedBefore: `SELECT at, message FROM finished WHERE kept = ? AND at < ? ORDER BY at, message LIMIT (? + 0)`,
  sizeOf: `SELECT size FROM messages WHERE seq = ?`,
  deleteTranscripts: `UPDATE attempts SET transcript = '[]' WHERE message = ? AND transcript <> '[]'`,
  deleteAttempts: `DELETE FROM attempts WHERE message = ?`,
  deleteRecipients: `DELETE FROM recipients WHERE message = ?`,
  deleteMessage: `DELETE FROM messages WHERE seq = ?`,
  deleteIdempotency: `
    DELETE FROM idempotency WHERE (origin, key) IN
      (SELECT origin, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT (? + 0))`,

  /** A cursor is an id; one that is gone stands for the place where it was. */
  seqAtOrBefore: `SELECT seq, id FROM messages WHERE id <= ? ORDER BY id DESC LIMIT 1`,
  listNewestFirst: `SELECT seq FROM messages WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT (? + 0)`,
  listOldestFirst: `SELECT seq FROM messages WHERE seq > ? AND seq < ? ORDER BY seq ASC LIMIT (? + 0)`,
  listStateNewestFirst: `${inState("?3", "message > ?1 AND message < ?2")} ORDER BY seq DESC LIMIT (?4 + 0)`,
  listStateOldestFirst: `${inState("?3", "message > ?1 AND message < ?2")} ORDER BY seq ASC LIMIT (?4 + 0)`,

  parkedMessages: `${inState("?1", "message > ?2")} ORDER BY seq LIMIT (?3 + 0)`,
  countIn: `SELECT count(*) AS recipients FROM recipients WHERE state = ? AND lane = ?`,
  oldestIn: `SELECT min(message) AS oldest FROM recipients WHERE state = ? AND lane = ?`,

  anySuppression: `SELECT 1 FROM suppressions LIMIT 1`,
  getSuppression: `SELECT address, reason, detail, message_id, at FROM suppressions WHERE address = ?`,
  isSuppressed: `SELECT 1 FROM suppressions WHERE address = ?`,
  listSuppressions: `
    SELECT address, reason, detail, message_id, at FROM suppressions
    WHERE address > ? ORDER BY address LIMIT (? + 0)`,
  putSuppression: `
    INSERT INTO suppressions (address, reason, detail, message_id, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
      message_id = excluded.message_id, at = excluded.at`,
  insertSuppression: `
    INSERT INTO suppressions (address, reason, detail, message_id, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  deleteSuppression: `DELETE FROM suppressions WHERE address = ?`,

  spentBy: `SELECT span, start, urgent, other FROM spent WHERE account = ? ORDER BY span, start`,
  addSpent: `
    INSERT INTO spent (account, span, start, urgent, other) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account, span, start) DO UPDATE SET urgent = urgent + excluded.urgent,
      other = other + excluded.other`,
  giveBackSpent: `
    UPDATE spent SET urgent = max(urgent - ?, 0), other = max(other - ?, 0)
    WHERE account = ? AND span = ? AND start = ?`,
  spentAfter: `SELECT account, span, start, urgent, other FROM spent WHERE span = ? AND start > ?`,
  deleteSpentAfter: `DELETE FROM spent WHERE span = ? AND start > ?`,
  deleteSpentUntil: `DELETE FROM spent WHERE span = ? AND start <= ?`,
  deleteSpentOfUntil: `DELETE FROM spent WHERE account = ? AND span = ? AND start <= ?`,

  getDocument: `SELECT body FROM documents WHERE kind = ? AND name = ?`,
  listDocuments: `SELECT name, body FROM documents WHERE kind = ? ORDER BY name`,
  putDocument: `
    INSERT INTO documents (kind, name, body) VALUES (?, ?, ?)
    ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`,
  insertDocument: `INSERT INTO documents (kind, name, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
  replaceDocument: `UPDATE documents SET body = ? WHERE kind = ? AND name = ? AND body = ?`,
  deleteDocument: `DELETE FROM documents WHERE kind = ? AND name = ?`,

  countAll: `
    SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM suppressions) AS suppressions,
      (SELECT count(*) FROM idempotency) AS idempotency, (SELECT count(*) FROM messages) AS messages`,
  waitingByRoute: `
    SELECT s.route, count(*) AS messages FROM work AS w JOIN streams AS s ON s.id = w.stream GROUP BY s.route`,
  allDocuments: `SELECT kind, name, body FROM documents ORDER BY kind, name`,
  allSpent: `SELECT account, span, start, urgent, other FROM spent ORDER BY account, span, start`,
  idempotencyAfter: `
    SELECT origin, key, body_hash, id, created_at FROM idempotency WHERE (origin, key) > (?, ?)
    ORDER BY origin, key LIMIT (? + 0)`,
  messageAfter: `SELECT ${columns}, view FROM messages WHERE seq > ? ORDER BY seq LIMIT 1`,
  keptOf: `SELECT kept FROM finished WHERE kept IN (0, 1, 2, 3) AND at = ? AND message = ?`,

  beginReading: `BEGIN`,
  begin: `BEGIN IMMEDIATE`,
  commit: `COMMIT`,
  rollback: `ROLLBACK`,
  openSavepoint: `SAVEPOINT operation`,
  keepSavepoint: `RELEASE operation`,
  undoSavepoint: `ROLLBACK TO operation`,
} as const;

/** Statements whose rows come as arrays: fewer microseconds where each message counts them. */
export const inArrays: ReadonlySet<string> = new Set<keyof typeof sql>([
  "dueAtWork",
  "overAtWork",
  "atWorkById",
  "recipientsOf",
  "content",
]);
