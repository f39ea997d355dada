// `postrider migrate`: moves the data directory's installation into a PostgreSQL database.
import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { Progress, Report } from "../../../migrate.ts";
import { type CommonFlags, withCommon } from "../common.ts";
import { UsageError } from "../exit.ts";
import { type Output, output } from "../output.ts";
import { ProgressLine } from "../progress-line.ts";

interface MigrateFlags extends CommonFlags {
  readonly to?: string;
  readonly schema?: string;
  readonly existing?: "keep" | "replace";
  readonly dryRun?: boolean;
  readonly undo?: boolean;
}

/** As a shell says it of a command that SIGINT has ended. */
const interrupted = 130;

const more = `
Stop the server first. Everything goes over: accounts with their secrets, routes,
keys, the suppression list, spent budgets, and all messages, those that wait
included. The sandbox and its mail stay. Ctrl-C stops it after the part that is
under way; the same command goes on there, also after a kill or a power cut.

From its beginning on the data directory sends nothing by itself any more:
\`postrider serve\` there wants POSTRIDER_DATABASE_URL.`;

export function migrateCommand(): Command {
  const command = new Command("migrate")
    .summary("move this installation into a PostgreSQL database")
    .addOption(
      new Option("--to <url>", "postgres://user:password@host:5432/database").env("POSTRIDER_DATABASE_URL"),
    )
    .option("--schema <name>", "the schema in it (default: POSTRIDER_DATABASE_SCHEMA, else postrider)")
    .addOption(
      new Option(
        "--existing <which>",
        "accounts, routes and settings that the database has under the same name: keep those, or replace them",
      ).choices(["keep", "replace"]),
    )
    .option("--dry-run", "say what would go, and change nothing")
    .option("--undo", "use the data directory again; possible until the first message went")
    .addHelpText("after", more);
  return withCommon(command).action(async (flags: MigrateFlags) => {
    const out = output(flags.json ?? false);
    if (flags.undo === true) return undo(flags, out);
    await move(flags, out);
  });
}

async function undo(flags: MigrateFlags, out: Output): Promise<void> {
  const { undoMigrate } = await import("../../../migrate.ts");
  const undone = await undoMigrate(flags.data);
  out.data({ undone });
  out.prose(
    `${flags.data} is used again as before. No mail had gone to ${undone.to}; what is there of accounts, routes and keys stays there.`,
  );
}

async function move(flags: MigrateFlags, out: Output): Promise<void> {
  const { migrate } = await import("../../../migrate.ts");
  const { databaseOf } = await import("../../../storage.ts");
  const { to, schema } = flags;
  if (to === undefined)
    throw new UsageError("Say where to: postrider migrate --to postgres://user:password@host:5432/database");
  const database = databaseOf(
    schema === undefined ? { url: to, ...schemaOf(process.env) } : { url: to, schema },
    {},
  );
  if (database === null)
    throw new UsageError("--to is empty. Give it as postgres://user:password@host:5432/database.");
  const stopping = new AbortController();
  const stop = () => {
    // A second signal does not wait; whatever was under way arrives whole or not at all.
    if (stopping.signal.aborted) process.exit(interrupted);
    stopping.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const line = new ProgressLine(out);
  try {
    const report = await migrate({
      directory: flags.data,
      database,
      existing: flags.existing ?? "refuse",
      dryRun: flags.dryRun ?? false,
      env: process.env,
      signal: stopping.signal,
      onProgress: (progress) => line.show(wordsOf(progress)),
    });
    line.end();
    tell(flags, report, out);
    if (!report.complete && flags.dryRun !== true) process.exitCode = interrupted;
  } finally {
    line.end();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function schemaOf(env: NodeJS.ProcessEnv): { readonly schema?: string } {
  const schema = env.POSTRIDER_DATABASE_SCHEMA;
  return schema ? { schema } : {};
}

function wordsOf({ stage, arrived, total }: Progress) {
  const names = {
    documents: "accounts, routes and settings",
    suppressions: "suppressed addresses",
    idempotency: "idempotency keys",
    spent: "budgets",
    messages: "messages",
    complete: "messages",
  } as const;
  if (stage === "spent" || stage === "documents") return { what: names[stage], done: 0, of: null };
  const table = stage === "complete" ? "messages" : stage;
  return { what: names[stage], done: arrived[table], of: total[table] };
}

function tell(flags: MigrateFlags, report: Report, out: Output): void {
  const { arrived, total, leaving } = report;
  const staying = { messages: leaving.waiting, routes: leaving.sandboxRoutes };
  const waiting = total.waiting.reduce((sum, { messages }) => sum + messages, 0);
  out.data({
    to: report.to,
    schema: report.schema,
    complete: report.complete,
    dryRun: flags.dryRun ?? false,
    found: { ...total, waiting },
    arrived,
    staying,
    differing: report.differing,
    keys: report.keys,
  });
  const dry = flags.dryRun === true;
  if (dry) {
    out.line(`To ${report.to}, schema ${report.schema}, would go:`);
    table(out, { ...total, waiting: waiting - leaving.waiting });
  } else {
    out.line(
      report.complete
        ? `Moved to ${report.to}, schema ${report.schema}:`
        : `Stopped. So much has arrived at ${report.to}, schema ${report.schema}; the same command goes on:`,
    );
    table(out, arrived);
  }
  out.line();
  out.prose(`The sandbox and its mail stay in ${resolve(flags.data)}.`);
  if (staying.messages > 0)
    out.prose(`${count(staying.messages)} messages stay as well: they wait for the sandbox.`);
  if (dry && leaving.undecided > 0)
    out.prose(
      `${count(leaving.undecided)} messages wait that name no account, and nobody chose which one is the default: choose with \`postrider account default <name>\` first.`,
    );
  if (staying.routes.length > 0)
    out.prose(`So do routes that lead nowhere else: ${staying.routes.join(", ")}.`);
  if (dry && report.differing.length > 0)
    out.prose(
      `The database has these already, with other content: ${report.differing.join(", ")}. Choose with --existing keep or --existing replace.`,
    );
  if (report.complete || dry) advise(flags, report, out);
}

function table(out: Output, counts: Omit<Report["arrived"], "spent">): void {
  out.table([
    ["  messages", count(counts.messages)],
    ["    of which wait", count(counts.waiting)],
    ["  accounts, routes, keys, settings", count(counts.documents)],
    ["  suppressed addresses", count(counts.suppressions)],
    ["  idempotency keys", count(counts.idempotency)],
  ]);
}

/** The key itself is never shown: a terminal remembers. */
function advise(flags: MigrateFlags, report: Report, out: Output): void {
  const key = process.env.POSTRIDER_SECRET_KEY
    ? "the POSTRIDER_SECRET_KEY that is set here"
    : `POSTRIDER_SECRET_KEY set to the content of ${resolve(flags.data, "secret.key")}, or a copy of that file in its data directory`;
  out.line();
  out.prose(
    `Every node needs POSTRIDER_DATABASE_URL, and the key that the accounts' secrets are sealed with: ${key}. (By its public name, ${report.keys}.)`,
  );
}

const count = (number: number) => number.toLocaleString("en-US");
