// The place of the bench's tables in docs/PERFORMANCE.md.
import { readFileSync, writeFileSync } from "node:fs";

const begins = "<!-- bench:relay -->";
const ends = "<!-- /bench:relay -->";
const title = "SMTP in, durable, SMTP out";

export function writePage(text: string): void {
  const file = new URL("../../docs/PERFORMANCE.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const section = `${begins}\n${text}\n${ends}`;
  const from = page.indexOf(begins);
  const to = page.indexOf(ends);
  writeFileSync(
    file,
    from >= 0 && to > from
      ? page.slice(0, from) + section + page.slice(to + ends.length)
      : `${page.trimEnd()}\n\n## ${title}\n\n${section}\n`,
  );
}
