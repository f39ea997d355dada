// Why no mail leaves with a setting, and what to do about it: looks, readings, one conclusion.
import { type CauseId, cause as entryOf } from "../causes/book.ts";
import type { Language } from "../causes/explain.ts";
import type { EvidenceValues } from "../causes/placeholders.ts";
import type { Verdict } from "../causes/verdict.ts";
import { accountsFor, conclude } from "./conclude.ts";
import type { Diagnosis, DoctorOptions, ShownFinding } from "./diagnosis.ts";
import { type Examining, examine, usualBounds } from "./examine.ts";
import type { Facts } from "./facts.ts";
import type { Finding, Reading } from "./finding.ts";
import { Masking } from "./masked.ts";
import { findingOf, readings, readSoFar } from "./readings.ts";
import type { Fault, Seen } from "./seen.ts";
import { shownFinding, type Told, tell } from "./shown.ts";
import type { Setting } from "./test.ts";
import { readWalk } from "./walk/reading.ts";
import { contextOf } from "./walk/result.ts";

/** What only a caller inside the house knows or sets. */
export interface Given extends Pick<Examining, "bounds" | "surroundings"> {
  /** Since when the person waits, as `performance.now()` tells it. Default: now. */
  readonly since?: number;
  /** What was found out before: a secret that did not become credentials. */
  readonly findings?: readonly Finding[];
}

/**
 * Looks at everything between this machine and an accepted mail, and names one cause. Without `to` nothing is sent,
 * with it one message. Signs in with the setting's own secret, inside TLS or to this machine only, and at most one
 * sign-in fails. Resolves within 15 s; a patient one within 70 s, one that sends within 75 s.
 * @throws TypeError for `to` with a setting that has no sender; the signal's reason when the person went away.
 */
export async function diagnose(
  setting: Setting,
  options: DoctorOptions = {},
  given: Given = {},
): Promise<Diagnosis> {
  const { findings: before = [], since: began = performance.now(), bounds = usualBounds } = given;
  const { language = "en", onFinding, signal, to } = options;
  if (to !== undefined && setting.from === null && before.length === 0)
    throw new TypeError("To send a message, the setting needs an address to send from: set `from`.");
  signal?.throwIfAborted();
  const masking = options.masked === true ? new Masking(setting) : null;
  const found = new Map<Reading | Fault | null, readonly Finding[]>();

  const learn = (by: Reading | Fault | null, findings: readonly Finding[] | null) => {
    if (findings === null || found.has(by)) return;
    found.set(by, findings);
    for (const finding of findings) {
      const shown = shownFinding(finding, language);
      tellListener(onFinding, masking?.finding(shown) ?? shown);
    }
  };
  const readAll = (seen: Seen, faults: readonly Fault[]) => {
    if (signal?.aborted) return;
    masking?.learn(seen);
    for (const fault of faults) learn(fault, [findingOf(fault, setting)]);
    for (const reading of readings) if (!found.has(reading)) learn(reading, readSoFar(reading, seen));
  };

  learn(null, before);
  const left = { ...bounds, whole: bounds.whole - (performance.now() - began) };
  const { facts } = await examine(setting, { ...options, ...given, bounds: left, onSeen: readAll });
  signal?.throwIfAborted();
  const diagnosis = concluded(withoutTwins(found), facts, language);
  const ms = Math.round(performance.now() - began);
  return { ...(masking?.diagnosis(diagnosis) ?? diagnosis), ms };
}

/** A listener's mistake is its own: the run goes on. */
function tellListener(onFinding: DoctorOptions["onFinding"], finding: ShownFinding): void {
  try {
    onFinding?.(finding);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Where the walk met just what a probe found, it is told once, in the probe's words, with the evidence of both. */
function withoutTwins(found: ReadonlyMap<unknown, readonly Finding[]>): readonly Finding[] {
  const met = found.get(readWalk) ?? [];
  const isTwin = (one: Finding, other: Finding) =>
    one.cause !== undefined &&
    one.cause === other.cause &&
    one.probe === other.probe &&
    one.status === other.status;
  const others = [...found].flatMap(([by, findings]) => (by === readWalk ? [] : findings));
  const merged = others.map((finding) => {
    const twin = met.find((one) => isTwin(one, finding));
    if (twin === undefined) return finding;
    const evidence = [finding, twin].flatMap((one) => one.evidence ?? [one.detail]);
    const explains = [finding, twin].flatMap((one) => one.explains ?? []);
    return { ...finding, evidence, explains, values: { ...twin.values, ...finding.values } };
  });
  return [...merged, ...met.filter((one) => !others.some((finding) => isTwin(one, finding)))];
}

function concluded(found: readonly Finding[], facts: Facts, language: Language): Omit<Diagnosis, "ms"> {
  const { verdict, cause, named, evidence, values, findings, effects } = conclude(found);
  const walked = facts.walk.seen;
  const transcript = walked?.result.transcript ?? [];
  const context = contextOf(facts.setting, transcript);
  const told = (id: CauseId, by: Finding, words: EvidenceValues): Told => {
    const met = metBy(id, walked?.verdict ?? null, found);
    return tell({ cause: id, detail: by.detail, values: words, met }, context, language);
  };
  /** What mends an effect would mislead, and what mends the cause is told above. */
  const ownRemedy = (finding: Finding) => {
    const { status, cause: own, values: words = {} } = finding;
    const isNews = (status === "fail" || status === "warn") && own !== cause && !effects.has(finding);
    return isNews && own !== undefined ? told(own, finding, words).remedy : undefined;
  };
  const [first] = named;
  const main = cause === null || first === undefined ? null : told(cause, first, values);
  return {
    verdict,
    cause,
    scope: main?.scope ?? null,
    stage: main?.stage ?? null,
    remedy: main?.remedy ?? null,
    evidence: evidence.map((sentence) => sentenceOf(sentence[language], language)),
    findings: findings.map((finding) => shownFinding(finding, language, ownRemedy(finding))),
    transcript,
  };
}

/** What the walk met, where it is this cause, an effect of it, or the same layer's word for it. */
function metBy(id: CauseId, met: Verdict | null, found: readonly Finding[]): Verdict | null {
  if (met === null) return null;
  const isSame = met.cause === id || entryOf(met.cause).layer === entryOf(id).layer;
  const failing = found.filter(({ status }) => status === "fail");
  return isSame || accountsFor(failing, id, met.cause) ? met : null;
}

function sentenceOf(words: string, language: Language): string {
  if (/[.!?。！？]["”’)）]?$/u.test(words)) return words;
  // A server's or a system's own words stay English in a Chinese report.
  return words + (language === "en" || !/[\p{Script=Han}）”]$/u.test(words) ? "." : "。");
}
