// Group commit: everything that arrived while the last commit ran shares the next one, and its fsync.
import type { DatabaseSync } from "node:sqlite";
import { describe } from "./failure.ts";
import { operations } from "./operations.ts";
import type { Answer, Call } from "./protocol.ts";
import type { Engine } from "./statements.ts";

type Operation = (engine: Engine, ...args: readonly unknown[]) => unknown;

/**
 * Runs the calls in one transaction and answers after its commit. A call that fails undoes itself alone.
 * Where SQLite gives up the whole transaction (no space, a failing disk), each call gets one of its own,
 * so that the one which cannot be does not take the others with it.
 */
export function runGroup(
  db: DatabaseSync,
  engine: Engine,
  directory: string,
  calls: readonly Call[],
): readonly Answer[] {
  const { statements } = engine;
  const failed = (error: unknown): readonly Answer[] => {
    const failure = describe(error, directory);
    return calls.map(({ number }) => ({ number, failure }));
  };
  try {
    statements.begin.run();
  } catch (error) {
    // No call is to blame, and each would wait as long for whoever holds the file.
    return failed(error);
  }
  try {
    const answers = calls.map((call): Answer => {
      statements.openSavepoint.run();
      try {
        const value = (operations[call.name] as Operation)(engine, ...call.args);
        statements.keepSavepoint.run();
        return { number: call.number, value };
      } catch (error) {
        if (!db.isTransaction) throw error;
        statements.undoSavepoint.run();
        statements.keepSavepoint.run();
        return { number: call.number, failure: describe(error, directory) };
      }
    });
    statements.commit.run();
    return answers;
  } catch (error) {
    if (db.isTransaction) statements.rollback.run();
    if (calls.length > 1) return calls.flatMap((call) => runGroup(db, engine, directory, [call]));
    return failed(error);
  }
}
