// The second schema: turns among origins and routes, expiry apart from turns, suppression, budgets, retention.

/**
 * - `streams`: an origin's messages for a route in a lane; those that have something due take turns. A row may go
 *   when no work names it.
 * - `work`: `due_at` is the earliest time of a recipient that waits for one, or the end of the lease; null when
 *   none does (parked, unknown). `ends_at` is the message's expiry, or the end of its lease where that is later:
 *   what is over is found without looking at streams, and what a worker holds is left alone. `lease_ms` is what
 *   the lease was taken for.
 * - `finished`: messages whose every recipient is in a final state, by the time of their last change. `kept` says
 *   what retention has left of one: 1 its content, 2 its transcripts.
 * - `spent`: what accounts sent, in buckets of time. `span` is the position in `budgetWindows`.
 *
 * Numbers of states here: 0 scheduled, 1 queued, 2 sending, 3 deferred.
 */
export const streamsSchema = `
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  lane INTEGER NOT NULL,
  origin TEXT NOT NULL,
  route TEXT
) STRICT;

CREATE UNIQUE INDEX streams_once ON streams (lane, origin, ifnull('=' || route, ''));

INSERT INTO streams (lane, origin, route)
SELECT DISTINCT m.lane, m.origin, m.route FROM work AS w JOIN messages AS m ON m.seq = w.message;

CREATE TABLE new_work (
  message INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  due_at INTEGER,
  ends_at INTEGER NOT NULL,
  lease TEXT,
  lease_ms INTEGER
) STRICT;

INSERT INTO new_work (message, stream, due_at, ends_at, lease, lease_ms)
SELECT w.message, s.id,
  CASE WHEN w.lease IS NOT NULL THEN w.due_at
    ELSE (SELECT min(due_at) FROM recipients WHERE message = w.message AND state IN (0, 1, 3)) END,
  CASE WHEN w.lease IS NOT NULL THEN max(m.expires_at, w.due_at) ELSE m.expires_at END,
  w.lease,
  CASE WHEN w.lease IS NOT NULL THEN ifnull(
    w.due_at - (SELECT max(changed_at) FROM recipients WHERE message = w.message AND state = 2), 0) END
FROM work AS w
JOIN messages AS m ON m.seq = w.message
JOIN streams AS s ON s.lane = m.lane AND s.origin = m.origin AND s.route IS m.route;

DROP TABLE work;
ALTER TABLE new_work RENAME TO work;
CREATE INDEX work_due ON work (stream, due_at);
CREATE INDEX work_ends ON work (ends_at);

CREATE TABLE finished (
  kept INTEGER NOT NULL,
  at INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (kept, at, message)
) STRICT, WITHOUT ROWID;

INSERT INTO finished (kept, at, message)
SELECT 2 + EXISTS (SELECT 1 FROM content WHERE message = m.seq), max(r.changed_at), m.seq
FROM messages AS m JOIN recipients AS r ON r.message = m.seq
WHERE NOT EXISTS (SELECT 1 FROM work WHERE message = m.seq)
GROUP BY m.seq;

CREATE INDEX idempotency_by_time ON idempotency (created_at);

CREATE TABLE suppressions (
  address TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  message_id TEXT,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spent (
  account TEXT NOT NULL,
  span INTEGER NOT NULL,
  start INTEGER NOT NULL,
  urgent INTEGER NOT NULL,
  other INTEGER NOT NULL,
  PRIMARY KEY (account, span, start)
) STRICT, WITHOUT ROWID;
`;
