// The step-by-step test of a setting: from the name to an accepted message, stopping at the first step that fails.
import { explain } from "../causes/explain.ts";
import { type JudgeContext, judge } from "../causes/judge.ts";
import type { Remedy, Scope, Verdict } from "../causes/verdict.ts";
import type { Provider } from "../providers/provider.ts";
import { connect, type SendResult, type SmtpConnection } from "../smtp/client.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import { SmtpFailure } from "../smtp/failure.ts";
import type { Credentials, Lookup, ProxySetting, Timeouts } from "../smtp/options.ts";
import type { Stage } from "../smtp/stage.ts";
import type { Step } from "../smtp/steps.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";
import { detailOf } from "./step.ts";

/** Everything it takes to try a login, whether an account has it or a person just typed it. */
export interface Setting {
  readonly provider: Provider | null;
  readonly endpoint: Endpoint;
  readonly serverName: string | null;
  /** Null for a server that wants no sign-in. */
  readonly credentials: Credentials | null;
  /** What the verdict may know of the secret; never the secret. */
  readonly secret: Pick<JudgeContext, "secretKind" | "secretShape">;
  /** The address mail is to leave under; null skips the sender and recipient steps. */
  readonly from: string | null;
  readonly ca: readonly string[];
  readonly proxy: ProxySetting | null;
}

export interface TestOptions {
  /** Send a real message to this address; without it nothing is sent. */
  readonly to?: string;
  /** The message for `to`; composed by the caller, who knows its identity. */
  readonly content?: Uint8Array;
  readonly language?: "en" | "zh";
  readonly onStep?: (step: TestStep) => void;
  readonly signal?: AbortSignal;
  readonly timeouts?: Partial<Timeouts>;
  readonly lookup?: Lookup;
}

export interface TestStep {
  readonly name: Stage;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail: string;
}

export interface TestResult {
  readonly ok: boolean;
  /** An id of the book of causes; null when all is well. */
  readonly cause: string | null;
  readonly scope: Scope | null;
  readonly stage: Stage | null;
  readonly remedy: Remedy | null;
  readonly steps: readonly TestStep[];
  readonly transcript: readonly TranscriptLine[];
  readonly verdict: Verdict | null;
}

/**
 * Shorter than those of sending: a person is waiting, and a server that needs longer than this to
 * greet is worth reporting. Milliseconds.
 */
const testTimeouts: Partial<Timeouts> = {
  connect: 10_000,
  tls: 10_000,
  greeting: 20_000,
  command: 20_000,
  data: 20_000,
  block: 30_000,
  final: 60_000,
};

/** Walks the setting step by step. Resolves in every case; what went wrong is in the result. */
export async function testSetting(setting: Setting, options: TestOptions = {}): Promise<TestResult> {
  const steps: TestStep[] = [];
  const transcript: TranscriptLine[] = [];
  const onStep = (step: Step) => {
    // The test ends at the first step that fails. What was sent along with it fails too, for no reason of its own.
    if (steps.some(({ ok }) => !ok)) return;
    const detail = detailOf(step, options.language ?? "en");
    const shown = { name: step.stage, ok: step.ok, ms: Math.round(step.ms * 10) / 10, detail };
    steps.push(shown);
    options.onStep?.(shown);
  };

  let connection: SmtpConnection | null = null;
  let failure: SmtpFailure | null = null;
  try {
    connection = await connect({
      endpoint: setting.endpoint,
      ...(setting.serverName === null ? {} : { serverName: setting.serverName }),
      ...(setting.credentials === null ? {} : { credentials: setting.credentials }),
      ...(setting.proxy === null ? {} : { proxy: setting.proxy }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
      ca: setting.ca,
      timeouts: { ...testTimeouts, ...options.timeouts },
      onStep,
      onLine: (line) => transcript.push(line),
    });
    failure = await tryEnvelope(connection, setting, options);
    await connection.quit();
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    failure = error;
  } finally {
    connection?.destroy();
  }
  return report(failure, setting, options, steps, transcript);
}

async function tryEnvelope(
  connection: SmtpConnection,
  setting: Setting,
  options: TestOptions,
): Promise<SmtpFailure | null> {
  if (setting.from === null) return null;
  const envelope = { from: setting.from, to: [{ address: options.to ?? setting.from }] };
  const result: SendResult =
    options.to !== undefined && options.content !== undefined
      ? await connection.send(envelope, options.content)
      : await connection.tryEnvelope(envelope);
  const refused = result.recipients.find((recipient) => !recipient.ok);
  return refused && !refused.ok ? refused.failure : null;
}

function report(
  failure: SmtpFailure | null,
  setting: Setting,
  options: TestOptions,
  steps: readonly TestStep[],
  transcript: readonly TranscriptLine[],
): TestResult {
  if (failure === null)
    return {
      ok: true,
      cause: null,
      scope: null,
      stage: null,
      remedy: null,
      steps,
      transcript,
      verdict: null,
    };
  const context: JudgeContext = {
    provider: setting.provider,
    endpoint: setting.endpoint,
    ...setting.secret,
    ...(setting.credentials === null ? {} : { username: setting.credentials.username }),
    ...(setting.serverName === null ? {} : { serverName: setting.serverName }),
    ...(setting.from === null ? {} : { sender: setting.from, from: setting.from }),
    transcript,
  };
  const verdict = judge(failure, context);
  const remedy = explain(verdict, context, options.language ?? "en");
  return {
    ok: false,
    cause: verdict.cause,
    scope: verdict.scope,
    stage: verdict.stage,
    remedy,
    steps,
    transcript,
    verdict,
  };
}
