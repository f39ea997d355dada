// The step-by-step test of a setting: from the name to an accepted message, stopping at the first step that fails.
import type { JudgeContext } from "../causes/judge.ts";
import type { Remedy, Scope, Verdict } from "../causes/verdict.ts";
import type { Provider } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Credentials, Lookup, ProxySetting, Timeouts } from "../smtp/options.ts";
import type { Stage } from "../smtp/stage.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";
import { resultOf, shownStep } from "./walk/result.ts";
import { walk } from "./walk/walk.ts";

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
  /** What was put right in what a person typed, so that it can still be told; absent for a stored account. */
  readonly mended?: readonly Mended[];
}

/** A value that was not taken as it was typed. The secret's is never repeated. */
export interface Mended {
  readonly field: "host" | "secret";
  readonly what: "blanks" | "marks";
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
  const { language = "en", timeouts, onStep, ...rest } = options;
  const steps: TestStep[] = [];
  const walked = await walk(setting, {
    ...rest,
    timeouts: { ...testTimeouts, ...timeouts },
    onStep(step) {
      const shown = shownStep(step, language);
      steps.push(shown);
      onStep?.(shown);
    },
  });
  return resultOf(setting, walked, steps, language);
}
