// A server's reply as a value (RFC 5321 §4.2), parsed once; nothing later matches over raw lines.
import { isUtf8 } from "node:buffer";
import type { LocalCode } from "./failure.ts";
import { printable } from "./printable.ts";

/** RFC 3463 status: class.subject.detail. */
export interface EnhancedStatus {
  readonly class: 2 | 4 | 5;
  /** 0 to 999. */
  readonly subject: number;
  /** 0 to 999. */
  readonly detail: number;
}

export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** The status of the first line that has one and agrees in class with the code (RFC 2034 §4); null when none was sent. */
  readonly enhanced: EnhancedStatus | null;
  /** The text of each line, without code, separator and line end, but with the enhanced status as it was sent. */
  readonly lines: readonly string[];
}

/** What came is no reply, or breaks a bound; nothing more can be read from that connection. */
export interface ReplyFault {
  readonly fault: Extract<LocalCode, "LINE_TOO_LONG" | "REPLY_TOO_LONG" | "NOT_SMTP">;
  /** The offending bytes, printable, at most 200 characters. */
  readonly received: string;
}

/** Bytes of one line with its end. RFC 5321 §4.5.3.1.5 says 512; servers exceed it. */
export const maxLineBytes = 4096;
/** Lines of one reply. */
export const maxReplyLines = 128;
/** Bytes of one reply with all its lines. */
export const maxReplyBytes = 65_536;

/** `5.7.8`, as it stands in a reply. */
export function formatEnhanced(status: EnhancedStatus): string {
  return `${status.class}.${status.subject}.${status.detail}`;
}

/** The whole reply on one line: `535 5.7.8 Bad credentials`. */
export function formatReply(reply: Reply): string {
  return `${reply.code} ${reply.lines.join(" ")}`.trimEnd();
}

/** The lines as they stood on the wire: `250-first`, `250 last`. */
export function replyLines(reply: Reply): string[] {
  const { code, lines } = reply;
  const last = lines.at(-1) ?? "";
  const end = last === "" ? `${code}` : `${code} ${last}`;
  // Nearly every reply is a single line.
  return lines.length < 2 ? [end] : [...lines.slice(0, -1).map((line) => `${code}-${line}`), end];
}

/** Parses `5.7.8` at the beginning of a line; null when there is none. */
export function parseEnhanced(text: string): EnhancedStatus | null {
  if (text[1] !== ".") return null;
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})(?!\S)/.exec(text);
  if (match === null) return null;
  return { class: Number(match[1]) as 2 | 4 | 5, subject: Number(match[2]), detail: Number(match[3]) };
}

const LF = 10;
const CR = 13;
const TAB = 9;
const SPACE = 32;
const DASH = 45;
const DELETE = 127;
const ZERO = 48;
const nothing = Buffer.alloc(0);

/**
 * Takes bytes as they come and yields replies. Holds at most one line that is not complete and one
 * reply that is not complete, both bounded. Bare LF line ends are tolerated, control characters in
 * texts become U+FFFD, and text that is not UTF-8 is read as GB 18030 where it looks like it
 * (mail services in China send it), else as Latin-1.
 */
export class ReplyParser {
  #bytes: Buffer = nothing;
  #offset = 0;
  #lines: string[] = [];
  #replyBytes = 0;
  #taken = 0;

  /** Bytes of all replies handed out so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Bytes taken in and not yet part of a reply that was handed out. */
  get buffered(): number {
    return this.#bytes.length - this.#offset + this.#replyBytes;
  }

