// What a person sees: colour only on a terminal, tables that line up, JSON when asked.
import { styleText } from "node:util";
import { cut, terminalColumns, width, wrap } from "./wrap.ts";

export interface Output {
  readonly json: boolean;
  /** How wide the terminal is; null where there is none, and a text of any length stays on one line. */
  readonly columns: number | null;
  /** A line for a person; nothing under --json. */
  line(text?: string): void;
  /** The machine's answer; nothing unless --json. */
  data(value: unknown): void;
  /** A text for a person, broken to the terminal's width; the lines after the first stand below what follows `start`. */
  prose(text: string, start?: string): void;
  /** Aligned columns for a person. On a terminal, columns that are too wide for it are cut. */
  table(rows: readonly (readonly string[])[]): void;
  paint(style: Parameters<typeof styleText>[0], text: string): string;
}

/** Lines longer than this are hard to read, however wide the terminal is. */
const widest = 100;

export function output(json: boolean, stream: NodeJS.WriteStream = process.stdout): Output {
  const paint: Output["paint"] = (style, text) => styleText(style, text, { stream });
  const terminal = terminalColumns(stream);
  return {
    json,
    columns: terminal,
    paint,
    prose: (text, start = "") => {
      if (!json) for (const line of paragraph(text, start, terminal)) stream.write(`${line}\n`);
    },
    line: (text = "") => {
      if (!json) stream.write(`${text}\n`);
    },
    data: (value) => {
      if (json) stream.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    table: (rows) => {
      if (json) return;
      const widths = fitting(rows, terminal);
      for (const row of rows) {
        const cells = row.map((cell, column) => pad(cut(cell, widths[column]!), widths[column]!));
        stream.write(`${cells.join(gap).trimEnd()}\n`);
      }
    },
  };
}

/** The lines of a text that begins with `start`, on a terminal of so many columns. */
export function paragraph(text: string, start: string, columns: number | null): readonly string[] {
  const room = columns === null ? Number.POSITIVE_INFINITY : Math.min(columns, widest) - width(start);
  const rest = " ".repeat(width(start));
  return wrap(text, room).map((line, index) => `${index === 0 ? start : rest}${line}`);
}

const gap = "  ";
/** A column narrower than this tells nothing; then the line is left to the terminal. */
const narrowest = 12;

/** How wide each column is. Where a line is too long for the terminal, the widest give way, but never the first: it names the row. */
function fitting(rows: readonly (readonly string[])[], terminal: number | null): readonly number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ""))),
  );
  if (terminal === null) return widths;
  let over = widths.reduce((sum, one) => sum + one + gap.length, -gap.length) - terminal;
  for (; over > 0; over--) {
    const widest = Math.max(0, ...widths.slice(1));
    if (widest <= narrowest) break;
    widths[widths.lastIndexOf(widest)]!--;
  }
  return widths;
}

function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** What came from a server or a stranger's mail, safe to show: no control characters, so no escape sequences. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\t" ? " " : "\u{fffd}"));
}
