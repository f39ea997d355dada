// A diagnosis as Markdown, to paste into a ticket or a forum; what must not be shown is masked before.
import { release } from "node:os";
import { causeLink } from "../../causes/page.ts";
import type { Diagnosis } from "../../doctor/diagnosis.ts";
import { version } from "../../version.ts";
import { type Language, noticed, probeName, statusMark, verdicts, words } from "./doctor-report.ts";
import { plain } from "./output.ts";

const headings = {
  todo: { en: "What to do", zh: "解决办法" },
  dialogue: { en: "The dialogue", zh: "会话记录" },
  masked: {
    en: "Addresses, names and secrets are masked.",
    zh: "地址、姓名和密码已隐去。",
  },
} as const;

export function markdownOf(diagnosis: Diagnosis, language: Language, at: Date): string {
  const { verdict, cause, remedy, evidence, findings, transcript, ms } = diagnosis;
  const system = `Postrider ${version}, Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${process.platform} ${release().split("-")[0]}`;
  const about = `${system}; ${at.toISOString()}; ${(ms / 1_000).toFixed(1)} s. ${headings.masked[language]}`;
  const also = noticed(findings);
  return [
    `## postrider doctor: ${verdicts[verdict][language]}`,
    about,
    ...(remedy === null
      ? []
      : [
          `### ${inline(remedy.title)}${cause === null ? "" : ` (\`${cause}\`)`}`,
          remedy.explanation.split("\n").map(inline).join("\n\n"),
          ...section(
            words.why[language],
            evidence.map((sentence) => `- ${inline(sentence)}`),
          ),
          ...section(
            headings.todo[language],
            remedy.steps.map((step, nth) => `${nth + 1}. ${inline(step)}`),
          ),
          ...(cause === null
            ? []
            : [`${words.page[language]}: \`postrider causes ${cause}\`, ${causeLink(cause)}`]),
        ]),
    ...section(
      words.noticed[language],
      also.map(({ cause: id, remedy: own }) => `- ${inline(own.title)} (\`${id}\`)`),
    ),
    `#### ${words.seen[language]}`,
    [
      "| | | ms | |",
      "|---|---|--:|---|",
      ...findings.map(
        ({ probe, status, ms: took, detail }) =>
          `| ${statusMark(status)} | ${probeName(probe, language)} | ${Math.round(took)} | ${inline(detail).replaceAll("|", "\\|")} |`,
      ),
    ].join("\n"),
    ...(transcript.length === 0 ? [] : [`#### ${headings.dialogue[language]}`, dialogue(transcript)]),
    "",
  ].join("\n\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`#### ${title}`, lines.join("\n")];
}

function dialogue(transcript: Diagnosis["transcript"]): string {
  const from = { client: ">", server: "<", note: "·" } as const;
  const lines = transcript.map(
    (line) => `${`${Math.round(line.ms)}`.padStart(6)} ${from[line.from]} ${plain(line.text)}`,
  );
  const longest = Math.max(2, ...lines.map((line) => /`*/.exec(line)?.[0].length ?? 0));
  const fence = "`".repeat(longest + 1);
  return [fence, ...lines, fence].join("\n");
}

/** One line in which nothing of what a server said is taken for Markdown. */
function inline(text: string): string {
  return plain(text).replace(/[\\`*_<>[\]#]/g, (sign) => `\\${sign}`);
}