  /** Adds bytes; take what they complete with `next()` until it gives null. The chunk must not change afterwards. */
  push(chunk: Buffer): void {
    if (this.#offset === this.#bytes.length) this.#bytes = chunk;
    else this.#bytes = Buffer.concat([this.#bytes.subarray(this.#offset), chunk]);
    this.#offset = 0;
  }

  /** The next whole reply, a fault, or null when more bytes are needed. After a fault the parser is of no more use. */
  next(): Reply | ReplyFault | null {
    for (;;) {
      const bytes = this.#bytes;
      const start = this.#offset;
      const newline = bytes.indexOf(LF, start);
      const length = (newline === -1 ? bytes.length : newline + 1) - start;
      if (length > maxLineBytes) return this.#fault("LINE_TOO_LONG", start);
      if (newline === -1)
        return length > 0 && isHopeless(bytes, start) ? this.#fault("NOT_SMTP", start) : null;
      const end = newline > start && bytes[newline - 1] === CR ? newline - 1 : newline;
      const code = codeAt(bytes, start, end);
      if (code === 0) return this.#fault("NOT_SMTP", start);
      const text = end - start > 4 ? decode(bytes, start + 4, end) : "";
      this.#offset = newline + 1;
      this.#replyBytes += length;
      this.#lines.push(text);
      if (end - start === 3 || bytes[start + 3] === SPACE) return this.#complete(code);
      if (this.#lines.length >= maxReplyLines || this.#replyBytes > maxReplyBytes) {
        return this.#fault("REPLY_TOO_LONG", start);
      }
    }
  }

  #complete(code: number): Reply {
    const lines = this.#lines;
    const kind = Math.trunc(code / 100);
    let enhanced: EnhancedStatus | null = null;
    for (const line of lines) {
      const status = parseEnhanced(line);
      if (status !== null && status.class === kind) {
        enhanced = status;
        break;
      }
    }
    this.#lines = [];
    this.#taken += this.#replyBytes;
    this.#replyBytes = 0;
    return { code, enhanced, lines };
  }

  #fault(fault: ReplyFault["fault"], start: number): ReplyFault {
    return { fault, received: printable(this.#bytes.subarray(start)) };
  }
}

/** The code of the line, or 0 when the line is no reply line. Of lines that disagree the last one counts, as in Postfix. */
function codeAt(bytes: Buffer, start: number, end: number): number {
  if (end - start < 3) return 0;
  if (end - start > 3 && bytes[start + 3] !== SPACE && bytes[start + 3] !== DASH) return 0;
  const first = bytes[start]! - ZERO;
  const second = bytes[start + 1]! - ZERO;
  const third = bytes[start + 2]! - ZERO;
  if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9) return 0;
  return first * 100 + second * 10 + third;
}

/** Whether an unfinished line can no longer become a reply, so that nobody waits for its end. */
function isHopeless(bytes: Buffer, start: number): boolean {
  const length = bytes.length - start;
  for (let index = 0; index < Math.min(length, 3); index += 1) {
    const digit = bytes[start + index]! - ZERO;
    if (index === 0 ? digit < 2 || digit > 5 : digit < 0 || digit > 9) return true;
  }
  if (length < 4) return false;
  const separator = bytes[start + 3]!;
  return separator !== SPACE && separator !== DASH && separator !== CR;
}

function decode(bytes: Buffer, start: number, end: number): string {
  let high = 0;
  let control = false;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index]!;
    high |= byte;
    if (byte < SPACE ? byte !== TAB : byte === DELETE) control = true;
  }
  const text =
    high < 128 ? bytes.toString("latin1", start, end) : decodeBeyondAscii(bytes.subarray(start, end));
  return control ? text.replace(/\p{Cc}/gu, (mark) => (mark === "\t" ? mark : "\uFFFD")) : text;
}

function decodeBeyondAscii(bytes: Buffer): string {
  const text = isUtf8(bytes)
    ? bytes.toString("utf8")
    : looksLikeChinese(bytes)
      ? new TextDecoder("gb18030").decode(bytes)
      : bytes.toString("latin1");
  return text.replace(/\p{Cc}/gu, (mark) => (mark === "\t" ? mark : "\uFFFD"));
}

/** GB 2312, the common part of GB 18030, has pairs of bytes from A1 on; Latin-1 has lone ones among letters. */
function looksLikeChinese(bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index]! < 128) continue;
    if (bytes[index]! < 0xa1 || (bytes[index + 1] ?? 0) < 0xa1) return false;
    index += 1;
  }
  return true;
}
