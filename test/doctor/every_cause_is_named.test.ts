// Stages each cause for real and asks the doctor: it names that cause and no other, and none where all is well.
// Every machine has a network namespace of its own, with real rules, name servers, mail servers and clocks.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "../../src/doctor/diagnosis.ts";
import type { Case } from "./case.ts";
import { cases, lookAlikes, staged } from "./cases/all.ts";
import { Stage } from "./stage.ts";
import { type Row, show } from "./table.ts";

let stage: Stage;
const began = performance.now();
const rows = new Map<Case, Row>();
const words = new Map<Case, string>();

beforeAll(async () => {
  stage = await Stage.set();
});

afterAll(async () => {
  await stage?.strike();
  show(
    cases.flatMap((one) => rows.get(one) ?? []),
    performance.now() - began,
  );
});

describe.concurrent("named", () => {
  for (const one of staged)
    test(`${one.cause ?? "no cause"}: ${one.staged}`, async () => {
      const diagnosis = await stage.diagnose(one);
      rows.set(one, rowOf(one, diagnosis));
      words.set(one, wordsOf(diagnosis));
      expect(summary(diagnosis)).toMatchObject({
        cause: one.cause,
        verdict: one.verdict ?? (one.cause === null ? "ok" : "failed"),
      });
      if (one.evidence !== undefined) expect(wordsOf(diagnosis)).toMatch(one.evidence);
      if (one.cause !== null) expect(diagnosis.remedy?.steps).not.toEqual([]);
      // 15 s, and what a patient run or a message may take longer.
      if (one.options?.patient !== true && one.to === undefined) expect(diagnosis.ms).toBeLessThan(15_000);
    });
});

test("at least ninety causes are staged, and ten settings that are well", () => {
  expect(new Set(cases.flatMap(({ cause }) => cause ?? [])).size).toBeGreaterThanOrEqual(90);
  expect(cases.filter(({ cause }) => cause === null).length).toBeGreaterThanOrEqual(10);
});

test.each(lookAlikes.map((one) => [one.causes.join(", "), one] as const))("told apart: %s", (_, alike) => {
  for (const cause of alike.causes) {
    const played = cases.filter((one) => one.cause === cause);
    expect(played.map((one) => rows.get(one)?.named)).toEqual(played.map(() => cause));
    expect(played.some((one) => alike.symptom.test(words.get(one) ?? ""))).toBe(true);
  }
});

test("nobody is refused more than once", async () => {
  const tried = Object.entries(await stage.refusedSignIns());
  expect(tried.length).toBeGreaterThanOrEqual(15);
  expect(tried.filter(([, times]) => times > 1)).toEqual([]);
});

// After the count of refusals: it signs in once more.
const throughTheDoor = ["tcp.timeout-local-drop", "auth.app-password-required", "cert.clock-skew", null];

describe.concurrent("by the command line", () => {
  for (const cause of throughTheDoor)
    test(`${cause ?? "no cause"}`, async () => {
      const one = cases.find((played) => played.cause === cause)!;
      const { code, diagnosis } = await stage.commandLine(one);
      expect(summary(diagnosis)).toMatchObject({ cause });
      expect(code === 0).toBe(cause === null);
    });
});

function rowOf({ cause, truth, staged }: Case, { cause: named, ms, verdict }: Diagnosis): Row {
  return { cause: truth ?? cause, staged, named, verdict, ms };
}

/** What a failing test should show. */
function summary({ cause, verdict, evidence, findings }: Diagnosis) {
  const trouble = findings.filter(({ status }) => status === "fail" || status === "warn");
  return {
    cause,
    verdict,
    evidence,
    trouble: trouble.map((one) => `${one.status} ${one.cause}: ${one.detail}`),
  };
}

function wordsOf({ evidence, findings, remedy }: Diagnosis): string {
  return [
    ...evidence,
    ...findings.map(({ cause, detail }) => `${cause ?? ""} ${detail}`),
    ...(remedy === null ? [] : [remedy.title, remedy.explanation, ...remedy.steps]),
  ].join("\n");
}
