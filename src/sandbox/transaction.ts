// The mail transaction: MAIL, RCPT, DATA or BDAT (RFC 5321 §3.3, RFC 3030), and the taking of the message.
import { ChunkContent, DotContent } from "./content.ts";
import type { Dialogue } from "./dialogue.ts";
import { isInternational, type PathCommand, parsePath } from "./envelope.ts";
import type { ReceivedMessage } from "./rules.ts";

/** Parameter of MAIL, and the extension that it belongs to. */
const mailParameters: ReadonlyMap<string, string> = new Map([
  ["SIZE", "SIZE"],
  ["BODY", "8BITMIME"],
  ["SMTPUTF8", "SMTPUTF8"],
  ["RET", "DSN"],
  ["ENVID", "DSN"],
  ["AUTH", "AUTH"],
]);

const rcptParameters: ReadonlyMap<string, string> = new Map([
  ["NOTIFY", "DSN"],
  ["ORCPT", "DSN"],
]);

/** How far a chunk may go over the limit and still be read to its end, to be refused in good order. */
const mercyBytes = 1024 * 1024;

export function mail(d: Dialogue, argument: string) {
  if (d.facts.hello === null) return d.mistake(503, "5.5.1", "Send EHLO first");
  if (d.transaction !== null) return d.mistake(503, "5.5.1", "A mail transaction is open already");
  const path = parsePath(argument, "FROM:");
  if (path === null) return d.mistake(501, "5.1.7", "Syntax: MAIL FROM:<address>");
  const unknown = notUnderstood(d, path, mailParameters);
  if (unknown !== null) return d.mistake(555, "5.5.4", `Parameter ${unknown} is not understood`);
  const utf8 = path.parameters.has("SMTPUTF8");
  if (isInternational(path.address) && !utf8) return d.say(553, "5.6.7", "This address needs SMTPUTF8");
  const size = path.parameters.get("SIZE");
  if (size !== undefined && !/^\d{1,20}$/.test(size)) return d.mistake(501, "5.5.4", "SIZE is a number");
  if (d.apply(d.rules.mail?.(d.facts, path.address))) return;
  if (size !== undefined && Number(size) > limit(d)) return tooLarge(d, Number(size));
  d.transaction = { from: path.address, to: [], utf8, chunks: null };
  d.say(250, "2.1.0", "OK");
}

export function rcpt(d: Dialogue, argument: string) {
  const { transaction } = d;
  if (transaction === null || transaction.chunks !== null) return d.mistake(503, "5.5.1", "Send MAIL first");
  const path = parsePath(argument, "TO:");
  if (path === null) return d.mistake(501, "5.1.3", "Syntax: RCPT TO:<address>");
  const unknown = notUnderstood(d, path, rcptParameters);
  if (unknown !== null) return d.mistake(555, "5.5.4", `Parameter ${unknown} is not understood`);
  if (isInternational(path.address) && !transaction.utf8) {
    return d.say(553, "5.6.7", "This address needs SMTPUTF8");
  }
  if (d.apply(d.rules.rcpt?.(d.facts, transaction, path.address))) return;
  if (transaction.to.length >= d.bounds.recipients) return d.say(452, "4.5.3", "Too many recipients");
  transaction.to.push(path.address);
  d.say(250, "2.1.5", "OK");
}

export function data(d: Dialogue, argument: string) {
  const { transaction } = d;
  if (transaction === null || transaction.chunks !== null) return d.mistake(503, "5.5.1", "Send MAIL first");
  if (argument !== "") return d.mistake(501, "5.5.4", "DATA takes no parameter");
  if (transaction.to.length === 0) return d.mistake(503, "5.5.1", "No valid recipients");
  if (d.apply(d.rules.data?.(d.facts, transaction))) return;
  d.state = { name: "data", content: new DotContent(limit(d)) };
  d.write("354 End data with <CR><LF>.<CR><LF>\r\n");
}

export function bdat(d: Dialogue, argument: string) {
  const match = /^(\d{1,15})( LAST)?$/i.exec(argument);
  // A chunk whose length is unknown, or that is not wanted, can't be told from commands: only closing is safe.
  if (match === null) return d.dismiss(501, "5.5.4", "Syntax: BDAT size [LAST]");
  if (!d.offer.has("CHUNKING")) return d.dismiss(502, "5.5.1", "CHUNKING is not offered");
  const left = Number(match[1]);
  if (left > limit(d) + mercyBytes) return d.dismiss(552, "5.3.4", "Chunk too large");
  const content = d.transaction?.chunks ?? new ChunkContent(limit(d));
  if (d.transaction !== null) d.transaction.chunks = content;
  const last = match[2] !== undefined;
  if (left === 0) endChunk(d, content, last);
  else d.state = { name: "chunk", content, left, last };
}

/** All bytes of a chunk are here. */
export function endChunk(d: Dialogue, content: ChunkContent, last: boolean) {
  d.state = { name: "command" };
  if (d.transaction === null || d.transaction.to.length === 0) {
    d.transaction = null;
    return d.mistake(503, "5.5.1", "No valid recipients");
  }
  if (last) return finish(d, content);
  if (content.tooLarge) return tooLarge(d, content.size);
  d.say(250, "2.0.0", `${content.size} octets received`);
}

/** The content is complete. */
export function finish(d: Dialogue, content: DotContent | ChunkContent) {
  const { transaction } = d;
  d.state = { name: "command" };
  d.transaction = null;
  if (transaction === null) return;
  if (content.tooLarge) return tooLarge(d, content.size);
  let source: Buffer | null = null;
  const message: ReceivedMessage = {
    envelope: { from: transaction.from, to: transaction.to },
    size: content.size,
    source: () => {
      source ??= content.source();
      return source;
    },
  };
  if (d.apply(d.rules.content?.(d.facts, message))) return;
  d.facts.messages++;
  d.counts.messages++;
  d.counts.recipients += transaction.to.length;
  d.counts.bytes += content.size;
  d.say(250, "2.0.0", "OK, message taken");
}

function tooLarge(d: Dialogue, bytes: number) {
  d.transaction = null;
  if (d.apply(d.rules.tooLarge?.(d.facts, bytes))) return;
  d.say(552, "5.3.4", "Message larger than this server takes");
}

function limit(d: Dialogue): number {
  return Math.min(d.offer.sizeLimit, d.bounds.messageBytes);
}

function notUnderstood(
  d: Dialogue,
  path: PathCommand,
  understood: ReadonlyMap<string, string>,
): string | null {
  for (const keyword of path.parameters.keys()) {
    const extension = understood.get(keyword);
    if (extension === undefined || !d.offer.has(extension)) return keyword;
  }
  return null;
}
