// The run's one PostgreSQL, and a schema of a test's own in it.
import { randomBytes } from "node:crypto";
import { inject } from "vitest";

/** Of the database that all tests share, each in a schema of its own. */
export async function sharedPostgres(): Promise<string> {
  const answer = await fetch(inject("postgres"));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the tests' PostgreSQL does not start: ${text}`);
  return text;
}

/** An empty store's place. */
export async function freshStoreOptions(): Promise<{ readonly url: string; readonly schema: string }> {
  return { url: await sharedPostgres(), schema: `t${randomBytes(8).toString("hex")}` };
}
