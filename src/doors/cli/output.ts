// What a person sees: colour only on a terminal, tables that line up, JSON when asked.
import { styleText } from "node:util";
import { width } from "./wrap.ts";

export interface Output {
  readonly json: boolean;
  /** How wide the terminal is; null where there is none, and a text of any length stays on one line. */
  readonly columns: number | null;
  /** A line for a person; nothing under --json. */
  line(text?: string): void;
  /** The machine's answer; nothing unless --json. */
  data(value: unknown): void;
  /** Aligned columns for a person. */
  table(rows: readonly (readonly string[])[]): void;
  paint(style: Parameters<typeof styleText>[0], text: string): string;
}

export function output(json: boolean, stream: NodeJS.WriteStream = process.stdout): Output {
  const paint: Output["paint"] = (style, text) => styleText(style, text, { stream });
  return {
    json,
    columns: stream.isTTY ? stream.columns : null,
    paint,
    line: (text = "") => {
      if (!json) stream.write(`${text}\n`);
    },
    data: (value) => {
      if (json) stream.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    table: (rows) => {
      if (json) return;
      const columns = Math.max(0, ...rows.map((row) => row.length));
      const widths = Array.from({ length: columns }, (_, column) =>
        Math.max(...rows.map((row) => width(row[column] ?? ""))),
      );
      for (const row of rows)
        stream.write(
          `${row
            .map((cell, column) => pad(cell, column === row.length - 1 ? 0 : widths[column]!))
            .join("  ")
            .trimEnd()}\n`,
        );
    },
  };
}

function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** What came from a server or a stranger's mail, safe to show: no control characters, so no escape sequences. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\t" ? " " : "\u{fffd}"));
}
