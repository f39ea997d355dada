// The place of the bench's tables in docs/SCALE.md.
import { readFileSync, writeFileSync } from "node:fs";

const begins = "<!-- bench:scale -->";
const ends = "<!-- /bench:scale -->";

/** @throws when the page has no place for them. */
export function writePage(text: string): void {
  const file = new URL("../../docs/SCALE.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const [from, to] = [page.indexOf(begins), page.indexOf(ends)];
  if (from < 0 || to < from)
    throw new Error(`docs/SCALE.md has no place for the tables: ${begins} … ${ends}`);
  writeFileSync(file, `${page.slice(0, from)}${begins}\n${text}\n${page.slice(to)}`);
}
