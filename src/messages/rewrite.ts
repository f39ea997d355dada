// A message made to leave under an account's own address, where its provider takes no other.
import { domainToASCII } from "node:url";
import { parseAddress } from "./addresses.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { type WrittenMailbox, writtenMailboxes } from "./mailboxes.ts";

export interface Rewritten {
  readonly content: Uint8Array;
  /** The address that stood in From, the first where several did; empty when there was none. */
  readonly original: string;
}

/** RFC 5322 §2.1.1: how long a line should be at most, and how long it may be; without its CRLF. */
const usualLine = 78;
const longestLine = 998;

/**
 * Puts `own`, a bare address, in the place of From's address, and the original From into Reply-To unless the message
 * says where to reply. Null when From is `own` already, in whatever letter case.
 *
 * The display name stays, so that people still see who writes. Where there was none, or it was only the address over
 * again, none is put there: another address shown as a name is what forgers do, and what filters look for. The reply
 * finds its way by Reply-To.
 *
 * One mailbox is left in From, and one From. A Sender that is not `own` goes: it names who handed the message over
 * (RFC 5322 §3.6.2), which is `own` now, and it should not stand beside a From that says the same; a foreign one is
 * refused like a foreign From. Every other byte stays, signatures included: one that covered From no longer holds, and
 * counts as none (RFC 6376 §6.1).
 *
 * Throws MessageError when `own` is no address.
 */
export function rewriteSender(content: Uint8Array, own: string): Rewritten | null {
  const source = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const { address } = parseAddress(own, "own");
  const fields = [...fieldsOf(source)];
  const froms = fields.filter(({ name }) => name === "from");
  const values = froms.map(behindColon);
  const mailboxes = values.flatMap(writtenMailboxes);
  const first = mailboxes[0] ?? null;
  const alone = froms.length === 1 && mailboxes.length === 1;
  if (alone && first !== null && same(first.address, address)) return null;

  const from = fromField(first, address);
  const answered = first === null || fields.some(({ name }) => name === "reply-to");
  const value = values.find((one) => writtenMailboxes(one).length > 0) ?? "";
  const replyTo = answered ? "" : replyToField(value);
  const written = Buffer.concat([from, Buffer.from(replyTo, "latin1")]);
  const pieces: Buffer[] = froms.length === 0 ? [written] : [];
  let header = 0;
  for (const field of fields) {
    header += field.bytes.byteLength;
    if (field === froms[0]) pieces.push(written);
    else if (field.name !== "from" && !isForeignSender(field, address)) pieces.push(field.bytes);
  }
  pieces.push(source.subarray(header));
  return { content: Buffer.concat(pieces), original: first === null ? "" : utf8(first.address) };
}

/** Bytes behind the colon, read as latin1, the last CRLF included. */
function behindColon({ bytes }: Field): string {
  const value = bytes.toString("latin1", bytes.indexOf(":") + 1);
  return value.endsWith("\r\n") ? value : `${value}\r\n`;
}

function fromField(mailbox: WrittenMailbox | null, own: string): Buffer {
  const name = mailbox === null || isAddressAgain(mailbox) ? "" : mailbox.name;
  const comments =
    mailbox === null || mailbox.name !== "" ? "" : mailbox.comments.map((one) => ` ${one}`).join("");
  const start = `From: ${name}`;
  const lastLine = start.slice(start.lastIndexOf("\n") + 1);
  const gap = name === "" ? "" : lastLine.length + own.length + 3 > usualLine ? "\r\n " : " ";
  return Buffer.concat([
    Buffer.from(`${start}${gap}`, "latin1"),
    Buffer.from(name === "" ? own : `<${own}>`),
    Buffer.from(`${comments}\r\n`, "latin1"),
  ]);
}

/** Its name is longer than From's, and a line that was full would be too long (RFC 5322 §2.1.1). */
function replyToField(value: string): string {
  const full = "Reply-To:".length + value.indexOf("\r\n") > longestLine;
  return full ? `Reply-To:\r\n ${value.trimStart()}` : `Reply-To:${value}`;
}

/** Many programs write the address as its own name. */
function isAddressAgain({ name }: WrittenMailbox): boolean {
  return name.length < longestLine && /^["'\s]*[^\s@"']+@[^\s@"']+["'\s]*$/.test(name);
}

function isForeignSender(field: Field, own: string): boolean {
  if (field.name !== "sender") return false;
  const [mailbox] = writtenMailboxes(behindColon(field));
  return mailbox === undefined || !same(mailbox.address, own);
}

/** `written` are bytes read as latin1. Local parts are compared in lower case: no provider tells them apart by it. */
function same(written: string, own: string): boolean {
  return comparable(utf8(written)) === comparable(own);
}

function comparable(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`.toLowerCase();
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
