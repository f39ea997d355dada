// Brings a database to this version's schema, one numbered step at a time.
import type { DatabaseSync } from "node:sqlite";
import { queueSchema } from "./migrations/0001-queue.ts";
import { streamsSchema } from "./migrations/0002-streams.ts";

/** "Post" in ASCII: marks a SQLite file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x506f7374;

/** In order; the position, from 1, is the `user_version` that the step leads to. A step that was released never changes. */
const steps: readonly string[] = [queueSchema, streamsSchema];

export const schemaVersion = steps.length;

/** Each step commits together with its number, so that a kill between two leaves a version we know. */
export function migrate(db: DatabaseSync, from: number): void {
  for (let version = from; version < schemaVersion; version++) {
    db.exec(`
      BEGIN IMMEDIATE;
      ${steps[version]!}
      PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${version + 1};
      COMMIT;
    `);
  }
}
