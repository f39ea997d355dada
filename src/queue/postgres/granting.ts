// Lets a role of the database queue mail, and do nothing else with what is Postrider's.
import pg from "pg";
import { Database } from "./database.ts";

/** Exactly what a role needs that may send. */
export function sendingGrants(schema: string, role: string): readonly string[] {
  const [where, who] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(role)];
  return [
    `GRANT USAGE ON SCHEMA ${where} TO ${who}`,
    `GRANT EXECUTE ON FUNCTION ${where}.send(jsonb, text) TO ${who}`,
  ];
}

export interface GrantRequest {
  readonly url: string;
  readonly schema: string;
  readonly role: string;
}

/** Runs them, all or none; otherwise tells what is missing. @throws StoreError. */
export async function grantSending({
  url,
  schema,
  role,
}: GrantRequest): Promise<"granted" | "no-role" | "no-function"> {
  const database = new Database({ url, schema, connections: 1 });
  try {
    return await database.transaction(async (session) => {
      const [found] = await session.rows<{ readonly role: boolean; readonly send: boolean }>(look, [
        role,
        schema,
      ]);
      if (found?.send !== true) return "no-function";
      if (!found.role) return "no-role";
      await session.run(sendingGrants(schema, role).join("; "));
      return "granted";
    });
  } finally {
    await database.close();
  }
}

const look = {
  name: "look_for_role",
  text: `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role, EXISTS (
      SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = $2 AND p.proname = 'send' AND p.proargtypes = '3802 25'::oidvector
    ) AS send`,
};
