// What became of a message, recipient by recipient.
import { type Contact, type Ending, failureOf } from "./ending.ts";
import type { Certainty, SmtpFailure } from "./failure.ts";
import type { LocalFault } from "./layout.ts";
import type { Envelope } from "./options.ts";
import { isRefusal, refused } from "./phases/move.ts";
import type { Reply } from "./reply.ts";
import type { Stage } from "./stage.ts";
import type { TranscriptLine } from "./transcript.ts";

export type RecipientResult =
  /** `reply` is the one that took the message for this recipient; of a tried envelope, the one to RCPT. */
  | { readonly address: string; readonly ok: true; readonly reply: Reply }
  | { readonly address: string; readonly ok: false; readonly failure: SmtpFailure };

export interface SendResult {
  /** In the order of the envelope. */
  readonly recipients: readonly RecipientResult[];
  /** To the whole message; null when it did not come that far. */
  readonly reply: Reply | null;
  /** What we were connected to, `192.0.2.1:465`; the proxy when there is one. Null when no connection stood. */
  readonly peer: string | null;
  /** Of this transaction alone, masked; empty when nothing was said. */
  readonly transcript: readonly TranscriptLine[];
}

/** The replies of a transaction as far as they came. */
export interface Replies {
  mail: Reply | null;
  /** In the order of the recipients that were asked for. */
  readonly rcpt: Reply[];
  data: Reply | null;
  final: Reply | null;
}

/** Why a transaction came to no end of its own. */
export interface Interruption {
  readonly ending: Ending;
  readonly stage: Stage;
  /** For those recipients that nothing was decided about. */
  readonly certainty: Certainty;
}

/** One outcome for each recipient of the envelope, out of what is known. */
export function resultOf(
  envelope: Envelope,
  faults: readonly (LocalFault | null)[],
  replies: Replies,
  interruption: Interruption | null,
  contact: Contact,
  transcript: readonly TranscriptLine[],
): SendResult {
  const common = commonFailure(replies, interruption, contact);
  let asked = 0;
  const recipients = envelope.to.map(({ address }, index): RecipientResult => {
    const fault = faults[index];
    if (fault) return { address, ok: false, failure: failureOf(fault.fault, fault.stage, contact) };
    const rcpt = replies.rcpt[asked];
    asked += 1;
    if (common?.first) return { address, ok: false, failure: common.failure };
    if (rcpt !== undefined && isRefusal(rcpt)) {
      return { address, ok: false, failure: refusalOf("rcpt", rcpt, contact) };
    }
    if (common !== null) return { address, ok: false, failure: common.failure };
    return { address, ok: true, reply: replies.final ?? rcpt! };
  });
  return { recipients, reply: replies.final, peer: contact.peer, transcript };
}

/** What every recipient shares that the server did not refuse by itself; `first`: it comes before any of those. */
function commonFailure(
  { mail, data, final }: Replies,
  interruption: Interruption | null,
  contact: Contact,
): { readonly failure: SmtpFailure; readonly first: boolean } | null {
  if (mail !== null && isRefusal(mail)) return { failure: refusalOf("mail", mail, contact), first: true };
  if (final !== null && isRefusal(final)) {
    return { failure: refusalOf("content", final, contact), first: false };
  }
  if (data !== null && isRefusal(data)) return { failure: refusalOf("data", data, contact), first: false };
  if (interruption === null || final !== null) return null;
  const { ending, stage, certainty } = interruption;
  return { failure: failureOf(ending, stage, contact, certainty), first: false };
}

const refusedThing: Partial<Readonly<Record<Stage, string>>> = {
  mail: "sender",
  rcpt: "recipient",
  data: "content",
  content: "message",
};

/** A no of the server within a transaction; the connection goes on. */
export function refusalOf(stage: Stage, reply: Reply, contact: Contact): SmtpFailure {
  return failureOf(refused(`the server refuses the ${refusedThing[stage] ?? stage}`, reply), stage, contact);
}
