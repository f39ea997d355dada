// The first schema: messages and their recipients, what is due, content, attempts, documents.

/**
 * - `messages`: what does not change. `seq` is the order of acceptance and the key everything else hangs on.
 * - `work`: one narrow row for each message that still waits for something, so that a claim reads only
 *   what is due. `due_at` is the earliest of its recipients' times and its expiry; while it is leased, the
 *   end of the lease: one index finds what is due, what has expired and what a dead worker left behind.
 * - `content` stands apart, so that no scan reads bodies.
 * - States and lanes are numbers: the positions in `recipientStates` and `lanes`.
 */
export const queueSchema = `
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message_id TEXT NOT NULL,
  lane INTEGER NOT NULL,
  route TEXT,
  envelope_from TEXT NOT NULL,
  view TEXT NOT NULL,
  size INTEGER NOT NULL,
  sensitive INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  not_before INTEGER,
  expires_at INTEGER NOT NULL,
  origin TEXT NOT NULL
) STRICT;

CREATE TABLE recipients (
  message INTEGER NOT NULL,
  position INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  changed_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  verdict TEXT,
  PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipients_by_state ON recipients (state, lane, message);

CREATE TABLE work (
  message INTEGER PRIMARY KEY,
  lane INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  lease TEXT
) STRICT;

CREATE INDEX work_due ON work (lane, due_at, message);

CREATE TABLE content (
  message INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE attempts (
  seq INTEGER PRIMARY KEY,
  message INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  account TEXT,
  peer TEXT,
  outcomes TEXT NOT NULL,
  transcript TEXT NOT NULL
) STRICT;

CREATE INDEX attempts_by_message ON attempts (message, seq);

CREATE TABLE idempotency (
  origin TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (origin, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
`;
