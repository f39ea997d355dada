// Settings, facts and a walk to a server, for the tests of this room.
import { judge } from "../../causes/judge.ts";
import type { Security } from "../../smtp/endpoint.ts";
import { SmtpFailure } from "../../smtp/failure.ts";
import { stages } from "../../smtp/stage.ts";
import { conclude } from "../conclude.ts";
import type { Facts, Look, WalkFacts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { here } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { lookAtWalk, type WalkLookOptions } from "./look.ts";
import { readWalk } from "./reading.ts";
import { contextOf } from "./result.ts";
import { readSettings } from "./settings.ts";

export const wire: Setting = {
  provider: null,
  endpoint: { host: "127.0.0.1", port: 587, security: "none" },
  serverName: null,
  credentials: { username: "me@wire.example.com", password: "secret" },
  secret: { secretKind: "account-password" },
  from: "me@wire.example.com",
  ca: [],
  proxy: null,
};

export function at(port: number, more: Partial<Setting> = {}, security: Security = "none"): Setting {
  return { ...wire, endpoint: { host: "127.0.0.1", port, security }, ...more };
}

const unable: Look<never> = { seen: null, ms: 0, why: "unable" };

export function factsOf(setting: Setting, walk: WalkFacts | null, more: Partial<Facts> = {}): Facts {
  return {
    setting,
    at: 0,
    names: unable,
    reach: unable,
    firewall: unable,
    machine: unable,
    runtime: unable,
    tls: unable,
    chain: unable,
    clock: unable,
    walk: walk === null ? unable : { seen: walk, ms: 0 },
    sender: unable,
    ...more,
  };
}

export interface Visit {
  readonly walk: WalkFacts;
  readonly findings: readonly Finding[];
  readonly verdict: "ok" | "degraded" | "failed";
  readonly cause: string | null;
}

/** Walks the setting for real, and reads what came of it. */
export async function visit(
  setting: Setting,
  options: Partial<WalkLookOptions> = {},
  ended: AbortSignal = new AbortController().signal,
): Promise<Visit> {
  const walk = await lookAtWalk(setting, here(ended, false), { language: "en", ...options });
  return { walk, ...read(factsOf(setting, walk)) };
}

export function read(facts: Facts): Omit<Visit, "walk"> {
  const findings = [...readSettings(facts), ...readWalk(facts)];
  const { verdict, cause } = conclude(findings);
  return { findings, verdict, cause };
}

export function finding(findings: readonly Finding[], cause: string): Finding | undefined {
  return findings.find((one) => one.cause === cause);
}

/** A walk that failed at a stage, having passed those before it. */
export function failedAt(
  setting: Setting,
  stage: (typeof stages)[number],
  facts: Partial<SmtpFailure["facts"]>,
): WalkFacts {
  const failure = new SmtpFailure("it failed", {
    stage,
    kind: "reply",
    code: null,
    certainty: "not-accepted",
    reply: null,
    secured: false,
    ...facts,
  });
  const verdict = judge(failure, contextOf(setting, []));
  const passed = stages.slice(0, stages.indexOf(stage));
  const steps = [
    ...passed.map((name) => ({ name, ok: true, ms: 1, detail: "" })),
    { name: stage, ok: false, ms: 1, detail: "" },
  ];
  const { cause, scope } = verdict;
  const result = { ok: false, cause, scope, stage, remedy: null, steps, transcript: [], verdict };
  return { ...nothing, result, failure, verdict };
}

export const nothing = {
  failure: null,
  verdict: null,
  greeting: null,
  greetingMs: null,
  clear: null,
  secured: null,
  protocol: null,
  cipher: null,
  chain: [],
  peer: null,
  signIns: [],
  size: null,
} as const;
