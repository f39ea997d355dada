// The prepared statements and what each operation works with.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { sql } from "./sql.ts";

export type Statements = Readonly<Record<keyof typeof sql, StatementSync>>;

export function prepare(db: DatabaseSync): Statements {
  const prepared = Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}

/** What an operation gets: it runs inside a transaction that is not its own, and may throw at any point. */
export interface Engine {
  readonly statements: Statements;
  /** A lease nobody had before, in this process or an earlier one. */
  readonly newLease: () => string;
}
