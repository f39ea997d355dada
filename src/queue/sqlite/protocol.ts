// What passes between the caller's thread and the database's.
import type { DatabaseSettings } from "./database.ts";
import type { PlainFailure } from "./failure.ts";
import type { OperationName } from "./operations.ts";

export type WorkerSettings = DatabaseSettings;

export interface Call {
  readonly number: number;
  readonly name: OperationName;
  readonly args: readonly unknown[];
}

/** To the worker: calls in the order in which they were made, or the end. */
export type Request = { readonly calls: readonly Call[] } | { readonly close: true };

export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly failure: PlainFailure };

/** From the worker. `open` and `closed` come once each; a `failure` of opening is the last word. */
export type Response =
  | { readonly kind: "open" }
  | { readonly kind: "failure"; readonly failure: PlainFailure }
  | { readonly kind: "answers"; readonly answers: readonly Answer[] }
  | { readonly kind: "closed"; readonly failure: PlainFailure | null };
