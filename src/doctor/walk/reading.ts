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
import { msOf, tidied } from "./told.ts";

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
  return found.map(tidied).toSorted((one, other) => probes.indexOf(one.probe) - probes.indexOf(other.probe));
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

/** Where we ourselves did not go on, in a person's words. */
const ownWords: Readonly<Record<string, Text>> = {
  STARTTLS_NOT_OFFERED: {
    en: "The server does not offer STARTTLS, so we did not go on: all would travel in clear",
    zh: "服务器没有提供 STARTTLS，继续下去内容将明文传输，因此已停止",
  },
  AUTH_NOT_OFFERED: {
    en: "The account has credentials, and the server offers no way to sign in",
    zh: "账号设有登录信息，但服务器没有提供登录方式",
  },
  NO_COMMON_MECHANISM: {
    en: "The server offers no way to sign in that this account can use",
    zh: "服务器没有提供该账号可用的登录方式",
  },
  SECRET_IN_CLEAR: {
    en: "Without TLS the secret would have crossed the network in clear, so it was not sent",
    zh: "没有 TLS，密码会明文传输，因此没有发送",
  },
  TOO_LARGE: {
    en: "The message is larger than the server takes",
    zh: "邮件超过了服务器接受的大小",
  },
  SMTPUTF8_NOT_OFFERED: {
    en: "The address holds characters beyond ASCII, which this server does not take (no SMTPUTF8)",
    zh: "地址中含有非 ASCII 字符，而该服务器不支持（没有 SMTPUTF8）",
  },
};

function failureDetail(failure: SmtpFailure, walk: WalkFacts): Text {
  const own = ownWords[failure.facts.code ?? ""];
  if (own !== undefined && failure.facts.reply === null) return own;
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
