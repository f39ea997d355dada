// The prepared statements and what each operation works with.
import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Memory } from "./memory.ts";
import { inArrays, sql } from "./sql.ts";

export type Statements = Readonly<Record<keyof typeof sql, StatementSync>>;

function prepare(db: DatabaseSync): Statements {
  const prepared = Object.entries(sql).map(([name, text]) => {
    const statement = db.prepare(text);
    if (inArrays.has(name)) statement.setReturnArrays(true);
    return [name, statement];
  });
  return Object.fromEntries(prepared) as Statements;
}

/** What an operation gets: it runs inside a transaction that is not its own, and may throw at any point. */
export interface Engine {
  readonly db: DatabaseSync;
  readonly statements: Statements;
  readonly memory: Memory;
  /** A lease nobody had before, in this process or an earlier one. */
  readonly newLease: () => string;
}

export function createEngine(db: DatabaseSync): Engine {
  const statements = prepare(db);
  const epoch = randomBytes(9).toString("base64url");
  let leases = 0;
  return {
    db,
    statements,
    memory: new Memory(statements),
    newLease: () => `${epoch}:${(++leases).toString(36)}`,
  };
}
