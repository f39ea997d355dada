// What the worker can be asked to do, by name, and what each asks of a transaction.
import { accept } from "./operations/accept.ts";
import { giveTokensBack, spentBy, takeTokens } from "./operations/budgets.ts";
import { claim, extend } from "./operations/claim.ts";
import { compact } from "./operations/compact.ts";
import {
  deleteDocument,
  getDocument,
  insertDocument,
  listDocuments,
  putDocument,
  replaceDocument,
} from "./operations/documents.ts";
import { exportPart, survey } from "./operations/export.ts";
import { prune } from "./operations/prune.ts";
import { attempts, content, depth, get, list } from "./operations/read.ts";
import { record } from "./operations/record.ts";
import { cancel, confirm, reschedule, retry, setBackSlice, unparkSlice } from "./operations/steer.ts";
import {
  deleteSuppression,
  getSuppression,
  listSuppressions,
  putSuppression,
} from "./operations/suppressions.ts";
import type { Engine } from "./statements.ts";

/** They change nothing. */
const reads = {
  get,
  content,
  attempts,
  list,
  depth,
  getSuppression,
  listSuppressions,
  spentBy,
  getDocument,
  listDocuments,
  survey,
  exportPart,
} as const;

/** What they write may be forgotten by a power cut: the next claim finds the same again. */
const leases = { claim, extend } as const;

/** What they write is on stable storage before they are answered. */
const writes = {
  accept,
  record,
  retry,
  cancel,
  confirm,
  reschedule,
  unparkSlice,
  setBackSlice,
  prune,
  putSuppression,
  deleteSuppression,
  takeTokens,
  giveTokensBack,
  putDocument,
  insertDocument,
  replaceDocument,
  deleteDocument,
} as const;

/** They make transactions of their own. */
const alone = { compact } as const;

export const operations = { ...reads, ...leases, ...writes, ...alone } as const;

export type OperationName = keyof typeof operations;

export type Demand = "read" | "lease" | "write" | "alone";

export function demandOf(name: OperationName): Demand {
  if (name in reads) return "read";
  if (name in leases) return "lease";
  return name in alone ? "alone" : "write";
}

/** An operation's arguments, as the caller gives them. */
export type Arguments<Name extends OperationName> = (typeof operations)[Name] extends (
  engine: Engine,
  ...rest: infer Rest
) => unknown
  ? Rest
  : never;

export type Result<Name extends OperationName> = ReturnType<(typeof operations)[Name]>;
