// The schema of a database that everything stands in.
import { StoreError } from "../store.ts";

/** @throws StoreError `denied` for a name that cannot be used. */
export function checkSchema(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,47}$/.test(schema)) return;
  throw new StoreError(
    "denied",
    `The schema ${JSON.stringify(schema)} cannot be used: its name has to be of lower-case letters, digits and _, at most 48, and not begin with a digit.`,
  );
}
