// The server's log: short lines for a person who watches it on a terminal, JSON for whatever collects it elsewhere.
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { type Logger, pino } from "pino";
import type { Verdict } from "../../causes/verdict.ts";
import type { DeliveryEvent, RecipientEvent } from "../../delivery/events.ts";
import { plain } from "./output.ts";
import { terminalColumns, wrap } from "./wrap.ts";

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** A line of pino's: an event of delivery, or a note of the server's own. */
type Line = {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly err?: { readonly message: string };
} & (DeliveryEvent | { readonly type?: undefined });

/** Pino's numbers for what went wrong. */
const warning = 40;

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
    case "failover":
      return [
        `${paint("yellow", "failover")}  ${line.id}  from ${line.from} to ${line.to}`,
        why(line.verdict, paint),
      ];
    case "delivery-paused":
      return [paint("red", `nothing is handed over: ${plain(line.reason)}`)];
    case "delivery-resumed":
      return ["handing over goes on"];
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
} as const;

function recipient(event: RecipientEvent, paint: Paint): readonly string[] {
  const { type, id, address, account } = event;
  const start = `${paint(colours[type], type.padEnd(8))}  ${id}  ${plain(address)}`;
  const through = account === null ? "" : paint("dim", `  ${account}`);
  const again =
    event.type === "deferred" ? `  again at ${new Date(event.dueAt).toTimeString().slice(0, 8)}` : "";
  const first = `${start}${through}${again}`;
  // Why an account's mail waits is told once, of the account.
  const verdict = event.type === "sent" || event.type === "parked" ? null : event.verdict;
  return verdict === null ? [first] : [first, why(verdict, paint)];
}

const why = (verdict: Verdict, paint: Paint) =>
  `${plain(verdict.message)}  ${paint("dim", `[${verdict.cause}]`)}`;
const counted = (recipients: number) => `${recipients} waiting recipient${recipients === 1 ? "" : "s"}`;
