// Group commit: everything that arrived while the last commit ran shares the next one, and its fsync.
import { describe } from "./failure.ts";
import { type Demand, demandOf, type OperationName, operations } from "./operations.ts";
import type { Answer, Call } from "./protocol.ts";
import type { Engine } from "./statements.ts";

type Operation = (engine: Engine, ...args: readonly unknown[]) => unknown;

/** Whether commits wait for the disk (https://www.sqlite.org/pragma.html#pragma_synchronous, in WAL mode). */
type Synchronous = "FULL" | "NORMAL";

export interface Groups {
  /** Answers in the order of the calls, after the commits. */
  run(calls: readonly Call[]): readonly Answer[];
}

/** `directory` is named in errors. */
export function createGroups(engine: Engine, directory: string): Groups {
  const { db, statements, memory } = engine;
  let synchronous: Synchronous | null = null;

  /** Not possible inside a transaction. */
  function setSynchronous(wanted: Synchronous): void {
    if (synchronous === wanted) return;
    synchronous = null;
    db.exec(`PRAGMA synchronous = ${wanted}`);
    synchronous = wanted;
  }

  const perform = ({ name, args }: Call) => (operations[name] as Operation)(engine, ...args);
  const failure = ({ number }: Call, error: unknown): Answer => ({
    number,
    failure: describe(error, directory),
  });

  function undo(): void {
    if (db.isTransaction) statements.rollback.run();
    memory.forget();
  }

  /** A call that fails does not undo the others. */
  function guarded(call: Call): Answer {
    statements.openSavepoint.run();
    try {
      const value = perform(call);
      statements.keepSavepoint.run();
      return { number: call.number, value };
    } catch (error) {
      if (!db.isTransaction) throw error;
      statements.undoSavepoint.run();
      statements.keepSavepoint.run();
      memory.forget();
      return failure(call, error);
    }
  }

  function read(calls: readonly Call[]): readonly Answer[] {
    try {
      statements.beginReading.run();
      const answers = calls.map(alone);
      statements.commit.run();
      return answers;
    } catch (error) {
      undo();
      return calls.map((call) => failure(call, error));
    }
  }

  /**
   * In one transaction. When a call fails, all of them are done again with each guarded from the others. Where SQLite
   * gives up the whole transaction (no space, a failing disk), each call gets one of its own, so that the one which
   * cannot be does not take the others with it.
   */
  function write(calls: readonly Call[], how: "together" | "guarded"): readonly Answer[] {
    try {
      statements.begin.run();
    } catch (error) {
      // No call is to blame, and each would wait as long for whoever holds the file.
      return calls.map((call) => failure(call, error));
    }
    try {
      const answers =
        how === "guarded"
          ? calls.map(guarded)
          : calls.map((call): Answer => ({ number: call.number, value: perform(call) }));
      statements.commit.run();
      return answers;
    } catch (error) {
      undo();
      if (calls.length === 1) return [failure(calls[0]!, error)];
      if (how === "together") return write(calls, "guarded");
      return calls.flatMap((call) => write([call], "together"));
    }
  }

  function alone(call: Call): Answer {
    try {
      return { number: call.number, value: perform(call) };
    } catch (error) {
      return failure(call, error);
    }
  }

  function runTogether(calls: readonly Call[]): readonly Answer[] {
    const has = (demand: Demand) => calls.some(({ name }) => demandOf(name) === demand);
    if (!has("write") && !has("lease")) return read(calls);
    try {
      setSynchronous(has("write") ? "FULL" : "NORMAL");
    } catch (error) {
      return calls.map((call) => failure(call, error));
    }
    return write(calls, "together");
  }

  return {
    run(calls) {
      const isAlone = (name: OperationName) => demandOf(name) === "alone";
      const at = calls.findIndex(({ name }) => isAlone(name));
      if (at < 0) return calls.length === 0 ? [] : runTogether(calls);
      return [...this.run(calls.slice(0, at)), alone(calls[at]!), ...this.run(calls.slice(at + 1))];
    },
  };
}
