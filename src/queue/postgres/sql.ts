// Every statement of the engine on messages, by name.
import type { Statement } from "./database.ts";

const columns = `m.seq, m.id, m.message_id, m.lane, m.route, m.envelope_from, m.size, m.sensitive, m.created_at,
  m.not_before, m.expires_at, m.origin`;

const texts = {
  /**
   * Takes in any number of messages at once. Numbers of states: 0 scheduled, 1 queued, 11 suppressed; of what is kept:
   * 1 content, 2 transcripts. Contents come as one value, as an array of them would travel as text of twice the size.
   */
  insertMessages: `
    WITH input AS MATERIALIZED (
      SELECT nextval('messages_seq') AS seq, i.*, i.not_before > i.created_at IS TRUE AS scheduled
      FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::integer[],
        $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::integer[], $14::bigint[],
        $15::bigint[]) WITH ORDINALITY
        AS i (id, message_id, lane, route, envelope_from, view, size, sensitive, created_at, not_before, expires_at,
          origin, stream, due_at, starts_at, nth)
    ), people AS MATERIALIZED (
      SELECT p.*, ${isListed("p")} AS suppressed
      FROM unnest($16::bigint[], $17::integer[], $18::text[], $19::text[]) AS p (nth, position, address, key)
    ), course AS MATERIALIZED (
      SELECT nth, count(*) FILTER (WHERE NOT suppressed) AS waiting FROM people GROUP BY nth
    ), new_messages AS (
      INSERT INTO messages (seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at,
        not_before, expires_at, origin)
      SELECT seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at, not_before,
        expires_at, origin FROM input
    ), new_recipients AS (
      INSERT INTO recipients (message, position, lane, state, standing, attempts, due_at, changed_at, address, key)
      SELECT i.seq, p.position, i.lane, CASE WHEN p.suppressed THEN 11 WHEN i.scheduled THEN 0 ELSE 1 END,
        CASE WHEN p.suppressed THEN 11 WHEN i.scheduled THEN 0 END, 0,
        CASE WHEN NOT p.suppressed THEN i.due_at END, i.created_at, p.address, p.key
      FROM people AS p JOIN input AS i USING (nth)
    ), new_content AS (
      INSERT INTO content (message, body)
      SELECT i.seq, substr($20::bytea, (i.starts_at + 1)::integer, i.size)
      FROM input AS i JOIN course AS c USING (nth) WHERE c.waiting > 0 OR NOT i.sensitive
    ), new_work AS (
      INSERT INTO work (message, stream, due_at, ends_at, queued, sending)
      SELECT i.seq, i.stream, i.due_at, i.expires_at, CASE WHEN i.scheduled THEN 0 ELSE c.waiting END, 0
      FROM input AS i JOIN course AS c USING (nth) WHERE c.waiting > 0
    ), new_finished AS (
      INSERT INTO finished (kept, at, message)
      SELECT CASE WHEN i.sensitive THEN 2 ELSE 3 END, i.created_at, i.seq
      FROM input AS i JOIN course AS c USING (nth) WHERE c.waiting = 0
    )
    SELECT nth, address FROM people WHERE suppressed ORDER BY nth, position`,
  /** What stands in the way of one that was there first is left out of the answer. */
  insertIdempotency: `
    INSERT INTO idempotency (origin, key, body_hash, id, created_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])
    ON CONFLICT DO NOTHING RETURNING origin, key`,
  idempotency: `
    SELECT i.origin, i.key, i.body_hash, i.id FROM idempotency AS i
    JOIN unnest($1::text[], $2::text[]) AS wanted (origin, key) USING (origin, key)`,
  releaseIdempotency: `
    DELETE FROM idempotency AS i USING unnest($1::text[], $2::text[], $3::uuid[]) AS refused (origin, key, id)
    WHERE i.origin = refused.origin AND i.key = refused.key AND i.id = refused.id`,
  acceptedBefore: `
    SELECT m.id, r.address FROM messages AS m
    LEFT JOIN recipients AS r ON r.message = m.seq AND r.state = 11
    WHERE m.id = ANY($1::uuid[]) ORDER BY m.seq, r.position`,

  insertStreams: `
    INSERT INTO streams (lane, origin, route) SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[])
    ON CONFLICT DO NOTHING`,
  streamsByName: `
    SELECT s.id, s.lane, s.origin, s.route FROM streams AS s
    JOIN unnest($1::smallint[], $2::text[], $3::text[]) AS wanted (lane, origin, route)
      ON s.lane = wanted.lane AND s.origin = wanted.origin
      AND coalesce('=' || s.route, '') = coalesce('=' || wanted.route, '')`,
  streamsById: `SELECT id, lane, origin, route FROM streams WHERE id = ANY($1::integer[])`,

  /**
   * The earliest time in each stream that has one, by one probe of the index for each stream, however long they are;
   * in the row with stream 0 the earliest end of a message.
   */
  upcoming: `
    WITH RECURSIVE ahead AS (
      (SELECT stream, due_at FROM work WHERE due_at IS NOT NULL ORDER BY stream, due_at LIMIT 1)
      UNION ALL
      SELECT following.stream, following.due_at FROM ahead CROSS JOIN LATERAL (
        SELECT w.stream, w.due_at FROM work AS w WHERE w.due_at IS NOT NULL AND w.stream > ahead.stream
        ORDER BY w.stream, w.due_at LIMIT 1
      ) AS following
    )
    SELECT stream, due_at FROM ahead
    UNION ALL
    SELECT 0, (SELECT ends_at FROM work ORDER BY ends_at, message LIMIT 1)`,
  /** Locks the next of each stream, behind the place reached so far; those that another node holds are passed over. */
  lockDue: `
    SELECT w.message, w.stream, w.due_at, w.lease, w.lease_ms, m.id, m.envelope_from, m.size, m.sensitive,
      m.created_at, m.expires_at
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::integer[])
      AS wanted (stream, after_due, after_message, quota)
    CROSS JOIN LATERAL (
      SELECT * FROM work
      WHERE work.stream = wanted.stream AND work.due_at <= $5
        AND (work.due_at, work.message) > (wanted.after_due, wanted.after_message)
      ORDER BY work.due_at, work.message LIMIT wanted.quota FOR UPDATE SKIP LOCKED
    ) AS w
    JOIN messages AS m ON m.seq = w.message
    ORDER BY w.stream, w.due_at, w.message`,
  lockOver: `
    SELECT w.message, w.stream, w.due_at, w.lease, w.lease_ms, m.id, m.envelope_from, m.size, m.sensitive,
      m.created_at, m.expires_at
    FROM (SELECT * FROM work WHERE ends_at <= $1 ORDER BY ends_at, message LIMIT $2 FOR UPDATE SKIP LOCKED) AS w
    JOIN messages AS m ON m.seq = w.message
    ORDER BY w.ends_at, w.message`,
  /** Those of them that are at work, locked in one order so that nobody waits for each other. */
  lockWork: `
    SELECT w.message, w.stream, w.due_at, w.lease, w.lease_ms, m.id, m.envelope_from, m.size, m.sensitive,
      m.created_at, m.expires_at
    FROM messages AS m JOIN work AS w ON w.message = m.seq
    WHERE m.id = ANY($1::uuid[]) ORDER BY w.message FOR UPDATE OF w`,
  /** Read after the lock was had: what another changed before is seen. */
  recipientsOf: `
    SELECT r.message, r.position, r.address, r.key, r.state, r.attempts, r.due_at, r.changed_at,
      ${isListed("r")} AS suppressed
    FROM recipients AS r WHERE r.message = ANY($1::bigint[]) ORDER BY r.message, r.position`,
  contentsOf: `SELECT message, body FROM content WHERE message = ANY($1::bigint[])`,
  withContent: `SELECT message FROM content WHERE message = ANY($1::bigint[])`,

  lockMessages: `SELECT ${columns} FROM messages AS m WHERE m.id = ANY($1::uuid[]) ORDER BY m.seq FOR UPDATE`,
  lockMessagesBySeq: `
    SELECT ${columns} FROM messages AS m WHERE m.seq = ANY($1::bigint[]) ORDER BY m.seq FOR UPDATE`,
  lockWorkBySeq: `
    SELECT message, stream, due_at, lease, lease_ms FROM work WHERE message = ANY($1::bigint[])
    ORDER BY message FOR UPDATE`,
  setTimes: `UPDATE messages SET not_before = $1, expires_at = $2 WHERE seq = $3`,
  parkedMessages: `
    SELECT DISTINCT r.message FROM recipients AS r
    WHERE r.standing = $1 AND r.message > $2
      AND ($3::text IS NULL OR EXISTS (SELECT FROM messages AS m WHERE m.seq = r.message AND m.route = $3))
    ORDER BY r.message LIMIT $4`,
  /** A slice of all work, each with the last change of its recipients. */
  workSlice: `
    SELECT w.message, w.due_at, w.lease, w.lease_ms,
      (SELECT max(r.changed_at) FROM recipients AS r WHERE r.message = w.message) AS changed_at
    FROM work AS w WHERE w.message > $1 ORDER BY w.message LIMIT $2`,

  setRecipients: `
    UPDATE recipients AS r SET state = n.state, standing = n.standing, attempts = n.attempts, due_at = n.due_at,
      changed_at = n.changed_at, verdict = CASE WHEN n.judged THEN n.verdict ELSE r.verdict END
    FROM unnest($1::bigint[], $2::integer[], $3::smallint[], $4::smallint[], $5::integer[], $6::bigint[], $7::bigint[],
      $8::boolean[], $9::text[])
      AS n (message, position, state, standing, attempts, due_at, changed_at, judged, verdict)
    WHERE r.message = n.message AND r.position = n.position`,
  setWork: `
    UPDATE work AS w SET due_at = n.due_at, ends_at = n.ends_at, lease = n.lease, lease_ms = n.lease_ms,
      owner = CASE WHEN n.lease IS NULL THEN NULL ELSE coalesce($9, w.owner) END, queued = n.queued, sending = n.sending
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::integer[], $7::integer[],
      $8::integer[]) AS n (message, due_at, ends_at, lease, lease_ms, queued, sending, stream)
    WHERE w.message = n.message`,
  insertWork: `
    INSERT INTO work (message, due_at, ends_at, lease, lease_ms, queued, sending, stream)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::integer[],
      $7::integer[], $8::integer[])`,
  deleteWork: `DELETE FROM work WHERE message = ANY($1::bigint[])`,
  /** Locked in one order first: an update takes its rows in any. */
  extendLeases: `
    WITH locked AS MATERIALIZED (
      SELECT w.message, greatest(m.expires_at, $3) AS ends_at
      FROM unnest($1::uuid[], $2::text[]) AS held (id, lease)
      JOIN messages AS m ON m.id = held.id JOIN work AS w ON w.message = m.seq AND w.lease = held.lease
      ORDER BY w.message FOR UPDATE OF w
    )
    UPDATE work AS w SET due_at = $3, ends_at = locked.ends_at FROM locked WHERE w.message = locked.message`,
  deleteContent: `DELETE FROM content WHERE message = ANY($1::bigint[])`,
  insertFinished: `
    INSERT INTO finished (kept, at, message) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bigint[])`,
  deleteFinished: `
    DELETE FROM finished AS f USING unnest($1::bigint[], $2::bigint[]) AS gone (at, message)
    WHERE f.kept IN (0, 1, 2, 3) AND f.at = gone.at AND f.message = gone.message`,
  insertAttempts: `
    INSERT INTO attempts (message, lease, started_at, ended_at, account, peer, outcomes, transcript)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
      $8::text[])`,
  attemptsUnder: `
    SELECT a.lease FROM attempts AS a JOIN messages AS m ON m.seq = a.message
    WHERE m.id = ANY($1::uuid[]) AND a.lease = ANY($2::text[])`,

  messageById: `SELECT ${columns}, m.view FROM messages AS m WHERE m.id = $1`,
  messagesBySeq: `SELECT ${columns}, m.view FROM messages AS m WHERE m.seq = ANY($1::bigint[])`,
  recipientsShown: `
    SELECT message, position, address, state, attempts, due_at, changed_at, verdict
    FROM recipients WHERE message = ANY($1::bigint[]) ORDER BY message, position`,
  contentById: `
    SELECT c.body FROM messages AS m JOIN content AS c ON c.message = m.seq WHERE m.id = $1`,
  attemptsById: `
    SELECT a.started_at, a.ended_at, a.account, a.peer, a.outcomes, a.transcript
    FROM messages AS m JOIN attempts AS a ON a.message = m.seq WHERE m.id = $1 ORDER BY a.seq`,
  /** A cursor is an id; one that is gone stands for the place where it was. */
  seqAtOrBefore: `SELECT seq, id FROM messages WHERE id <= $1 ORDER BY id DESC LIMIT 1`,
  listNewestFirst: `SELECT seq FROM messages WHERE seq > $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
  listOldestFirst: `SELECT seq FROM messages WHERE seq > $1 AND seq < $2 ORDER BY seq LIMIT $3`,
  standingNewestFirst: standing("DESC"),
  standingOldestFirst: standing("ASC"),
  workingNewestFirst: working("DESC"),
  workingOldestFirst: working("ASC"),
  sentNewestFirst: sent("DESC"),
  sentOldestFirst: sent("ASC"),

  working: `
    SELECT s.lane, sum(w.queued) AS queued, sum(w.sending) AS sending,
      min(w.message) FILTER (WHERE w.queued > 0) AS oldest_queued,
      min(w.message) FILTER (WHERE w.sending > 0) AS oldest_sending
    FROM work AS w JOIN streams AS s ON s.id = w.stream GROUP BY s.lane`,
  standing: `
    SELECT lane, standing AS state, count(*) AS recipients, min(message) AS oldest
    FROM recipients WHERE standing = ANY($1::smallint[]) GROUP BY lane, standing`,
  createdAt: `SELECT seq, created_at FROM messages WHERE seq = ANY($1::bigint[])`,

  /** The messages are locked as well: who brings one back locks it first, and finds what is left of it then. */
  finishedBefore: `
    SELECT f.at, f.message, m.size FROM finished AS f JOIN messages AS m ON m.seq = f.message
    WHERE f.kept = $1 AND f.at < $2 ORDER BY f.at, f.message LIMIT $3 FOR UPDATE SKIP LOCKED`,
  keepLess: `
    UPDATE finished AS f SET kept = $1 FROM unnest($3::bigint[], $4::bigint[]) AS n (at, message)
    WHERE f.kept = $2 AND f.at = n.at AND f.message = n.message`,
  deleteTranscripts: `
    UPDATE attempts SET transcript = '[]' WHERE message = ANY($1::bigint[]) AND transcript <> '[]'
    RETURNING message`,
  deleteContentsTold: `DELETE FROM content WHERE message = ANY($1::bigint[]) RETURNING message`,
  deleteAttempts: `DELETE FROM attempts WHERE message = ANY($1::bigint[])`,
  deleteRecipients: `DELETE FROM recipients WHERE message = ANY($1::bigint[])`,
  deleteMessages: `DELETE FROM messages WHERE seq = ANY($1::bigint[])`,
  /** By their places: joined by key, the whole index would be read. */
  deleteIdempotency: `
    DELETE FROM idempotency WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
    )) RETURNING key`,

  getSuppression: `SELECT address, reason, detail, message_id, at FROM suppressions WHERE address = $1`,
  listSuppressions: `
    SELECT address, reason, detail, message_id, at FROM suppressions
    WHERE address > $1 ORDER BY address LIMIT $2`,
  putSuppression: `
    INSERT INTO suppressions (address, reason, detail, message_id, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
      message_id = excluded.message_id, at = excluded.at`,
  /** Not over an entry that is there: what a person noted stays. */
  addSuppressions: `
    INSERT INTO suppressions (address, reason, detail, message_id, at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) ON CONFLICT DO NOTHING`,
  deleteSuppression: `DELETE FROM suppressions WHERE address = $1 RETURNING address`,

  /** Who takes for the same account at the same time waits: for a millisecond, as the parcels are few. */
  lockAccount: `SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' account ' || $1, 0))`,
  spentBy: `SELECT span, start, urgent, other FROM spent WHERE account = $1`,
  addSpent: `
    INSERT INTO spent AS s (account, span, start, urgent, other)
    SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[])
    ON CONFLICT (account, span, start) DO UPDATE SET urgent = s.urgent + excluded.urgent,
      other = s.other + excluded.other`,
  giveBackSpent: `
    UPDATE spent AS s SET urgent = greatest(s.urgent - $4, 0), other = greatest(s.other - $5, 0)
    FROM unnest($2::smallint[], $3::bigint[]) AS b (span, start)
    WHERE s.account = $1 AND s.span = b.span AND s.start = b.start`,
  deleteSpentOfUntil: `
    DELETE FROM spent AS s USING unnest($2::smallint[], $3::bigint[]) AS b (span, start)
    WHERE s.account = $1 AND s.span = b.span AND s.start <= b.start`,
  deleteSpentUntil: `
    DELETE FROM spent AS s USING unnest($1::smallint[], $2::bigint[]) AS b (span, start)
    WHERE s.span = b.span AND s.start <= b.start`,
  takeSpentAfter: `
    DELETE FROM spent AS s USING unnest($1::smallint[], $2::bigint[]) AS b (span, start)
    WHERE s.span = b.span AND s.start > b.start RETURNING s.account, s.span, s.urgent, s.other`,

  commitWithoutWaiting: `SET LOCAL synchronous_commit = off`,
  sharesOf: `SELECT held FROM shares WHERE account = $1`,
  putShare: `
    INSERT INTO shares (account, owner, held) VALUES ($1, $2, $3)
    ON CONFLICT (account, owner) DO UPDATE SET held = excluded.held`,
  deleteShare: `DELETE FROM shares WHERE account = $1 AND owner = $2`,
} as const;

/** One probe of the index for each address: with EXISTS the planner may read the whole list instead. */
function isListed(person: string): string {
  return `(SELECT true FROM suppressions AS s WHERE s.address = coalesce(${person}.key, ${person}.address) LIMIT 1) IS TRUE`;
}

/** Messages with a recipient in a state that is looked for, each once, in order. */
function standing(order: "ASC" | "DESC"): string {
  const walk = (lane: number) =>
    `(SELECT DISTINCT message FROM recipients WHERE standing = $3 AND lane = ${lane} AND message > $1 AND message < $2
      ORDER BY message ${order} LIMIT $4)`;
  return `SELECT message AS seq FROM (${[0, 1, 2].map(walk).join(" UNION ")}) AS found ORDER BY seq ${order} LIMIT $4`;
}

/** Queued and sending: all of them are at work. */
function working(order: "ASC" | "DESC"): string {
  return `
    SELECT message AS seq FROM work
    WHERE message > $1 AND message < $2 AND CASE $3::smallint WHEN 1 THEN queued > 0 ELSE sending > 0 END
    ORDER BY message ${order} LIMIT $4`;
}

/** Sent: nearly all that are no longer at work. */
function sent(order: "ASC" | "DESC"): string {
  return `
    SELECT DISTINCT message AS seq FROM recipients WHERE state = $3 AND message > $1 AND message < $2
    ORDER BY message ${order} LIMIT $4`;
}

/** The statements, each with the name it is prepared under. */
export const sql = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { name, text }]),
) as { readonly [Name in keyof typeof texts]: Statement };
