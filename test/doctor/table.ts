// The table of what was staged and what was named: printed, and kept in docs/DOCTOR-PROOF.md when that is asked for.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { CauseId } from "../../src/causes/book.ts";
import type { Diagnosis } from "../../src/doctor/diagnosis.ts";

export interface Row {
  /** What is staged; another than is expected where it cannot be seen. */
  readonly cause: CauseId | null;
  readonly staged: string;
  readonly named: CauseId | null;
  readonly verdict: Diagnosis["verdict"];
  readonly ms: number;
}

const page = fileURLToPath(new URL("../../docs/DOCTOR-PROOF.md", import.meta.url));
const command = "POSTRIDER_DOCTOR_TABLE=1 npx vitest run --project debian test/doctor";

export function show(rows: readonly Row[], ms: number): void {
  const right = rows.filter(({ cause, named }) => cause === named);
  const causes = new Set(right.flatMap(({ cause }) => cause ?? []));
  const well = right.filter(({ cause }) => cause === null);
  const sum =
    `${causes.size} causes staged in ${rows.length - rows.filter(({ cause }) => cause === null).length} ways, ` +
    `${right.length - well.length} times named right; ${well.length} settings that are well, nothing found at them`;
  const table = [
    "| cause | staged how | named what | verdict | ms |",
    "| --- | --- | --- | --- | ---: |",
    ...rows.map(
      ({ cause, staged, named, verdict, ms: took }) =>
        `| ${cause ?? "none"} | ${cell(staged)} | ${named === cause ? "the same" : `**${named ?? "nothing"}**`} | ${verdict} | ${Math.round(took)} |`,
    ),
  ];
  console.log([...table, "", `${sum}; ${Math.round(ms / 1000)} s in all.`].join("\n"));
  if (process.env.POSTRIDER_DOCTOR_TABLE !== "1") return;
  const text = [
    "# What the doctor was shown, and what it said",
    "",
    "Each cause below was staged for real: a network namespace for each machine, with real nftables and iptables rules,",
    "name servers, mail servers, certificates and clocks. The doctor ran on that machine and had to name the cause.",
    "",
    `${sum}. Measured with \`${command}\`, as root, on ${cpus().length} cores with Node.js ${process.versions.node},`,
    `many machines at a time; ${Math.round(ms / 1000)} s in all. The command writes this page anew.`,
    "",
    ...table,
    "",
  ];
  writeFileSync(page, text.join("\n"));
}

/** Within a table, on one line. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
