// A database that another engine's store is moved into: part after part, each with the place reached, in one commit.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { version } from "../../version.ts";
import { type Documents, type Instant, StoreError } from "../store.ts";
import type { Cursor, MovedDocument, Part, Stage } from "../transfer.ts";
import { databaseTime } from "./clock.ts";
import { Database } from "./database.ts";
import { openDocuments } from "./documents.ts";
import { importSql } from "./import-sql.ts";
import { deadAfter, Migrator } from "./migrations.ts";
import { Notices } from "./notices.ts";
import { differing, type Existing, importPart, isPassing } from "./operations/import.ts";
import { Presence } from "./presence.ts";
import { checkSchema } from "./schema.ts";
import { Streams } from "./streams.ts";

export { DocumentsDiffer, type Existing } from "./operations/import.ts";

/** How far a move into this database has come: a document, by the id of the installation that comes. */
export interface Move {
  readonly attempt: string;
  readonly begunAt: Instant;
  readonly stage: Stage | "complete";
  readonly after: Cursor;
  /** What has arrived. */
  readonly arrived: Readonly<Record<Stage | "waiting", number>>;
}

/** As it was read: only who has seen the last state goes on. */
export interface SeenMove {
  readonly move: Move;
  readonly body: string;
}

export interface Target {
  /** False when nothing of ours is in the database yet. */
  readonly there: boolean;
  readonly documents: Documents;
  /** Those that are there under the same name and say something else. */
  differing(documents: readonly MovedDocument[]): Promise<readonly MovedDocument[]>;
  time(): Promise<Instant>;
  /** Whether other nodes work on it. */
  hasNodes(): Promise<boolean>;
  move(installation: string): Promise<SeenMove | null>;
  /** Sets a move to its beginning, in place of `seen`; null when another was quicker. */
  begin(installation: string, seen: SeenMove | null, attempt: string): Promise<SeenMove | null>;
  /**
   * Takes in a part and notes the place reached; null, and nothing taken, when the move is no longer where `seen` says.
   * Throws StoreError, DocumentsDiffer.
   */
  take(
    installation: string,
    seen: SeenMove,
    part: Part,
    following: Pick<Move, "stage" | "after">,
    existing: Existing,
  ): Promise<SeenMove | null>;
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly url: string;
  readonly schema: string;
  /** Whether nothing may be changed there. */
  readonly look: boolean;
}

const moveKind = "move";
/** A large message over a slow line. Milliseconds. */
const statementTimeout = 120_000;
/** Nothing of a part that another took meanwhile is kept. */
class Overtaken extends Error {}

/** Throws StoreError `unreachable`, `denied`, `read-only`, `newer-schema`, `not-a-database` or `io`. */
export async function openTarget({ url, schema, look }: TargetOptions): Promise<Target> {
  checkSchema(schema);
  const database = new Database({ url, schema, connections: 3, statementTimeout });
  const owner = `move-${randomUUID()}`;
  let presence: Presence | null = null;
  let there = true;
  try {
    if (look) {
      const [found] = await database.rows<{ readonly there: boolean }>(importSql.isThere, [
        `"${schema}".documents`,
      ]);
      there = found?.there ?? false;
    } else {
      const migrator = new Migrator(database, { owner, host: hostname(), pid: process.pid, version });
      presence = new Presence(database, migrator, (await migrator.migrate()).left);
    }
  } catch (error) {
    await database.close();
    throw error;
  }
  const notices = new Notices(database);
  const documents = openDocuments(database, () => notices.documentsChanged());
  const streams = new Streams();
  const parsed = (body: string): SeenMove => ({ move: JSON.parse(body) as Move, body });

  return {
    there,
    documents,
    differing: async (coming) => (await differing(database, coming)).filter((one) => !isPassing(one)),
    time: () => databaseTime(database),
    async hasNodes() {
      const [alive] = await database.rows<{ readonly others: number }>(importSql.nodesAlive, [
        owner,
        deadAfter,
      ]);
      return alive!.others > 0;
    },
    async move(installation) {
      const body = await documents.get(moveKind, installation);
      return body === null ? null : parsed(body);
    },
    async begin(installation, seen, attempt) {
      const arrived = { documents: 0, suppressions: 0, idempotency: 0, spent: 0, messages: 0, waiting: 0 };
      const begunAt = await databaseTime(database);
      const move: Move = { attempt, begunAt, stage: "documents", after: [], arrived };
      const body = JSON.stringify(move);
      const written =
        seen === null
          ? await documents.insert(moveKind, installation, body)
          : await documents.replace(moveKind, installation, seen.body, body);
      return written ? { move, body } : null;
    },
    async take(installation, seen, part, following, existing) {
      const known = await streams.of(database, part.stage === "messages" ? part.rows : []);
      try {
        const taken = await database.transaction(async (session) => {
          const { rows, waiting } = await importPart(session, part, known, existing);
          const { arrived } = seen.move;
          const move: Move = {
            ...seen.move,
            ...following,
            arrived: {
              ...arrived,
              [part.stage]: arrived[part.stage] + rows,
              waiting: arrived.waiting + waiting,
            },
          };
          const body = JSON.stringify(move);
          // Last, as whoever writes documents waits for it.
          const own = openDocuments(session, () => undefined);
          if (!(await own.replace(moveKind, installation, seen.body, body))) throw new Overtaken();
          return { move, body };
        });
        if (part.stage === "documents") notices.documentsChanged();
        if (part.stage === "messages") notices.workIsDue();
        return taken;
      } catch (error) {
        if (error instanceof Overtaken) return null;
        throw error;
      }
    },
    async close() {
      await notices.close();
      await presence?.stop();
      await database.close();
    },
  };
}

/** Whether the same may be tried again: the server is failing over, or the way to it was cut. */
export function isPassingTrouble(error: unknown): boolean {
  return error instanceof StoreError && (error.problem === "unreachable" || error.problem === "read-only");
}
