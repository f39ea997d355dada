// A failure on one line, fit for a log: bounded, no line breaks, no control characters.
import type { SmtpFailure } from "../smtp/failure.ts";
import { formatReply, parseEnhanced, type Reply } from "../smtp/reply.ts";

const longest = 400;

/** `auth: 535 5.7.8 Username and Password not accepted`, `connect: ECONNREFUSED …`. */
export function logLine(failure: SmtpFailure): string {
  const { stage, reply, code, certificate } = failure.facts;
  if (reply !== null) return oneLine(`${stage}: ${verbatim(reply)}`);
  const seen =
    certificate === undefined
      ? ""
      : ` (subject ${certificate.subject}; issuer ${certificate.issuer}; names ${certificate.altNames.join(", ")}; valid ${certificate.validFrom} to ${certificate.validTo})`;
  const named =
    code === null || failure.message.includes(code) ? failure.message : `${failure.message} [${code}]`;
  return oneLine(`${stage}: ${named}${seen}`);
}

/** The server's own words, with its code. A status that it repeats on every line stands once. */
export function verbatim(reply: Reply): string {
  const [first = "", ...more] = reply.lines;
  const rest = more.map((line) => (parseEnhanced(line) === null ? line : line.replace(/^\S+/, "")));
  return oneLine(formatReply({ ...reply, lines: [first, ...rest] }));
}

/** At most 400 characters, without line breaks and controls. */
export function oneLine(text: string): string {
  const clean = text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1)}…`;
}
