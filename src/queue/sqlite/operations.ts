// What the worker can be asked to do, by name.
import { accept } from "./operations/accept.ts";
import { claim, extend } from "./operations/claim.ts";
import {
  deleteDocument,
  getDocument,
  insertDocument,
  listDocuments,
  putDocument,
} from "./operations/documents.ts";
import { attempts, content, depth, get, list, nextDue } from "./operations/read.ts";
import { record } from "./operations/record.ts";
import { cancel, reschedule, retry, unparkSlice } from "./operations/steer.ts";
import type { Engine } from "./statements.ts";

export const operations = {
  accept,
  claim,
  extend,
  record,
  nextDue,
  get,
  content,
  attempts,
  list,
  retry,
  cancel,
  reschedule,
  unparkSlice,
  depth,
  getDocument,
  listDocuments,
  putDocument,
  insertDocument,
  deleteDocument,
} as const;

export type OperationName = keyof typeof operations;

/** An operation's arguments, as the caller gives them. */
export type Arguments<Name extends OperationName> = (typeof operations)[Name] extends (
  engine: Engine,
  ...rest: infer Rest
) => unknown
  ? Rest
  : never;

export type Result<Name extends OperationName> = ReturnType<(typeof operations)[Name]>;
