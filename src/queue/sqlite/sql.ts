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

/** Prepared once, when the database opens (statements.ts). */
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

  messageById: `SELECT ${columns} FROM messages WHERE id = ?`,
  messageBySeq: `SELECT ${columns} FROM messages WHERE seq = ?`,
  viewOf: `SELECT view FROM messages WHERE seq = ?`,
  setTimes: `UPDATE messages SET not_before = ?, expires_at = ? WHERE seq = ?`,

  recipientsOf: `
    SELECT position, address, state, attempts, due_at, changed_at, verdict
    FROM recipients WHERE message = ? ORDER BY position`,
  setRecipient: `
    UPDATE recipients SET state = ?, attempts = ?, due_at = ?, changed_at = ?, verdict = ?
    WHERE message = ? AND position = ?`,

  /** What a claim looks at: the tie on the time is broken by the order of acceptance. */
  dueWork: `SELECT message FROM work WHERE lane = ? AND due_at <= ? ORDER BY due_at, message LIMIT ?`,
  workOf: `SELECT due_at, lease FROM work WHERE message = ?`,
  putWork: `
    INSERT INTO work (message, lane, due_at, lease) VALUES (?, ?, ?, ?)
    ON CONFLICT (message) DO UPDATE SET due_at = excluded.due_at, lease = excluded.lease`,
  deleteWork: `DELETE FROM work WHERE message = ?`,
  nextDue: `SELECT min(due_at) AS due_at FROM work WHERE lane = ?`,

  content: `SELECT body FROM content WHERE message = ?`,
  hasContent: `SELECT 1 FROM content WHERE message = ?`,
  deleteContent: `DELETE FROM content WHERE message = ?`,

  insertAttempt: `
    INSERT INTO attempts (message, started_at, ended_at, account, peer, outcomes, transcript)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  attemptsOf: `
    SELECT started_at, ended_at, account, peer, outcomes, transcript
    FROM attempts WHERE message = ? ORDER BY seq`,

  /** A cursor is an id; one that is gone stands for the place where it was. */
  seqAtOrBefore: `SELECT seq, id FROM messages WHERE id <= ? ORDER BY id DESC LIMIT 1`,
  listNewestFirst: `SELECT seq FROM messages WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
  listOldestFirst: `SELECT seq FROM messages WHERE seq > ? AND seq < ? ORDER BY seq ASC LIMIT ?`,
  listStateNewestFirst: `${inState("?3", "message > ?1 AND message < ?2")} ORDER BY seq DESC LIMIT ?4`,
  listStateOldestFirst: `${inState("?3", "message > ?1 AND message < ?2")} ORDER BY seq ASC LIMIT ?4`,

  parkedMessages: `${inState("?1", "message > ?2")} ORDER BY seq LIMIT ?3`,
  depth: `SELECT count(*) AS recipients, min(message) AS oldest FROM recipients WHERE state = ? AND lane = ?`,

  getDocument: `SELECT body FROM documents WHERE kind = ? AND name = ?`,
  listDocuments: `SELECT name, body FROM documents WHERE kind = ? ORDER BY name`,
  putDocument: `
    INSERT INTO documents (kind, name, body) VALUES (?, ?, ?)
    ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`,
  insertDocument: `INSERT INTO documents (kind, name, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
  deleteDocument: `DELETE FROM documents WHERE kind = ? AND name = ?`,

  begin: `BEGIN IMMEDIATE`,
  commit: `COMMIT`,
  rollback: `ROLLBACK`,
  openSavepoint: `SAVEPOINT operation`,
  keepSavepoint: `RELEASE operation`,
  undoSavepoint: `ROLLBACK TO operation`,
} as const;
