// Turns what SQLite and the file system report into the contract's errors.
import { StoreError, type StoreProblem } from "../store.ts";

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
export const resultCode = {
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The primary code of an error that SQLite raised; null for any other value. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

/** A StoreError as it crosses the thread boundary, where classes get lost. */
export interface PlainFailure {
  /** Null for a bug: an error that is none of storage's. */
  readonly problem: StoreProblem | null;
  readonly message: string;
}

/** `directory` is named in the message. */
export function describe(error: unknown, directory: string): PlainFailure {
  if (error instanceof StoreError) return { problem: error.problem, message: error.message };
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return { problem: "disk-full", message: noSpace(directory) };
  }
  switch (sqliteCode(error)) {
    case resultCode.full:
      return { problem: "disk-full", message: noSpace(directory) };
    case resultCode.notADatabase:
      return {
        problem: "not-a-database",
        message: `The database in ${directory} is not a SQLite database. Choose another data directory, or restore a backup.`,
      };
    case resultCode.corrupt:
      return {
        problem: "not-a-database",
        message: `The database in ${directory} is damaged (${said}). Restore a backup.`,
      };
    case resultCode.ioError:
    case resultCode.cannotOpen:
    case resultCode.readonly:
    case resultCode.busy:
      return {
        problem: "io",
        message: `The database in ${directory} could not be read or written (${said}). Check the disk, its mount and the files' owner.`,
      };
    default:
  }
  if (error instanceof Error && "syscall" in error) {
    return { problem: "io", message: `The data directory ${directory} cannot be used: ${said}.` };
  }
  return { problem: null, message: said };
}

function noSpace(directory: string): string {
  return `No space is left for the database in ${directory}. Nothing of this request was kept. Free some space and try again.`;
}

/** The error a caller gets. */
export function revive(failure: PlainFailure): Error {
  return failure.problem === null
    ? new Error(failure.message)
    : new StoreError(failure.problem, failure.message);
}
