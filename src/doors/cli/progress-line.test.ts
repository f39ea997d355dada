// A person at a terminal sees one line that changes; a log gets few lines, and a machine none.
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { output } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";

function begin(kind: "terminal" | "log" | "json") {
  const stream = Object.assign(new PassThrough(), { isTTY: kind === "terminal", columns: 80 });
  let now = 0;
  const terminal = stream as unknown as NodeJS.WriteStream;
  const line = new ProgressLine(output(kind === "json", terminal), terminal, () => now);
  const show = (at: number, done: number) => {
    now = at;
    line.show({ what: "messages", done, of: 10_000 });
  };
  return { line, show, written: () => String(stream.read() ?? "") };
}

test("on a terminal it is one line, written anew five times a second at most", () => {
  const { line, show, written } = begin("terminal");
  show(0, 0);
  show(100, 500);
  show(1_000, 4_000);
  line.end();
  expect(written().split("\r\u001b[2K")).toEqual([
    "",
    "  0 of 10,000 messages",
    "  4,000 of 10,000 messages, 4,000 a second, 2 s left",
    "",
  ]);
});

test("in a log it is a line at the beginning and one every ten seconds", () => {
  const { line, show, written } = begin("log");
  for (let second = 0; second <= 11; second += 1) show(second * 1_000, second * 100);
  line.end();
  expect(written().split("\n")).toEqual([
    "  0 of 10,000 messages",
    "  1,000 of 10,000 messages, 100 a second, 2 min left",
    "",
  ]);
});

test("a machine is told the end alone", () => {
  const { line, show, written } = begin("json");
  show(0, 0);
  line.end();
  expect(written()).toBe("");
});
