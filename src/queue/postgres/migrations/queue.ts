// The first schema of the queue: messages and their recipients, what is due, content, attempts, budgets, shares.

/**
 * - `messages`: what does not change. `seq` is the order of acceptance and the key everything else hangs on.
 * - `recipients`: `standing` is the state where it is one of those that are looked for (parked, bounced …), and null for
 *   queued, sending and sent. So the usual way of a message changes no indexed column, and PostgreSQL writes the new
 *   versions beside the old ones (HOT) and no index at all. `key` is how the address stands on the suppression list,
 *   where that is not the address itself.
 * - `work`: one narrow row for each message that still waits for something; it is the lock of its message as well: who
 *   moves recipients locks it first. `due_at` is the earliest time of a recipient that waits for one, or the end of the
 *   lease; null when none does (parked, unknown). `ends_at` is the message's expiry, or the end of its lease where that
 *   is later. `queued` and `sending` count recipients: counting them in `recipients` would need an index on the way.
 * - `streams`: an origin's messages for a route in a lane; those that have something due take turns. Rows stay: there
 *   are no more than keys and routes, and nodes remember them.
 * - `finished`: messages whose every recipient is in a final state, by the time of their last change. `kept` says what
 *   retention has left of one: 1 its content, 2 its transcripts.
 * - `spent`: what accounts sent, in buckets of time. `span` is the position in `budgetWindows`.
 * - `shares`: which process may do what at one time through an account.
 *
 * Tables whose rows come and go are vacuumed by number, not by part: what claims look through stays short, also while
 * ten million messages are kept.
 */
export const queueTables = `
CREATE SEQUENCE messages_seq;

CREATE TABLE messages (
  seq bigint PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  message_id text NOT NULL,
  lane smallint NOT NULL,
  route text,
  envelope_from text NOT NULL,
  view text NOT NULL,
  size integer NOT NULL,
  sensitive boolean NOT NULL,
  created_at bigint NOT NULL,
  not_before bigint,
  expires_at bigint NOT NULL,
  origin text NOT NULL
);

CREATE TABLE recipients (
  message bigint NOT NULL,
  position integer NOT NULL,
  lane smallint NOT NULL,
  state smallint NOT NULL,
  standing smallint,
  attempts integer NOT NULL,
  due_at bigint,
  changed_at bigint NOT NULL,
  address text NOT NULL,
  key text,
  verdict text,
  PRIMARY KEY (message, position)
) WITH (fillfactor = 60);

CREATE INDEX recipients_standing ON recipients (standing, lane, message) WHERE standing IS NOT NULL;

CREATE TABLE streams (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lane smallint NOT NULL,
  origin text NOT NULL,
  route text
);

CREATE UNIQUE INDEX streams_once ON streams (lane, origin, coalesce('=' || route, ''));

CREATE TABLE work (
  message bigint PRIMARY KEY,
  stream integer NOT NULL,
  due_at bigint,
  ends_at bigint NOT NULL,
  lease text,
  lease_ms bigint,
  owner text,
  queued integer NOT NULL,
  sending integer NOT NULL
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
);

CREATE INDEX work_due ON work (stream, due_at, message) WHERE due_at IS NOT NULL;
CREATE INDEX work_ends ON work (ends_at, message);

CREATE TABLE content (
  message bigint PRIMARY KEY,
  body bytea NOT NULL
);

ALTER TABLE content ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE attempts (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  message bigint NOT NULL,
  lease text NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint NOT NULL,
  account text,
  peer text,
  outcomes text NOT NULL,
  transcript text NOT NULL
);

CREATE INDEX attempts_by_message ON attempts (message, seq);

CREATE TABLE finished (
  kept smallint NOT NULL,
  at bigint NOT NULL,
  message bigint NOT NULL
);

CREATE UNIQUE INDEX finished_by_time ON finished (kept, at, message);

CREATE TABLE idempotency (
  origin text NOT NULL,
  key text NOT NULL,
  body_hash text NOT NULL,
  id uuid NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (origin, key)
);

CREATE INDEX idempotency_by_time ON idempotency (created_at);

CREATE TABLE suppressions (
  address text COLLATE "C" PRIMARY KEY,
  reason text NOT NULL,
  detail text NOT NULL,
  message_id text,
  at bigint NOT NULL
);

CREATE TABLE spent (
  account text NOT NULL,
  span smallint NOT NULL,
  start bigint NOT NULL,
  urgent bigint NOT NULL,
  other bigint NOT NULL,
  PRIMARY KEY (account, span, start)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE shares (
  account text NOT NULL,
  owner text NOT NULL,
  held jsonb NOT NULL,
  PRIMARY KEY (account, owner)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
`;
