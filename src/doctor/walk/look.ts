// The dialogue as the account would hold it, and what its other mechanisms and a second sender come to.
import type { Language } from "../../causes/explain.ts";
import { MessageError } from "../../messages/error.ts";
import { choose } from "../../smtp/auth/choose.ts";
import { type Capabilities, parseCapabilities } from "../../smtp/capabilities.ts";
import { connect, type SmtpConnection } from "../../smtp/client.ts";
import { SmtpFailure } from "../../smtp/failure.ts";
import type { Mechanism, Timeouts } from "../../smtp/options.ts";
import type { Step } from "../../smtp/steps.ts";
import type { WalkFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { testMessage } from "../test-message.ts";
import { resultOf, shownStep } from "./result.ts";
import { type Spoken, speakFirst, speakFirstWaitMs } from "./speak-first.ts";
import { connectOptions, type Walked, walk } from "./walk.ts";

export interface WalkLookOptions {
  /** Send a real message to this address and follow it to acceptance; without it nothing is sent. */
  readonly to?: string;
  /** The message for `to`; default: the test message. */
  readonly content?: Uint8Array;
  /** Wait a minute for the greeting. */
  readonly patient?: boolean;
  readonly language: Language;
}

type SignIn = WalkFacts["signIns"][number];
type OwnSender = Exclude<WalkFacts["ownSender"], undefined>;

/** Milliseconds. A person waits, and a server that needs longer than this is worth reporting. */
const walkTimeouts: Timeouts = {
  connect: 8_000,
  tls: 6_000,
  greeting: 8_000,
  command: 6_000,
  data: 6_000,
  block: 6_000,
  /** Acceptance of a message takes some servers long: their filters run meanwhile. */
  final: 60_000,
};

const patientGreeting = 60_000;

/**
 * Holds the dialogue: never a secret without TLS but to this machine, never more than one refused sign-in over all
 * connections, no message without `to`, QUIT wherever the server still listens. Resolves in every case, at the end
 * of `surroundings.ended` at the latest, with what was seen until then.
 */
export async function lookAtWalk(
  setting: Setting,
  surroundings: Surroundings,
  options: WalkLookOptions,
): Promise<WalkFacts> {
  const { ended, connecting } = surroundings;
  const greeting = options.patient === true ? patientGreeting : walkTimeouts.greeting;
  const timeouts = { ...walkTimeouts, greeting };
  const letter = await letterOf(setting, options);
  const others: SignIn[] = [];
  let further: Promise<void> = Promise.resolve();
  let ownSender: OwnSender = null;

  const silence = watchSilence(setting, surroundings, greeting - speakFirstWaitMs);

  const walked = await connecting(() =>
    walk(setting, {
      timeouts,
      ...letter,
      signal: ended,
      onStep: silence.onStep,
      onReady(connection) {
        further = signInOtherwise(setting, surroundings, timeouts, connection, others);
      },
      async beforeLeaving(connection, failure) {
        if (failure !== null) ownSender = await tryOwnSender(connection, setting, failure);
      },
    }),
  );
  await further;

  const failure = timelyFailure(walked.failure, ended);
  const spoken = await silence.spoken(failure);
  const { language } = options;
  const shown = walked.steps.map((step) => shownStep(step, language));
  const { clear, secured } = capabilitiesOf(walked.steps);
  const result = resultOf(setting, { ...walked, failure }, shown, language);
  return {
    result,
    failure,
    verdict: result.verdict,
    ...greetingOf(walked.steps),
    clear,
    secured,
    ...tlsOf(walked.steps),
    peer: walked.peer,
    signIns: [...signInOf(walked), ...others],
    size: (secured ?? clear)?.size ?? null,
    helo: walked.transcript.some(({ from, text }) => from === "client" && text.startsWith("HELO ")),
    spoken,
    ownSender,
    ...(options.to === undefined ? {} : { to: options.to }),
    accepted: letter.content === undefined ? null : (walked.sent?.reply ?? null),
  };
}

async function letterOf(
  { from }: Setting,
  { to, content, language }: WalkLookOptions,
): Promise<{ readonly to?: string; readonly content?: Uint8Array }> {
  if (to === undefined || from === null) return to === undefined ? {} : { to };
  try {
    return { to, content: content ?? (await testMessage(from, to, language)) };
  } catch (error) {
    // An address that is none: the envelope is tried, and the client says which.
    if (error instanceof MessageError) return { to };
    throw error;
  }
}

/**
 * Tries each further mechanism on a connection of its own, one after the other, while the first connection goes on
 * with its envelope. The first refusal ends it: another could lock the account.
 */
async function signInOtherwise(
  setting: Setting,
  { ended, connecting }: Surroundings,
  timeouts: Timeouts,
  { mechanism, capabilities }: SmtpConnection,
  signIns: SignIn[],
): Promise<void> {
  const { credentials } = setting;
  if (credentials === null || mechanism === null) return;
  for (const other of choose(credentials, capabilities.auth).filter((one) => one !== mechanism)) {
    if (ended.aborted) return;
    const signIn = await connecting(() => signInBy(other, setting, ended, timeouts));
    if (signIn === null) return;
    signIns.push(signIn);
    if (!signIn.ok) return;
  }
}

/** Null when it did not come to an answer, which says nothing of the mechanism. */
async function signInBy(
  mechanism: Mechanism,
  setting: Setting,
  signal: AbortSignal,
  timeouts: Timeouts,
): Promise<SignIn | null> {
  let answer: SignIn["reply"] = null;
  const onStep = ({ stage, reply }: Step) => {
    if (stage === "auth") answer = reply ?? null;
  };
  const options = connectOptions(setting, { timeouts, signal });
  const credentials = setting.credentials && { ...setting.credentials, mechanisms: [mechanism] };
  try {
    const connection = await connect({ ...options, ...(credentials && { credentials }), onStep });
    const end = () => connection.destroy();
    signal.addEventListener("abort", end, { once: true });
    await connection.quit();
    signal.removeEventListener("abort", end);
    return { mechanism, ok: true, reply: answer };
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    const { stage, reply } = error.facts;
    return stage === "auth" && reply !== null ? { mechanism, ok: false, reply } : null;
  }
}

/** Whether the address that signs in would have been taken as sender, where another was refused. */
async function tryOwnSender(
  connection: SmtpConnection,
  { credentials, from }: Setting,
  failure: SmtpFailure,
): Promise<OwnSender> {
  const address = credentials?.username ?? "";
  const isAnother = /^[^@\s]+@[^@\s]+$/.test(address) && address.toLowerCase() !== from?.toLowerCase();
  if (!isAnother || failure.facts.reply === null) return null;
  const tried = await connection.tryEnvelope({ from: address, to: [{ address }] });
  const [recipient] = tried.recipients;
  if (recipient === undefined) return null;
  if (recipient.ok) return { address, accepted: true };
  // Refused as recipient, it was taken as sender; without a reply nothing is known.
  const { stage, reply } = recipient.failure.facts;
  return reply === null ? null : { address, accepted: stage === "rcpt" && failure.facts.stage === "mail" };
}

/** What the end of the time for everything cut off is a timeout of the server's, not a wish of ours. */
function timelyFailure(failure: SmtpFailure | null, ended: AbortSignal): SmtpFailure | null {
  if (failure?.facts.kind !== "aborted" || !ended.aborted) return failure;
  const { stage } = failure.facts;
  const facts = { ...failure.facts, kind: "timeout", code: "TIMEOUT" } as const;
  return new SmtpFailure(`no answer within the time of the whole examination (${stage})`, facts);
}

interface Silence {
  readonly onStep: (step: Step) => void;
  /** What was answered; null where the walk did not end in silence, or where nobody could be spoken to. */
  readonly spoken: (failure: SmtpFailure | null) => Promise<Spoken | null>;
}

/**
 * A web server waits to be spoken to, and a port for TLS shows itself by an alert; neither greets. They are spoken to
 * on a second connection while the first still waits for its greeting: afterwards the time for everything may be over.
 */
function watchSilence({ endpoint, proxy }: Setting, surroundings: Surroundings, quietMs: number): Silence {
  const { ended, connecting } = surroundings;
  const isOurs = endpoint.security !== "tls" && proxy === null;
  let timer: NodeJS.Timeout | undefined;
  let speaking: Promise<Spoken | null> | null = null;
  const speak = (peer: string) => connecting(() => speakFirst(peer, ended));
  return {
    onStep({ stage, ok, detail }) {
      clearTimeout(timer);
      if (!isOurs || stage !== "connect" || !ok) return;
      timer = setTimeout(() => {
        speaking = speak(detail);
      }, quietMs);
    },
    async spoken(failure) {
      clearTimeout(timer);
      if (!isOurs || failure === null) return null;
      const { stage, kind, received, peer } = failure.facts;
      const isSilent = kind === "timeout" || kind === "socket";
      if (stage !== "greeting" || !isSilent || received !== undefined || peer === undefined) return null;
      if (speaking !== null) return await speaking;
      return ended.aborted ? null : await speak(peer);
    },
  };
}

function greetingOf(steps: readonly Step[]): Pick<WalkFacts, "greeting" | "greetingMs"> {
  const step = steps.find(({ stage }) => stage === "greeting");
  const reply = step?.reply ?? null;
  return { greeting: reply, greetingMs: step === undefined || reply === null ? null : step.ms };
}

/** Those before the handshake are forgotten by the client, and kept here: the difference tells who is on the way. */
function capabilitiesOf(steps: readonly Step[]): Pick<WalkFacts, "clear" | "secured"> {
  let clear: Capabilities | null = null;
  let secured: Capabilities | null = null;
  let inTls = false;
  for (const { stage, ok, reply } of steps) {
    if (stage === "tls" && ok) inTls = true;
    if (stage !== "ehlo" || !ok || reply === undefined) continue;
    if (inTls) secured = parseCapabilities(reply);
    else clear = parseCapabilities(reply);
  }
  return { clear, secured };
}

function tlsOf(steps: readonly Step[]): Pick<WalkFacts, "protocol" | "cipher" | "chain"> {
  const tls = steps.find(({ stage, ok }) => stage === "tls" && ok)?.tls;
  return { protocol: tls?.protocol ?? null, cipher: tls?.cipher ?? null, chain: tls?.chain ?? [] };
}

function signInOf({ steps, failure }: Walked): readonly SignIn[] {
  const step = steps.find(({ stage }) => stage === "auth");
  if (step?.ok === true) return [{ mechanism: step.detail, ok: true, reply: step.reply ?? null }];
  const mechanism = failure?.facts.stage === "auth" ? failure.facts.mechanism : undefined;
  return mechanism === undefined ? [] : [{ mechanism, ok: false, reply: failure?.facts.reply ?? null }];
}
