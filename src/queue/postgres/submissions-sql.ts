// The statements on what applications submit in their own transactions.
import type { Statement } from "./database.ts";

const texts = {
  /**
   * Takes a lease on what is due, urgent first, up to a number of bytes; a single larger one comes alone. Those that
   * another node is just taking are passed over. The lanes are gone through in the order in which they stand, and no
   * further than the number asked for.
   */
  takeSubmissions: `
    WITH due AS MATERIALIZED (
      SELECT s.* FROM (VALUES (0), (1), (2)) AS each (lane) CROSS JOIN LATERAL (
        SELECT id, lane, due_at, size FROM submissions WHERE lane = each.lane AND due_at <= $1
        ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
      ) AS s LIMIT $2
    ), counted AS (
      SELECT id, lane, due_at AS was_due, sum(size) OVER turn AS bytes, row_number() OVER turn AS nth
      FROM due WINDOW turn AS (ORDER BY lane, due_at, id)
    ), taken AS (
      UPDATE submissions AS s SET due_at = $3, tries = s.tries + 1 FROM counted AS c
      WHERE s.id = c.id AND (c.bytes <= $4 OR c.nth = 1)
      RETURNING s.id, s.origin, s.mail, s.submitted_at, s.tries, c.nth
    )
    SELECT id, origin, mail, submitted_at, tries FROM taken ORDER BY nth`,
  nextSubmission: `
    SELECT min(first.due_at) AS next FROM (VALUES (0), (1), (2)) AS each (lane)
    CROSS JOIN LATERAL (SELECT due_at FROM submissions WHERE lane = each.lane ORDER BY due_at LIMIT 1) AS first`,
  putSubmissionsOff: `UPDATE submissions SET due_at = $2 WHERE id = ANY($1::uuid[])`,
  removeSubmissions: `DELETE FROM submissions WHERE id = ANY($1::uuid[]) RETURNING id`,
  /** A message that never was one: no content is kept, so that nothing can be sent. 8 is the state failed, 2 keeps transcripts. */
  refuseSubmission: `
    WITH gone AS (
      DELETE FROM submissions WHERE id = $1 RETURNING nextval('messages_seq') AS seq
    ), new_message AS (
      INSERT INTO messages (seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at,
        not_before, expires_at, origin)
      SELECT seq, $1::uuid, $2::text, $3::smallint, $4::text, $5::text, $6::text, 0, $7::boolean, $8::bigint, NULL,
        $9::bigint, $10::text FROM gone
    ), new_recipients AS (
      INSERT INTO recipients (message, position, lane, state, standing, attempts, changed_at, address, key, verdict)
      SELECT gone.seq, p.position - 1, $3::smallint, 8, 8, 0, $13::bigint, p.address, p.key, $14::text
      FROM gone CROSS JOIN unnest($11::text[], $12::text[]) WITH ORDINALITY AS p (address, key, position)
    ), new_finished AS (
      INSERT INTO finished (kept, at, message) SELECT 2, $13::bigint, seq FROM gone
    )
    SELECT seq FROM gone`,
} as const;

export const submissionsSql = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { name, text }]),
) as { readonly [Name in keyof typeof texts]: Statement };
