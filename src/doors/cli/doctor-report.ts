// How a diagnosis looks to a person on a terminal: each finding as it is there, then the verdict above everything.
import { clearScreenDown, moveCursor } from "node:readline";
import { causeLink } from "../../causes/page.ts";
import type { Diagnosis, ShownFinding } from "../../doctor/diagnosis.ts";
import type { ProbeName, Status } from "../../doctor/finding.ts";
import { type Output, paragraph, plain } from "./output.ts";
import { showRemedy } from "./test-report.ts";
import { cut, width } from "./wrap.ts";

export type Language = "en" | "zh";
type Words = Readonly<Record<Language, string>>;

const probeNames: Readonly<Record<ProbeName, Words>> = {
  settings: { en: "settings", zh: "设置" },
  machine: { en: "this machine", zh: "本机环境" },
  runtime: { en: "TLS library", zh: "TLS 库" },
  names: { en: "name", zh: "域名解析" },
  "name-servers": { en: "name servers", zh: "DNS 服务器" },
  routes: { en: "routes", zh: "路由" },
  ports: { en: "ports", zh: "端口" },
  controls: { en: "comparison", zh: "对照连接" },
  firewall: { en: "firewall", zh: "防火墙" },
  greeting: { en: "greeting", zh: "服务器问候" },
  ehlo: { en: "EHLO", zh: "EHLO" },
  starttls: { en: "STARTTLS", zh: "STARTTLS" },
  tls: { en: "TLS", zh: "TLS" },
  "tls-versions": { en: "TLS versions", zh: "TLS 版本" },
  certificate: { en: "certificate", zh: "证书" },
  clock: { en: "clock", zh: "时钟" },
  "sign-in": { en: "sign-in", zh: "登录" },
  sender: { en: "sender", zh: "发件人" },
  recipient: { en: "recipient", zh: "收件人" },
  size: { en: "size", zh: "邮件大小" },
  message: { en: "message", zh: "测试邮件" },
  spf: { en: "SPF", zh: "SPF" },
  dkim: { en: "DKIM", zh: "DKIM" },
  dmarc: { en: "DMARC", zh: "DMARC" },
  mx: { en: "MX", zh: "MX" },
};

export const verdicts: Readonly<Record<Diagnosis["verdict"], Words>> = {
  ok: { en: "All is well: mail leaves with this setting.", zh: "一切正常：此设置可以发信。" },
  degraded: { en: "Mail leaves, but something is not well.", zh: "可以发信，但存在问题。" },
  failed: { en: "No mail leaves with this setting.", zh: "此设置无法发信。" },
};

export const words = {
  why: { en: "Why it is this", zh: "判断依据" },
  noticed: { en: "Noticed besides", zh: "另外发现" },
  seen: { en: "What was looked at", zh: "检查结果" },
  page: { en: "More about it", zh: "详细说明" },
  took: { en: "took", zh: "用时" },
} as const;

const marks: Readonly<Record<Status, string>> = { ok: "✓", warn: "!", fail: "✗", skipped: "–" };
const colours = { ok: "green", warn: "yellow", fail: "red", skipped: "dim" } as const;
const verdictColours = { ok: "green", degraded: "yellow", failed: "red" } as const;

export const probeName = (probe: ProbeName, language: Language) => probeNames[probe][language];
export const statusMark = (status: Status) => marks[status];

const nameWidth = 13;

/** What took no time was read off the facts of another probe. */
function startOf(out: Output, { probe, status, ms }: ShownFinding, language: Language): string {
  const name = probeName(probe, language);
  const time = ms < 0.05 ? "" : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const pad = " ".repeat(Math.max(1, nameWidth - width(name)));
  return `  ${out.paint(colours[status], marks[status])} ${name}${pad}${out.paint("dim", time.padStart(8))}  `;
}

/** On one line: its end is told in the report. */
function line(out: Output, finding: ShownFinding, language: Language): string {
  const start = startOf(out, finding, language);
  const text = plain(finding.detail);
  const shown = out.columns === null ? text : cut(text, Math.max(20, out.columns - width(start)));
  return start + (finding.status === "skipped" ? out.paint("dim", shown) : shown);
}

/** The findings as they come; on a terminal they are taken back when the verdict is there. */
export class Live {
  readonly #out: Output;
  readonly #language: Language;
  #lines = 0;

  constructor(out: Output, language: Language) {
    this.#out = out;
    this.#language = language;
  }

