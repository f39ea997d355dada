// The statements that take in what comes from another engine.
import type { Statement } from "./database.ts";

const texts = {
  lockDocuments: `UPDATE revision SET value = value + 1 RETURNING value`,
  documentsNamed: `
    SELECT d.kind, d.name, d.body FROM documents AS d
    JOIN unnest($1::text[], $2::text[]) AS wanted (kind, name) USING (kind, name)
    WHERE d.deleted_at IS NULL`,
  putDocuments: `
    INSERT INTO documents (kind, name, body, revision)
    SELECT kind, name, body, $4::bigint FROM unnest($1::text[], $2::text[], $3::text[]) AS n (kind, name, body)
    ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body, revision = excluded.revision, deleted_at = NULL`,
  /**
   * A message that is there already stays as it is, and nothing else of it is taken. Contents come as one value, as an
   * array of them would travel as text of twice the size.
   */
  importMessages: `
    WITH input AS MATERIALIZED (
      SELECT nextval('messages_seq') AS seq, i.*
      FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::integer[],
        $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::integer[], $14::bigint[],
        $15::integer[], $16::smallint[], $17::bigint[], $18::bigint[], $19::integer[]) WITH ORDINALITY
        AS i (id, message_id, lane, route, envelope_from, view, size, sensitive, created_at, not_before, expires_at,
          origin, stream, due_at, queued, kept, finished_at, starts_at, length, nth)
    ), new_messages AS (
      INSERT INTO messages (seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at,
        not_before, expires_at, origin)
      SELECT seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at, not_before,
        expires_at, origin FROM input ORDER BY seq
      ON CONFLICT (id) DO NOTHING RETURNING seq
    ), fresh AS MATERIALIZED (
      SELECT input.* FROM input JOIN new_messages USING (seq)
    ), new_recipients AS (
      INSERT INTO recipients (message, position, lane, state, standing, attempts, due_at, changed_at, address, key, verdict)
      SELECT f.seq, p.position, f.lane, p.state, p.standing, p.attempts, p.due_at, p.changed_at, p.address, p.key, p.verdict
      FROM unnest($20::bigint[], $21::integer[], $22::smallint[], $23::smallint[], $24::integer[], $25::bigint[],
        $26::bigint[], $27::text[], $28::text[], $29::text[])
        AS p (nth, position, state, standing, attempts, due_at, changed_at, address, key, verdict)
      JOIN fresh AS f USING (nth)
    ), new_content AS (
      INSERT INTO content (message, body)
      SELECT seq, substr($30::bytea, (starts_at + 1)::integer, length) FROM fresh WHERE length IS NOT NULL
    ), new_work AS (
      INSERT INTO work (message, stream, due_at, ends_at, queued, sending)
      SELECT seq, stream, due_at, expires_at, queued, 0 FROM fresh WHERE kept IS NULL
    ), new_finished AS (
      INSERT INTO finished (kept, at, message) SELECT kept, finished_at, seq FROM fresh WHERE kept IS NOT NULL
    ), new_attempts AS (
      INSERT INTO attempts (message, lease, started_at, ended_at, account, peer, outcomes, transcript)
      SELECT f.seq, '', a.started_at, a.ended_at, a.account, a.peer, a.outcomes, a.transcript
      FROM unnest($31::bigint[], $32::bigint[], $33::bigint[], $34::text[], $35::text[], $36::text[], $37::text[])
        WITH ORDINALITY AS a (nth, started_at, ended_at, account, peer, outcomes, transcript, position)
      JOIN fresh AS f USING (nth) ORDER BY a.position
    )
    SELECT count(*) AS messages, count(*) FILTER (WHERE kept IS NULL) AS waiting FROM fresh`,
  importIdempotency: `
    INSERT INTO idempotency (origin, key, body_hash, id, created_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])
    ON CONFLICT DO NOTHING`,
  nodesAlive: `
    SELECT count(*) AS others FROM nodes
    WHERE owner <> $1 AND seen_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2::bigint`,
  /** Whether a store is there, seen by who is to change nothing. */
  isThere: `SELECT to_regclass($1) IS NOT NULL AS there`,
} as const;

export const importSql = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { name, text }]),
) as { readonly [Name in keyof typeof texts]: Statement };
