// The one place where a reply, a socket error or a TLS error becomes a verdict.
import { knownReply } from "../providers/replies.ts";
import type { SmtpFailure } from "../smtp/failure.ts";
import type { Stage } from "../smtp/stage.ts";
import { type CauseId, cause, isCauseId } from "./book.ts";
import type { JudgeContext } from "./context.ts";
import { logLine } from "./log-line.ts";
import { type Observation, observe } from "./observation.ts";
import { type Recognised, recognise } from "./recognise.ts";
import { refine } from "./refine.ts";
import { resolveScope, retryFor } from "./scope.ts";
import type { Scope, Verdict } from "./verdict.ts";
import { waitMs } from "./wait.ts";

export type { JudgeContext } from "./context.ts";

/**
 * What a failure means. Asked in this order: what this provider is known to mean by such a reply, the signs of the
 * book (telling words, then the stage, then the enhanced status, then the bare code), and at last `unknown`, which is
 * always temporary. Never throws.
 */
export function judge(failure: SmtpFailure, context: JudgeContext): Verdict {
  const { facts } = failure;
  const seen = observe(failure, context.endpoint ?? null, context.transcript ?? []);
  const found = fromProvider(seen, context) ?? recognise(seen) ?? unrecognised(seen);
  const id = refine(found.cause, seen, context);
  const entry = id === found.cause ? found : { ...cause(id), rank: found.rank };
  const scope = resolveScope(entry.scope, facts.stage, context);
  const retry = retryFor(entry.retry, scope);
  return {
    stage: facts.stage,
    scope,
    certainty: facts.certainty,
    retry: isOnlyPassing(found, seen) && retry === "permanent" ? "transient" : retry,
    cause: id,
    reply: facts.reply,
    code: facts.code,
    message: logLine(failure),
    waitMs: facts.reply === null ? null : waitMs(seen.text),
    ...(facts.certificate === undefined ? {} : { certificate: facts.certificate }),
  };
}

/** A fault that no dialogue showed: an expired message, a secret that cannot be opened, a token endpoint's no. */
export interface LocalFault {
  readonly cause: CauseId;
  /** One line for logs and for the person; never a secret. */
  readonly message: string;
  /** Default `settings`. */
  readonly stage?: Stage;
  readonly code?: string;
  readonly waitMs?: number;
}

/** The verdict on a fault found on our own side; nothing was handed over. */
export function judgeLocal({
  cause: id,
  message,
  stage = "settings",
  code,
  waitMs: wait,
}: LocalFault): Verdict {
  const entry = cause(id);
  const scope = entry.scope === "sender" || entry.scope === "envelope" ? "message" : entry.scope;
  return {
    stage,
    scope,
    certainty: "not-accepted",
    retry: retryFor(entry.retry, scope),
    cause: id,
    reply: null,
    code: code ?? null,
    message,
    waitMs: wait ?? null,
  };
}

function fromProvider(seen: Observation, { provider }: JudgeContext): Recognised | null {
  const { stage, reply } = seen.facts;
  const known = provider === null || reply === null ? null : knownReply(provider, stage, reply);
  if (known === null || !isCauseId(known.cause)) return null;
  const { scope, retry } = cause(known.cause);
  return { cause: known.cause, scope, retry, rank: "override" };
}

/** Whom a server means at this stage, when it says nothing that we know. */
const meantAt: Partial<Readonly<Record<Stage, Scope>>> = {
  rcpt: "recipient",
  data: "message",
  content: "message",
};

function unrecognised({ facts: { reply, stage } }: Observation): Recognised {
  const id = reply === null ? "unknown.failure" : "unknown.reply";
  const { scope, retry } = cause(id);
  return { cause: id, scope: (reply === null ? undefined : meantAt[stage]) ?? scope, retry, rank: "class" };
}

/** A 4xx stays temporary, unless words that outrank the digit say otherwise. */
function isOnlyPassing(found: Recognised, { facts }: Observation): boolean {
  return facts.reply !== null && facts.reply.code < 500 && found.rank !== "override";
}
