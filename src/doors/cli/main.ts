// The command line: commands, and how each ends.
import { Command, CommanderError } from "commander";
import { AccountError } from "../../accounts/error.ts";
import { MoveRefused } from "../../error.ts";
import { MessageError } from "../../messages/error.ts";
import { AddressError, UnknownProvider } from "../../providers/catalogue.ts";
import { version } from "../../version.ts";
import { ApiFailure } from "./api.ts";
import { accountCommand } from "./commands/account.ts";
import { causesCommand } from "./commands/causes.ts";
import { databaseCommand } from "./commands/database.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { initCommand } from "./commands/init.ts";
import { keyCommand } from "./commands/key.ts";
import { messagesCommand } from "./commands/messages.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { providersCommand } from "./commands/providers.ts";
import { pruneCommand } from "./commands/prune.ts";
import { queueCommand } from "./commands/queue.ts";
import { routeCommand } from "./commands/route.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { sendCommand } from "./commands/send.ts";
import { serveCommand } from "./commands/serve.ts";
import { suppressionCommand } from "./commands/suppression.ts";
import { testCommand } from "./commands/test.ts";
import { AnswerIsNo, exitCode, UsageError } from "./exit.ts";

function program(): Command {
  const root = new Command("postrider")
    .description("The mail-sending function of an application, made whole.")
    .version(version)
    // Each command takes its own options: the same ones belong to a command and to those under it.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText(
      "after",
      "\nExit codes: 0 good; 1 the answer is no; 2 wrong usage; 3 could not be carried out.",
    );
  for (const command of [
    initCommand(),
    serveCommand(),
    providersCommand(),
    accountCommand(),
    routeCommand(),
    testCommand(),
    doctorCommand(),
    causesCommand(),
    sendCommand(),
    messagesCommand(),
    queueCommand(),
    suppressionCommand(),
    pruneCommand(),
    sandboxCommand(),
    keyCommand(),
    databaseCommand(),
    migrateCommand(),
  ])
    root.addCommand(command);
  return exitByThrowing(root);
}

/** Commander would end the process by itself, with codes of its own. */
function exitByThrowing(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
  return command;
}

function codeOf(error: unknown): number {
  if (error instanceof AnswerIsNo || error instanceof MoveRefused) return exitCode.no;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.good : exitCode.usage;
  if (error instanceof ApiFailure)
    return error.statusCode < 500
      ? error.statusCode === 409
        ? exitCode.no
        : exitCode.usage
      : exitCode.failed;
  const usage = [UsageError, UnknownProvider, AddressError, AccountError, MessageError].some(
    (kind) => error instanceof kind,
  );
  return usage ? exitCode.usage : exitCode.failed;
}

function complain(error: unknown, json: boolean): void {
  // Commander and the commands themselves have printed theirs.
  if (error instanceof AnswerIsNo || error instanceof CommanderError) return;
  const message = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof ApiFailure ? error.remedy : undefined;
  if (json)
    process.stderr.write(
      `${JSON.stringify({ error: { name: nameOf(error), message, ...(remedy ? { remedy } : {}) } })}\n`,
    );
  else {
    process.stderr.write(`postrider: ${message}\n`);
    for (const step of remedy?.steps ?? []) process.stderr.write(`  - ${step}\n`);
    if (process.env.POSTRIDER_LOG === "debug" && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
  }
}

function nameOf(error: unknown): string {
  if (error instanceof ApiFailure) return error.apiName;
  return error instanceof Error ? error.name : "Error";
}

// A reader that has seen enough (`| head`) is no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCode.good);
  throw error;
});

try {
  await program().parseAsync(process.argv);
} catch (error) {
  complain(error, process.argv.includes("--json"));
  process.exitCode = codeOf(error);
}
