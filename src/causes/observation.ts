// A failure laid out for the signs: each thing a sign may ask for, found once.
import type { Endpoint } from "../smtp/endpoint.ts";
import type { SmtpFailure, SmtpFailureFacts } from "../smtp/failure.ts";
import { formatEnhanced, parseEnhanced, type Reply } from "../smtp/reply.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";

export interface Observation {
  readonly facts: SmtpFailureFacts;
  readonly endpoint: Endpoint | null;
  /** As in the facts, with one name for every timeout. */
  readonly code: string | null;
  readonly errno: number | null;
  /** `5.7.8`; null when none was sent. */
  readonly enhanced: string | null;
  /** The reply on one line, without statuses; without a reply, the error's messages. */
  readonly text: string;
  readonly addresses: readonly string[];
  /** What the server sent before, newest last. */
  readonly earlier: readonly string[];
}

/** More than any reply needs to be recognised; a bound on what the patterns run over. */
const textLimit = 4_000;

export function observe(
  failure: SmtpFailure,
  endpoint: Endpoint | null,
  transcript: readonly TranscriptLine[],
): Observation {
  const { facts } = failure;
  return {
    facts,
    endpoint,
    code: facts.kind === "timeout" || facts.code === "ETIMEDOUT" ? "TIMEOUT" : facts.code,
    errno: errnoOf(failure.cause),
    enhanced: facts.reply?.enhanced ? formatEnhanced(facts.reply.enhanced) : null,
    text: (facts.reply === null ? messages(failure) : replyText(facts.reply)).slice(0, textLimit),
    addresses: (facts.attempts ?? []).map(({ address }) => withoutPort(address)),
    earlier: transcript.filter(({ from }) => from === "server").flatMap(({ text }) => text.split("\n")),
  };
}

/** A reply's words as one line: providers break their sentences anywhere and repeat the status on each line. */
function replyText(reply: Reply): string {
  return reply.lines
    .map((line) => (parseEnhanced(line) === null ? line : line.replace(/^\S+/, "")))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

function messages(failure: SmtpFailure): string {
  const cause = failure.cause instanceof Error ? failure.cause.message : "";
  return `${failure.message} ${cause}`;
}

/** `192.0.2.1:465` and `[2001:db8::1]:465` as they are named without the port. */
function withoutPort(address: string): string {
  const [, v6, v4] = /^(?:\[(.+)\]|([^:]+)):\d+$/.exec(address) ?? [];
  return v6 ?? v4 ?? address;
}

function errnoOf(error: unknown): number | null {
  return error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : null;
}
