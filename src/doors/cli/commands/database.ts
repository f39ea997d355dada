// `postrider database`: what an administrator does with the PostgreSQL database itself.
import { Command } from "commander";
import { databaseOf } from "../../../storage.ts";
import { UsageError } from "../exit.ts";
import { output } from "../output.ts";

interface GrantFlags {
  readonly print?: boolean;
  readonly json?: boolean;
}

const more = `
The role is the one under which the application connects. It may then call
postrider.send(mail, idempotency_key) in its own transactions, and read or change
nothing here. docs/SQL.md shows how.`;

export function databaseCommand(): Command {
  const command = new Command("database").summary("the PostgreSQL database that nodes share");
  command.addCommand(
    new Command("grant")
      .summary("let a role of the database queue mail in its own transactions")
      .argument("<role>", "an existing role")
      .option("--print", "show the SQL and run nothing")
      .option("--json", "print JSON for a machine")
      .addHelpText("after", more)
      .action(grant),
  );
  return command;
}

async function grant(role: string, flags: GrantFlags): Promise<void> {
  const out = output(flags.json ?? false);
  const database = databaseOf(undefined, process.env);
  if (database === null)
    throw new UsageError(
      "POSTRIDER_DATABASE_URL is not set. Set it to the database that Postrider works on, postgres://user:password@host:5432/database, as the user that Postrider connects as.",
    );
  const { url, place } = database;
  // Only now: no other command needs the client of a database.
  const { grantSending, sendingGrants } = await import("../../../queue/postgres/granting.ts");
  const statements = sendingGrants(place.schema, role);
  if (flags.print === true) {
    out.data({ statements });
    for (const statement of statements) out.line(`${statement};`);
    return;
  }
  const result = await grantSending({ url, schema: place.schema, role });
  if (result === "no-role")
    throw new UsageError(`There is no role "${role}" in ${place.shown}. Make it with CREATE ROLE first.`);
  if (result === "no-function")
    throw new UsageError(
      `The schema ${place.schema} in ${place.shown} has no function send(jsonb, text). Start \`postrider serve\` of this version on it once; POSTRIDER_DATABASE_SCHEMA names another schema.`,
    );
  out.data({ granted: { role, schema: place.schema }, statements });
  out.line(`${role} may queue mail: SELECT ${place.schema}.send('{"to": …}');`);
}
