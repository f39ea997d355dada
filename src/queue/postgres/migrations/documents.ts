// The first schema of what stands beside the queue: documents, and the nodes that are alive.

/**
 * Every write of a document raises the one row of `revision` first and keeps the row locked until its commit: so
 * revisions become visible in their order, and who has seen one has seen all before it. `forgotten` is the highest
 * revision of a deleted document whose row is gone: who has seen less cannot tell what was deleted.
 */
export const documentTables = `
CREATE TABLE revision (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  value bigint NOT NULL,
  forgotten bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO revision (value, forgotten) VALUES (0, 0);

CREATE TABLE documents (
  kind text NOT NULL,
  name text NOT NULL,
  body text NOT NULL,
  revision bigint NOT NULL,
  deleted_at bigint,
  PRIMARY KEY (kind, name)
) WITH (fillfactor = 70);

CREATE INDEX documents_changes ON documents (revision);

CREATE INDEX documents_deleted ON documents (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE nodes (
  owner text PRIMARY KEY,
  schema_version integer NOT NULL,
  seen_at bigint NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL
) WITH (fillfactor = 50);
`;
