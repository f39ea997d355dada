// Roles of a test's own, and connections under them: what an application's user can do.
import { randomBytes } from "node:crypto";
import pg from "pg";
import { onTestFinished } from "vitest";
import type { Finished } from "../doors/processes.ts";

/** A connection that ends with the test. */
export async function connectAs(url: string, role?: string): Promise<pg.Client> {
  const at = new URL(url);
  if (role !== undefined) at.username = role;
  const client = new pg.Client({ connectionString: at.href });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A role that may sign in and do nothing else, with a schema that it owns; gone after the test, or what `finished` says. */
export async function makeRole(
  url: string,
  finished: Finished = onTestFinished,
): Promise<{ readonly role: string; readonly schema: string }> {
  const role = `app_${randomBytes(8).toString("hex")}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  finished(async () => {
    await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    await admin.end();
  });
  await admin.query(`CREATE ROLE ${role} LOGIN; CREATE SCHEMA ${role} AUTHORIZATION ${role}`);
  return { role, schema: role };
}
