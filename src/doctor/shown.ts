// A cause as it stands in this very case, and a finding in a person's language.
import { type CauseId, cause as entryOf } from "../causes/book.ts";
import type { Layer } from "../causes/entry.ts";
import { explain, type Language } from "../causes/explain.ts";
import type { JudgeContext } from "../causes/judge.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { EvidenceValues } from "../causes/placeholders.ts";
import { resolveScope, retryFor } from "../causes/scope.ts";
import type { Remedy, Verdict } from "../causes/verdict.ts";
import type { Text } from "../providers/provider.ts";
import type { Stage } from "../smtp/stage.ts";
import type { ShownFinding } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

/** Where in the dialogue a cause of a layer would show, had the walk come by; null where no dialogue shows it. */
const stageOf: Readonly<Record<Layer, Stage | null>> = {
  config: "settings",
  environment: "settings",
  dns: "resolve",
  tcp: "connect",
  proxy: "proxy",
  banner: "greeting",
  ehlo: "ehlo",
  protocol: null,
  tls: "tls",
  certificate: "tls",
  client: "settings",
  auth: "auth",
  envelope: "mail",
  message: "content",
  data: "content",
  delivery: null,
  unknown: null,
};

/** A cause with what the dialogue, if any, has to say of it. */
export interface Named {
  readonly cause: CauseId;
  readonly detail: Text;
  readonly values: EvidenceValues;
  /** What the walk met; null when it met nothing, or something that has nothing to do with this cause. */
  readonly met: Verdict | null;
}

export interface Told {
  readonly scope: Verdict["scope"];
  readonly stage: Stage | null;
  readonly remedy: Remedy;
}

/** Whose fault it is, where it shows, and what the person does. */
export function tell({ cause, detail, values, met }: Named, context: JudgeContext, language: Language): Told {
  const verdict = met?.cause === cause ? met : verdictOf(cause, detail[language], met, context);
  const stage = met?.stage ?? stageOf[entryOf(cause).layer];
  return { scope: verdict.scope, stage, remedy: explain(verdict, context, language, values) };
}

/** The verdict on what a reading found; what the walk met in its wake keeps its reply and its certificate. */
function verdictOf(cause: CauseId, message: string, met: Verdict | null, context: JudgeContext): Verdict {
  const entry = entryOf(cause);
  const stage = met?.stage ?? stageOf[entry.layer] ?? "settings";
  const scope = resolveScope(entry.scope, stage, context);
  const found: Verdict = {
    ...judgeLocal({ cause, message, stage }),
    scope,
    retry: retryFor(entry.retry, scope),
  };
  if (met === null) return found;
  const { reply, code, waitMs, certificate } = met;
  return { ...found, reply, code, waitMs, ...(certificate === undefined ? {} : { certificate }) };
}

export function shownFinding(
  { probe, layer, status, ms, cause, detail }: Finding,
  language: Language,
  remedy?: Remedy,
): ShownFinding {
  return {
    probe,
    layer,
    status,
    ms,
    ...(cause === undefined ? {} : { cause }),
    detail: detail[language],
    ...(remedy === undefined ? {} : { remedy }),
  };
}
