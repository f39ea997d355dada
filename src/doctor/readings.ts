// Every reading there is, and how they are applied while facts are still coming in.
import type { Text } from "../providers/provider.ts";
import { Secrets } from "../smtp/secrets.ts";
import { layers } from "./conclude.ts";
import type { Facts } from "./facts.ts";
import type { Finding, ProbeName, Reading } from "./finding.ts";
import { readFirewall } from "./firewall/reading.ts";
import { readMachine } from "./machine/reading.ts";
import { readNames } from "./names/reading.ts";
import { readReach } from "./reach/reading.ts";
import { type Fault, type LookName, lookNames, type Seen } from "./seen.ts";
import { readSender } from "./sender/reading.ts";
import type { Setting } from "./test.ts";
import { readCertificate } from "./tls/certificate-reading.ts";
import { readRuntime } from "./tls/runtime-reading.ts";
import { readTls } from "./tls/scan-reading.ts";
import { readWalk } from "./walk/reading.ts";
import { readSettings } from "./walk/settings.ts";

export const readings: readonly Reading[] = [
  readSettings,
  readMachine,
  readRuntime,
  readNames,
  readReach,
  readFirewall,
  readWalk,
  readTls,
  readCertificate,
  readSender,
  readUnwalked,
];

/** Without the walk, whether mail leaves is not known, and that is no good health. */
function readUnwalked({ walk }: Facts): readonly Finding[] {
  if (walk.seen !== null || walk.why !== "cut") return [];
  const detail: Text = {
    en: "Whether mail leaves was not found out in the time there is",
    zh: "在限定时间内未能确定邮件能否发出",
  };
  const about = { probe: "message", layer: "unknown", ms: walk.ms, detail } as const;
  return [{ ...about, status: "fail", cause: "unknown.failure" }];
}

/** A reading asked for something that nobody has seen yet. */
class NotYet extends Error {}

/**
 * What a reading makes of what is there; null when it asks for something that has not come in yet. As readings are
 * pure, what one says without asking for the rest it will say again when the rest is there.
 */
export function readSoFar(reading: Reading, seen: Seen): readonly Finding[] | null {
  const facts = soFar(seen);
  try {
    return reading(facts).map((finding) => tempered(finding, facts));
  } catch (error) {
    if (error instanceof NotYet) return null;
    const fails = reading === readWalk && seen.walk?.seen?.result.ok !== true;
    return [brokenOff("greeting", fails, error, seen.setting)];
  }
}

function soFar(seen: Seen): Facts {
  const facts: object = { setting: seen.setting, at: seen.at };
  const look = (name: LookName) => {
    const there = seen[name];
    if (there === undefined) throw new NotYet(name);
    return there;
  };
  for (const name of lookNames)
    Object.defineProperty(facts, name, { enumerable: true, get: () => look(name) });
  return facts as Facts;
}

/** What a walk that came to its end has passed. */
const passed = layers.slice(0, layers.indexOf("envelope"));

/** Nothing on the way can be broken when the way was just walked to its end; it is a weakness then. */
function tempered(finding: Finding, facts: Facts): Finding {
  if (finding.status !== "fail" || !passed.includes(finding.layer)) return finding;
  return facts.walk.seen?.result.ok === true ? { ...finding, status: "warn" } : finding;
}

const shownBy: Readonly<Record<LookName, ProbeName>> = {
  names: "names",
  reach: "ports",
  firewall: "firewall",
  machine: "machine",
  runtime: "runtime",
  tls: "tls-versions",
  chain: "certificate",
  clock: "clock",
  walk: "greeting",
  sender: "spf",
};

/** A look that broke off by a mistake of ours. */
export function findingOf({ look, error }: Fault, setting: Setting): Finding {
  return brokenOff(shownBy[look], look === "walk", error, setting);
}

/** A walk or its reading that broke off leaves unknown whether mail leaves; the rest is only missed. */
function brokenOff(probe: ProbeName, fails: boolean, error: unknown, { credentials }: Setting): Finding {
  const secrets = new Secrets();
  if (credentials !== null)
    secrets.add("password" in credentials ? credentials.password : credentials.accessToken);
  const why = secrets.maskText(error instanceof Error ? error.message : String(error));
  const about = { probe, layer: "unknown", ms: 0, detail: ourFault(why) } as const;
  return fails ? { ...about, status: "fail", cause: "unknown.failure" } : { ...about, status: "skipped" };
}

function ourFault(why: string): Text {
  return {
    en: `A fault of Postrider's own ended this probe; please report it (${why})`,
    zh: `这项检查因 Postrider 自身的错误而中断，请反馈（${why}）`,
  };
}
