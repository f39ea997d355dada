// Before and after all proofs: collects the long form's figures and writes them into docs/RELIABILITY.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import type { Figure } from "./soak.ts";

const page = fileURLToPath(new URL("../../docs/RELIABILITY.md", import.meta.url));
const [begin, end] = ["<!-- figures: begin -->", "<!-- figures: end -->"];

export default function setup(project: TestProject): (() => void) | undefined {
  if (process.env.POSTRIDER_SOAK !== "1") {
    project.provide("figures", null);
    return undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), "postrider-figures-"));
  const file = join(directory, "figures.jsonl");
  project.provide("figures", file);
  return () => {
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    rmSync(directory, { recursive: true, force: true });
    if (lines.length > 0) keep(lines.map((line) => JSON.parse(line) as Figure));
  };
}

/** What was not measured this time stays as it stands. */
function keep(figures: readonly Figure[]): void {
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (to < from) throw new Error(`${page} has no place for the figures: ${begin} … ${end}`);
  const rows = new Map<string, string>();
  for (const row of text.slice(from, to).split("\n")) {
    const claim = /^\| (?!claim |---)(.+?) \|/.exec(row)?.[1];
    if (claim !== undefined) rows.set(claim, row);
  }
  const today = new Date().toISOString().slice(0, 10);
  for (const { claim, measured } of figures) rows.set(claim, `| ${claim} | ${measured} | ${today} |`);
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${gibibytes} GiB, Node.js ${process.versions.node}`;
  const table = [
    "",
    `\`npm run soak\` on ${machine}, peers and application on one machine.`,
    "",
    "| claim | measured | on |",
    "|---|---|---|",
    ...[...rows].sort(([one], [other]) => one.localeCompare(other)).map(([, row]) => row),
    "",
  ];
  writeFileSync(page, text.slice(0, from) + table.join("\n") + text.slice(to));
}
