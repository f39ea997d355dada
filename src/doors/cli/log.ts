// The server's log: short lines for a person who watches it on a terminal, JSON for whatever collects it elsewhere.
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { type Logger, pino } from "pino";
import type { Verdict } from "../../causes/verdict.ts";
import type { RecipientEvent } from "../../delivery/events.ts";
import type { PostriderEvent } from "../../postrider.ts";
import { shellWord, within } from "./common.ts";
import { plain } from "./output.ts";
import { terminalColumns, wrap } from "./wrap.ts";

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** A line of pino's: an event, or a note of the server's own. */
type Line = {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly err?: { readonly message: string };
} & (PostriderEvent | { readonly type?: undefined });

/** Pino's numbers for what went wrong. */
const warning = 40;

/** What a person should look at; everything else takes care of itself. */
const grave: ReadonlySet<PostriderEvent["type"]> = new Set([
  "account-parked",
  "endpoint-down",
  "failover",
  "budget-low",
  "budget-spent",
  "delivery-paused",
  "housekeeping-failed",
  "database-polling",
  "database-unproven",
  "database-not-durable",
]);

/** Writes an event at the level that it has. */
export function logEvent(log: Logger, event: PostriderEvent): void {
  if (grave.has(event.type)) log.warn(event, event.type);
  else log.info(event, event.type);
}

export function serverLog(level: string, stream: WriteStream = process.stderr): Logger {
  const options = { level, base: null };
  if (!stream.isTTY) return pino(options, pino.destination(2));
  const paint: Paint = (style, text) => styleText(style, text, { stream });
  return pino(options, {
    write: (text: string) => {
      const line = JSON.parse(text) as Line;
      // What the server says when it has started says this too.
      if (line.msg.startsWith("Server listening")) return;
      stream.write(`${told(line, paint, terminalColumns(stream) ?? Number.POSITIVE_INFINITY)}\n`);
    },
  });
}

const indent = " ".repeat("12:00:00 ".length);

/** A line of the log as a person reads it; what is wrong stands below, broken to the terminal's columns. */
export function told(line: Line, paint: Paint, columns: number): string {
  const time = paint("dim", new Date(line.time).toTimeString().slice(0, 8));
  const [first, ...more] = sentences(line, paint);
  const below = more.flatMap((text) => wrap(text, columns - indent.length));
  return [`${time} ${first}`, ...below.map((text) => `${indent}${text}`)].join("\n");
}

function sentences(line: Line, paint: Paint): readonly string[] {
  switch (line.type) {
    case undefined: {
      const text = plain(line.err === undefined ? line.msg : `${line.msg}: ${line.err.message}`);
      return [line.level >= warning ? paint("red", text) : text];
    }
    case "account-parked":
      return [
        paint("red", `account ${line.account} is at fault`),
        why(line.verdict, paint),
        `Its mail is kept. A new secret: postrider account change ${line.account}`,
      ];
    case "account-resumed":
      return [`account ${line.account} goes on; ${counted(line.released)} let go`];
    case "account-rests":
      return [
        paint("yellow", `account ${line.account} rests until ${clock(line.until)}`),
        why(line.verdict, paint),
        "Its mail waits, or leaves by its route's next account. There is nothing to do.",
      ];
    case "endpoint-down":
      return [
        paint("yellow", `endpoint ${line.endpoint} of account ${line.account} is down`),
        why(line.verdict, paint),
        `Tried again at ${clock(line.until)}. What is wrong: postrider test ${line.account}`,
      ];
    case "endpoint-up":
      return [paint("green", `endpoint ${line.endpoint} of account ${line.account} is up again`)];
    case "budget-low":
      return [
        paint(
          "yellow",
          `account ${line.account} has spent ${line.spent} of ${line.limit} ${within(line.window)}`,
        ),
        `What is over the limit waits, or leaves by its route's next account. How it stands: postrider queue`,
      ];
    case "budget-spent":
      return [
        paint("yellow", `account ${line.account} has spent its ${line.window}'s budget`),
        `From ${clock(line.until)} on it sends again; urgent mail has a part of its own. How it stands: postrider queue`,
      ];
    case "failover":
      return [
        `${paint("yellow", "failover")}  ${line.id}  from ${line.from} to ${line.to}`,
        why(line.verdict, paint),
      ];
    case "delivery-paused":
      return [paint("red", `nothing is handed over: ${plain(line.reason)}`)];
    case "delivery-resumed":
      return ["handing over goes on"];
    case "pruned":
      return [
        paint(
          "dim",
          `no longer kept: ${line.contents} contents, ${line.transcripts} transcripts, ${line.messages} messages, ${line.idempotencyKeys} idempotency keys`,
        ),
      ];
    case "housekeeping-failed":
      return [
        paint("red", `what is no longer kept could not be removed: ${plain(line.reason)}`),
        "It is tried again in five minutes.",
      ];
    case "database-notified":
      return [paint("dim", "what other nodes do is heard of at once")];
    case "database-polling":
    case "database-unproven":
    case "database-not-durable":
      return [paint("yellow", plain(line.reason))];
    default:
      return recipient(line, paint);
  }
}

const colours = {
  sent: "green",
  deferred: "yellow",
  parked: "yellow",
  unknown: "yellow",
  bounced: "red",
  failed: "red",
  expired: "red",
  suppressed: "red",
} as const;

function recipient(event: RecipientEvent, paint: Paint): readonly string[] {
  const { type, id, address, account } = event;
  const start = `${paint(colours[type], type.padEnd(8))}  ${id}  ${plain(address)}`;
  const through = account === null ? "" : paint("dim", `  ${account}`);
  return [`${start}${through}${more(event)}`, ...below(event, paint)];
}

function more(event: RecipientEvent): string {
  if (event.type === "deferred") return `  again at ${clock(event.dueAt)}`;
  if (event.type === "sent" && event.from !== null) return `  as ${plain(event.from)}`;
  return "";
}

function below(event: RecipientEvent, paint: Paint): readonly string[] {
  switch (event.type) {
    case "sent":
    // Why an account's mail waits is told once, of the account.
    case "parked":
      return [];
    case "suppressed":
      return [
        `It is on the suppression list. To send all the same: postrider suppression remove ${shellWord(plain(event.address))}`,
      ];
    case "unknown":
      return [
        ...(event.verdict === null ? [] : [why(event.verdict, paint)]),
        `It may have arrived. What to do: postrider messages show ${event.id}`,
      ];
    default:
      return event.verdict === null ? [] : [why(event.verdict, paint)];
  }
}

/** Of today or tomorrow: the time; of a later day the date as well. */
function clock(instant: number): string {
  const at = new Date(instant);
  const time = at.toTimeString().slice(0, 8);
  return instant - Date.now() < 24 * 3_600_000 ? time : `${time} on ${at.toDateString().slice(4, 10)}`;
}

const why = (verdict: Verdict, paint: Paint) =>
  `${plain(verdict.message)}  ${paint("dim", `[${verdict.cause}]`)}`;
const counted = (recipients: number) => `${recipients} waiting recipient${recipients === 1 ? "" : "s"}`;
