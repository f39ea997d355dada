// What a caller gives to have a message sent, and how its plain fields are checked.
import { type Mailbox, parseMailbox, parseMailboxes } from "./addresses.ts";
import type { Attachment } from "./attachments.ts";
import { MessageError, quoted, unfit } from "./error.ts";
import { defaultLifetime, type Lane, lanes } from "./lanes.ts";

/** One mailbox, a list separated by commas, or an array of either. */
export type Addresses = string | readonly string[];

export interface Mail {
  /** One mailbox, with a display name or without. */
  readonly from?: string | undefined;
  readonly to?: Addresses | undefined;
  readonly cc?: Addresses | undefined;
  /** In the envelope only. */
  readonly bcc?: Addresses | undefined;
  readonly replyTo?: Addresses | undefined;
  /** Up to 2000 characters, on one line. */
  readonly subject?: string | undefined;
  /** One of `text` and `html` is needed. */
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  /** Further headers; those made from other fields cannot be set here. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** `normal` when absent. */
  readonly lane?: Lane | undefined;
  /** Name of the account or route; the default when absent. */
  readonly route?: string | null | undefined;
  /** Not handed over at or after; milliseconds since 1970. From the lane when absent: an hour, 2 days, 5 days. */
  readonly expiresAt?: Date | number | null | undefined;
  /** Not handed over before; milliseconds since 1970. At once when absent. */
  readonly notBefore?: Date | number | null | undefined;
  /** Keeps no body once it is delivered. */
  readonly sensitive?: boolean | undefined;
  /** Up to 50, each name and value up to 256 characters. */
  readonly tags?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

export interface Addressed {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  /** Of all three, each once. */
  readonly recipients: readonly string[];
}

/** Throws MessageError. */
export function checkedAddresses(mail: Mail, mostRecipients: number): Addressed {
  if (mail.from === undefined || mail.from === "") throw new MessageError("from", "a sender is needed");
  const from = parseMailbox(mail.from, "from");
  const to = parseMailboxes(mail.to, "to");
  const cc = parseMailboxes(mail.cc, "cc");
  const bcc = parseMailboxes(mail.bcc, "bcc");
  const replyTo = parseMailboxes(mail.replyTo, "replyTo");
  const recipients = [...new Set([...to, ...cc, ...bcc].map((mailbox) => mailbox.address))];
  checkRecipientCount(recipients.length, mostRecipients);
  return { from, to, cc, bcc, replyTo, recipients };
}

export function checkRecipientCount(count: number, most: number): void {
  if (count === 0) throw new MessageError("to", "at least one recipient is needed, in to, cc or bcc");
  if (count > most) {
    throw new MessageError(
      "to",
      `there are ${count} recipients; ${most} are allowed in one message. Send several messages.`,
    );
  }
}

/** Throws MessageError. */
export function checkedSubject(subject: string | undefined): string {
  if (subject === undefined) return "";
  if (typeof subject !== "string") throw new MessageError("subject", "text is expected");
  const problem = unfit(subject);
  if (problem !== null)
    throw new MessageError("subject", `${quoted(subject)} cannot be a subject: ${problem}`);
  if (subject.length > 2000)
    throw new MessageError("subject", `it is ${subject.length} characters long; 2000 are allowed`);
  return subject;
}

/** `text` or `html`, with CRLF line ends: a lone CR or LF must not cross SMTP. Undefined when it was not given. Throws MessageError. */
export function checkedBody(body: string | undefined, field: "text" | "html"): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== "string") throw new MessageError(field, "text is expected");
  if (!body.isWellFormed()) throw new MessageError(field, "it holds half of a character (a lone surrogate)");
  return body.replaceAll(/\r\n?|\n/g, "\r\n");
}

/** Throws MessageError. */
export function checkedTags(tags: Mail["tags"]): NonNullable<Mail["tags"]> {
  if (tags === undefined) return [];
  if (tags.length > 50) throw new MessageError("tags", `there are ${tags.length}; 50 are allowed`);
  return tags.map(({ name, value }, i) => {
    for (const [part, text] of [
      ["name", name],
      ["value", value],
    ] as const) {
      const field = `tags[${i}].${part}`;
      if (typeof text !== "string") throw new MessageError(field, "text is expected");
      if (text.length > 256)
        throw new MessageError(field, `it is ${text.length} characters long; 256 are allowed`);
      const problem = unfit(text);
      if (problem !== null) throw new MessageError(field, `${quoted(text)} cannot stand here: ${problem}`);
    }
    return { name, value };
  });
}

export interface Course {
  readonly lane: Lane;
  readonly notBefore: number | null;
  readonly expiresAt: number;
}

/** Lane and times. Throws MessageError. */
export function checkedCourse(mail: Pick<Mail, "lane" | "notBefore" | "expiresAt">, now: number): Course {
  const lane = mail.lane ?? "normal";
  if (!lanes.includes(lane))
    throw new MessageError("lane", `${quoted(String(lane))} is none; there are ${lanes.join(", ")}`);
  const wanted = instant(mail.notBefore, "notBefore");
  const notBefore = wanted !== null && wanted > now ? wanted : null;
  const expiresAt = instant(mail.expiresAt, "expiresAt") ?? (notBefore ?? now) + defaultLifetime[lane];
  if (expiresAt <= now)
    throw new MessageError("expiresAt", `${new Date(expiresAt).toISOString()} is over already`);
  if (notBefore !== null && expiresAt <= notBefore) {
    throw new MessageError(
      "expiresAt",
      `${new Date(expiresAt).toISOString()} is not after notBefore, ${new Date(notBefore).toISOString()}`,
    );
  }
  return { lane, notBefore, expiresAt };
}

function instant(value: Date | number | null | undefined, field: string): number | null {
  if (value === null || value === undefined) return null;
  const time = value instanceof Date ? value.getTime() : value;
  // The range of a Date (ECMA-262): what lies beyond cannot be shown to anyone.
  if (typeof time !== "number" || !(Math.abs(time) <= 8.64e15))
    throw new MessageError(field, "it is no point in time");
  return Math.floor(time);
}
