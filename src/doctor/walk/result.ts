// What a walk came to, for a person: judged by the book, with the remedy.
import { explain, type Language } from "../../causes/explain.ts";
import { type JudgeContext, judge } from "../../causes/judge.ts";
import type { Step } from "../../smtp/steps.ts";
import type { TranscriptLine } from "../../smtp/transcript.ts";
import { detailOf } from "../step.ts";
import type { Setting, TestResult, TestStep } from "../test.ts";
import type { Walked } from "./walk.ts";

export function shownStep(step: Step, language: Language): TestStep {
  const ms = Math.round(step.ms * 10) / 10;
  return { name: step.stage, ok: step.ok, ms, detail: detailOf(step, language) };
}

export function resultOf(
  setting: Setting,
  { failure, transcript }: Pick<Walked, "failure" | "transcript">,
  steps: readonly TestStep[],
  language: Language,
): TestResult {
  if (failure === null) {
    const none = { cause: null, scope: null, stage: null, remedy: null };
    return { ok: true, ...none, steps, transcript, verdict: null };
  }
  const context = contextOf(setting, transcript);
  const verdict = judge(failure, context);
  return {
    ok: false,
    cause: verdict.cause,
    scope: verdict.scope,
    stage: verdict.stage,
    remedy: explain(verdict, context, language),
    steps,
    transcript,
    verdict,
  };
}

/** What the book of causes may know of a setting. */
export function contextOf(setting: Setting, transcript: readonly TranscriptLine[]): JudgeContext {
  return {
    provider: setting.provider,
    endpoint: setting.endpoint,
    ...setting.secret,
    ...(setting.credentials === null ? {} : { username: setting.credentials.username }),
    ...(setting.serverName === null ? {} : { serverName: setting.serverName }),
    ...(setting.from === null ? {} : { sender: setting.from, from: setting.from }),
    transcript,
  };
}
