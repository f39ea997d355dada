// Millions of messages that have ended, made by the server itself: copies of one that took the whole way.
import { Client } from "pg";

/** In one statement; enough for it to pay, few enough to be called off between two. */
const batch = 200_000;
/** Over how long the copies are spread, up to an hour ago. Milliseconds. */
const spreadMs = 30 * 86_400_000;
const hour = 3_600_000;

/** Bytes of all tables and indexes. */
export async function sizeOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ size: string }>(
      "SELECT pg_database_size(current_database()) AS size",
    );
    return Number(rows[0]!.size);
  } finally {
    await client.end();
  }
}

/**
 * Copies the newest message with its recipients and attempts so many times, under ids and times of their own; contents
 * and transcripts are gone, as retention leaves those that are kept for long.
 */
export async function fill(url: string, count: number, signal: AbortSignal): Promise<void> {
  const client = new Client({ connectionString: url });
  // What breaks the connection breaks the statement too.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("SET search_path TO postrider; SET synchronous_commit TO off");
    const { rows } = await client.query<{ seq: string }>("SELECT max(seq) AS seq FROM messages");
    const model = Number(rows[0]!.seq);
    const from = Date.now() - hour - spreadMs;
    for (let made = 0; made < count; made += batch) {
      signal.throwIfAborted();
      await client.query(copies, [model, from, spreadMs / count, made, Math.min(batch, count - made)]);
    }
    await client.query("SELECT setval('messages_seq', $1)", [model + count + 1]);
    await client.query("VACUUM (ANALYZE)");
    await client.query("CHECKPOINT");
  } finally {
    await client.end();
  }
}

/** $1 the model, $2 the time of the first copy, $3 milliseconds between two, $4 copies made before, $5 copies to make. */
const copies = `
  WITH n AS MATERIALIZED (
    SELECT $1::bigint + n AS seq, ($2::bigint + n * $3::float8)::bigint AS at, n
    FROM generate_series($4::bigint + 1, $4::bigint + $5::bigint) AS n
  ), new_messages AS (
    INSERT INTO messages (seq, id, message_id, lane, route, envelope_from, view, size, sensitive, created_at, not_before,
      expires_at, origin)
    SELECT n.seq,
      (lpad(to_hex(n.at), 12, '0') || '7' || lpad(to_hex(n.n % 4096), 3, '0') || '8' || lpad(to_hex(n.n), 15, '0'))::uuid,
      '<' || n.n || '@sender.test>', m.lane, m.route, m.envelope_from, m.view, m.size, m.sensitive, n.at, m.not_before,
      n.at + 172800000, m.origin
    FROM n, messages AS m WHERE m.seq = $1
  ), new_recipients AS (
    INSERT INTO recipients (message, position, lane, state, standing, attempts, due_at, changed_at, address, key, verdict)
    SELECT n.seq, r.position, r.lane, r.state, r.standing, r.attempts, r.due_at, n.at, r.address, r.key, r.verdict
    FROM n, recipients AS r WHERE r.message = $1
  ), new_attempts AS (
    INSERT INTO attempts (message, lease, started_at, ended_at, account, peer, outcomes, transcript)
    SELECT n.seq, a.lease, n.at, n.at, a.account, a.peer, a.outcomes, '[]' FROM n, attempts AS a WHERE a.message = $1
  )
  INSERT INTO finished (kept, at, message) SELECT 0, n.at, n.seq FROM n`;
