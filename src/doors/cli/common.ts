// What commands have in common: where the data is, which language, JSON or not.
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Api, openApi } from "./api.ts";
import { type Output, output } from "./output.ts";

export interface CommonFlags {
  readonly json?: boolean;
  readonly data: string;
  readonly lang: "en" | "zh";
}

/** Chinese where the person's own system speaks it. */
function systemLanguage(): "en" | "zh" {
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
  return locale.startsWith("zh") ? "zh" : "en";
}

export function withCommon(command: Command): Command {
  return command
    .option("--json", "print JSON for a machine")
    .addOption(
      new Option("--data <dir>", "the data directory").env("POSTRIDER_DATA").default("./postrider-data"),
    )
    .addOption(
      new Option("--lang <language>", "language of explanations")
        .choices(["en", "zh"])
        .default(systemLanguage()),
    );
}

/** Runs a command's body with an API to the data, and closes it whatever happens. */
export async function withApi<T>(
  flags: CommonFlags,
  body: (api: Api, out: Output) => Promise<T>,
): Promise<T> {
  const api = await openApi(flags.data);
  try {
    return await body(api, output(flags.json ?? false));
  } finally {
    await api.close();
  }
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new InvalidArgumentError("A port is a number from 1 to 65535.");
  return port;
}

/** Port 0 lets the system choose. */
export function listenPort(text: string): number {
  return text === "0" ? 0 : portNumber(text);
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Seconds from `90s`, `15m`, `2h`, `3d` or a bare number of seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("A duration looks like 90s, 15m, 2h or 3d.");
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? "s"]!;
  return Number(match[1]) * unit;
}

/** How long something lasts, to one unit: `40 s`, `14 min`, `3 h`, `5 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `a minute`, `an hour`, `a day`. */
export const within = (window: string) => `${window === "hour" ? "an" : "a"} ${window}`;

/** A foreign text as one word of a POSIX shell: what people copy from here must not run what a stranger chose. */
export function shellWord(text: string): string {
  return /^[\w@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
