// What the dialogue comes to, stage by stage: what stood, what was refused and why, and what no refusal says.
import { cause as entryOf } from "../../causes/book.ts";
import type { Text } from "../../providers/provider.ts";
import type { SmtpFailure } from "../../smtp/failure.ts";
import type { Stage } from "../../smtp/stage.ts";
import type { Facts, WalkFacts } from "../facts.ts";
import { type Finding, type ProbeName, probes, type Reading } from "../finding.ts";
import { detailOf } from "../step.ts";
import { readEnvelope } from "./envelope.ts";
import { evidenceOf } from "./evidence.ts";
import { readOffers } from "./offers.ts";
import { readSignIn } from "./sign-in.ts";
import { msOf } from "./told.ts";

const probeOf: Readonly<Record<Stage, ProbeName>> = {
  settings: "settings",
  resolve: "names",
  connect: "ports",
  proxy: "ports",
  greeting: "greeting",
  ehlo: "ehlo",
  starttls: "starttls",
  tls: "tls",
  auth: "sign-in",
  mail: "sender",
  rcpt: "recipient",
  data: "message",
  content: "message",
  reset: "message",
  noop: "message",
  quit: "message",
};

/** One finding for each stage that was come to; that of the stage where it failed carries the verdict's cause. */
export const readWalk: Reading = (facts) => {
  const walk = facts.walk.seen;
  if (walk === null) return facts.walk.why === "cut" ? [cut(facts.walk.ms)] : [];
  const failing = failingFinding(facts, walk);
  const found = [
    ...(failing === null ? [] : [failing]),
    ...readOffers(facts, walk),
    ...readSignIn(facts.setting, walk),
    ...readEnvelope(facts.setting, walk),
  ];
  return found.toSorted((one, other) => probes.indexOf(one.probe) - probes.indexOf(other.probe));
};

function cut(ms: number): Finding {
  const detail: Text = {
    en: "The time was over before the dialogue with the server had come to an end",
    zh: "时间用尽，与服务器的会话还没有结束",
  };
  return { probe: "greeting", layer: "banner", status: "skipped", ms, detail };
}

function failingFinding({ setting }: Facts, walk: WalkFacts): Finding | null {
  const { failure, verdict } = walk;
  if (failure === null || verdict === null) return null;
  const { layer } = entryOf(verdict.cause);
  const { stage } = failure.facts;
  return {
    probe: layer === "certificate" ? "certificate" : probeOf[stage],
    layer,
    status: isOnlyOfTheTrial(walk) ? "warn" : "fail",
    ms: msOf(walk, stage),
    detail: failureDetail(failure, walk),
    cause: verdict.cause,
    evidence: evidenceOf(setting, walk, verdict),
  };
}

/**
 * Without a real message the From address was named as recipient. That one address cannot be mailed, or not yet, says
 * nothing against mail to others.
 */
function isOnlyOfTheTrial({ failure, verdict, to }: WalkFacts): boolean {
  if (to !== undefined || failure?.facts.stage !== "rcpt" || failure.facts.reply === null) return false;
  return verdict?.scope === "recipient" || verdict?.retry === "transient";
}

function failureDetail(failure: SmtpFailure, walk: WalkFacts): Text {
  const step = { ok: false, detail: failure.message, failure };
  const said = { en: detailOf(step, "en"), zh: detailOf(step, "zh") };
  const { stage, kind } = failure.facts;
  if (stage !== "greeting" || kind !== "timeout") return said;
  const waited = Math.round(msOf(walk, "greeting") / 1_000);
  return {
    en: `No greeting came within ${waited} s; a server that lets strangers wait on purpose may need a patient run (--patient)`,
    zh: `${waited} 秒内没有收到问候语；如果服务器故意让陌生来源等待，可以用 --patient 再试一次`,
  };
}
