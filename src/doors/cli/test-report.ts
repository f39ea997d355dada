// How a test of a setting looks to a person: each step as it ends, then the cause and what to do.

import type { Remedy } from "../../causes/verdict.ts";
import type { TestResult, TestStep } from "../../doctor/test.ts";
import type { Stage } from "../../smtp/stage.ts";
import { type Output, plain } from "./output.ts";
import { cut, width } from "./wrap.ts";

type Language = "en" | "zh";

const stepNames: Readonly<Record<Stage, Readonly<Record<Language, string>>>> = {
  settings: { en: "settings", zh: "设置" },
  resolve: { en: "name", zh: "域名解析" },
  connect: { en: "connection", zh: "TCP 连接" },
  proxy: { en: "proxy", zh: "代理" },
  greeting: { en: "greeting", zh: "服务器问候" },
  ehlo: { en: "EHLO", zh: "EHLO" },
  starttls: { en: "STARTTLS", zh: "STARTTLS" },
  tls: { en: "TLS", zh: "TLS" },
  auth: { en: "sign-in", zh: "登录" },
  mail: { en: "sender", zh: "发件人" },
  rcpt: { en: "recipient", zh: "收件人" },
  data: { en: "DATA", zh: "DATA" },
  content: { en: "message", zh: "邮件内容" },
  reset: { en: "reset", zh: "重置" },
  noop: { en: "NOOP", zh: "NOOP" },
  quit: { en: "goodbye", zh: "结束" },
};

const words = {
  ok: { en: "All good: this setting works.", zh: "一切正常：此设置可用。" },
  sent: { en: "The server took the message.", zh: "服务器已接收测试邮件。" },
  todo: { en: "What to do", zh: "解决办法" },
  links: { en: "See also", zh: "参考链接" },
  transcript: { en: "The dialogue", zh: "会话记录" },
} as const;

export function showStep(out: Output, step: TestStep, language: Language): void {
  const mark = step.ok ? out.paint("green", "✓") : out.paint("red", "✗");
  const name = stepNames[step.name][language];
  const ms = `${step.ms < 10 ? step.ms.toFixed(1) : Math.round(step.ms)} ms`;
  const start = `  ${mark} ${name}${" ".repeat(Math.max(1, 13 - width(name)))}${out.paint("dim", ms.padStart(8))}  `;
  const detail = plain(step.detail);
  // What is cut here stands in full below, or in the transcript.
  out.line(start + (out.columns === null ? detail : cut(detail, Math.max(20, out.columns - width(start)))));
}

/** `between` stands between what it means and what to do. */
export function showRemedy(
  out: Output,
  remedy: Remedy,
  cause: string | null,
  language: Language,
  between: () => void = () => undefined,
): void {
  out.prose(
    `${out.paint("bold", plain(remedy.title))}${cause === null ? "" : `  ${out.paint("dim", `[${cause}]`)}`}`,
  );
  for (const text of remedy.explanation.split("\n")) out.prose(plain(text));
  between();
  if (remedy.steps.length > 0) {
    out.line();
    out.line(out.paint("bold", words.todo[language]));
    remedy.steps.forEach((step, index) => {
      out.prose(plain(step), `  ${index + 1}. `);
    });
  }
  if (remedy.links.length > 0) {
    out.line();
    out.line(out.paint("bold", words.links[language]));
    for (const link of remedy.links) out.line(`  ${out.paint("cyan", plain(link))}`);
  }
}

export function showTranscript(out: Output, transcript: TestResult["transcript"], language: Language): void {
  out.line();
  out.line(out.paint("bold", words.transcript[language]));
  const mark = { client: ">", server: "<", note: "·" } as const;
  for (const line of transcript) {
    const text = `${mark[line.from]} ${plain(line.text)}`;
    out.line(
      `  ${out.paint("dim", `${Math.round(line.ms)}`.padStart(6))} ${line.from === "note" ? out.paint("dim", text) : text}`,
    );
  }
}

export function showResult(
  out: Output,
  result: TestResult,
  sentTo: string | undefined,
  language: Language,
): void {
  out.line();
  if (result.ok) {
    out.line(
      out.paint(
        "green",
        sentTo === undefined
          ? words.ok[language]
          : [words.ok[language], words.sent[language]].join(language === "en" ? " " : ""),
      ),
    );
    return;
  }
  if (result.remedy !== null) showRemedy(out, result.remedy, result.cause, language);
}