  readonly show = (finding: ShownFinding): void => {
    if (this.#out.columns === null || this.#out.json) return;
    const text = line(this.#out, finding, this.#language);
    this.#out.line(text);
    // A very narrow terminal breaks it.
    this.#lines += Math.ceil(width(text) / this.#out.columns);
  };

  /** Makes room for the verdict, at the top of the last screen. */
  clear(): void {
    if (this.#out.columns === null || this.#out.json) return;
    moveCursor(process.stdout, 0, -Math.min(this.#lines, screenRows() - 1));
    clearScreenDown(process.stdout);
    this.#lines = 0;
  }
}

/** A terminal without a window says 0. */
const screenRows = () => process.stdout.rows || 24;

/**
 * Verdict, cause, evidence, what to do, what else was noticed, and everything that was looked at. Where that is more
 * than the screen, what was looked at comes first, so that the verdict is on the last screen and not above it.
 */
export function showDiagnosis(out: Output, diagnosis: Diagnosis, language: Language): void {
  const verdict = drawn(out, (page) => showVerdict(page, diagnosis, language));
  const seen = drawn(out, (page) => showSeen(page, diagnosis.findings, language));
  const isLong = out.columns !== null && verdict.length + 1 + seen.length >= screenRows();
  const [first, last] = isLong ? [seen, verdict] : [verdict, seen];
  for (const text of [...first, "", ...last]) out.line(text);
}

/** What a part of the report comes to, line by line. */
function drawn(out: Output, draw: (page: Output) => void): readonly string[] {
  const lines: string[] = [];
  draw({
    ...out,
    line: (text = "") => lines.push(text),
    prose: (text, start = "") => lines.push(...paragraph(text, start, out.columns)),
  });
  return lines;
}

function showVerdict(out: Output, diagnosis: Diagnosis, language: Language): void {
  const { verdict, cause, remedy, evidence, findings, ms } = diagnosis;
  const seconds = `${words.took[language]} ${(ms / 1_000).toFixed(1)} s`;
  out.line(
    `${out.paint(["bold", verdictColours[verdict]], verdicts[verdict][language])}  ${out.paint("dim", seconds)}`,
  );
  if (remedy !== null) {
    out.line();
    showRemedy(out, remedy, cause, language, () => showEvidence(out, evidence, language));
    if (cause !== null) {
      out.line();
      const where = `postrider causes ${cause}`;
      out.prose(
        `${words.page[language]}: ${out.paint("cyan", where)}  ${out.paint("dim", causeLink(cause))}`,
      );
    }
  }
  showNoticed(out, findings, language);
}

function showSeen(out: Output, findings: readonly ShownFinding[], language: Language): void {
  out.line(out.paint("bold", words.seen[language]));
  for (const finding of findings) out.prose(plain(finding.detail), startOf(out, finding, language));
}

function showEvidence(out: Output, evidence: readonly string[], language: Language): void {
  if (evidence.length === 0) return;
  out.line();
  out.line(out.paint("bold", words.why[language]));
  for (const sentence of evidence) out.prose(plain(sentence), "  • ");
}

function showNoticed(out: Output, findings: readonly ShownFinding[], language: Language): void {
  const others = noticed(findings);
  if (others.length === 0) return;
  out.line();
  out.line(out.paint("bold", words.noticed[language]));
  for (const { status, cause, remedy } of others) {
    out.prose(plain(`${remedy.title} [${cause}]`), `  ${out.paint(colours[status], marks[status])} `);
    const [first] = remedy.steps;
    if (first !== undefined) out.prose(plain(first), "      → ");
  }
}

/** What has a remedy of its own beside that of the cause, each cause once. */
export function noticed(
  findings: readonly ShownFinding[],
): readonly (ShownFinding & Required<Pick<ShownFinding, "cause" | "remedy">>)[] {
  const seen = new Set<string>();
  return findings.filter(
    (finding): finding is ShownFinding & Required<Pick<ShownFinding, "cause" | "remedy">> => {
      if (finding.cause === undefined || finding.remedy === undefined || seen.has(finding.cause))
        return false;
      seen.add(finding.cause);
      return true;
    },
  );
}

/** What has changed since the run before, a line each. */
export function changes(
  before: Diagnosis,
  after: Diagnosis,
  language: Language,
): readonly { readonly status: Status; readonly text: string }[] {
  const key = ({ probe, cause }: ShownFinding) => `${probe} ${cause ?? ""}`;
  const was = new Map(before.findings.map((finding) => [key(finding), finding]));
  const is = new Map(after.findings.map((finding) => [key(finding), finding]));
  const appeared = after.findings.filter((finding) => was.get(key(finding))?.status !== finding.status);
  const went = before.findings.filter((finding) => !is.has(key(finding)));
  const name = (finding: ShownFinding) => probeName(finding.probe, language);
  const gone = language === "en" ? "no longer" : "不再出现";
  return [
    ...appeared.map((finding) => ({
      status: finding.status,
      text: `${name(finding)}: ${finding.detail}`,
    })),
    ...went.map((finding) => ({
      status: "ok" as const,
      text: `${name(finding)}: ${gone}: ${finding.detail}`,
    })),
  ];
}
