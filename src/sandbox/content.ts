// Takes the content of a message out of the stream: up to <CRLF>.<CRLF>, and nothing else ends it.
// A bare LF around the dot is content (RFC 5321 §4.1.1.4): to treat it as the end is how mail is smuggled in.

const terminator = Buffer.from("\r\n.\r\n", "latin1");
const stuffed = Buffer.from("\r\n.", "latin1");
const overlap = terminator.length - 1;
/** The CRLF before the final dot belongs to the content; the dot and its own CRLF do not. */
const closingLine = 3;

/** Collects dot-stuffed content as it comes in pieces. */
export class DotContent {
  readonly #limit: number;
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  #seen = 0;
  #ended = false;
  /** The last bytes before this piece; the line end of the DATA command counts, so that a first line of "." ends it. */
  #carry: Buffer = terminator.subarray(0, 2);

  /** Above `limit` bytes nothing is kept any more, and the content is only read to its end. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that came, dots stuffed; without the closing line once that is there. */
  get size(): number {
    return this.#ended ? this.#seen - closingLine : this.#seen;
  }

  get tooLarge(): boolean {
    return this.size > this.#limit;
  }

  /** Takes bytes of `buffer` from `start` on; the index after the final dot's line, or -1 when all of it is content. */
  take(buffer: Buffer, start: number): number {
    const across = Buffer.concat([this.#carry, buffer.subarray(start, start + overlap)]).indexOf(terminator);
    let end = -1;
    if (across !== -1) end = start + across + terminator.length - this.#carry.length;
    else {
      const found = buffer.indexOf(terminator, start);
      if (found !== -1) end = found + terminator.length;
    }
    const stop = end === -1 ? buffer.length : end;
    this.#ended = end !== -1;
    this.#keep(buffer.subarray(start, stop));
    if (end === -1 && stop > start) {
      const tail = Buffer.concat([this.#carry, buffer.subarray(Math.max(start, stop - overlap), stop)]);
      this.#carry = tail.subarray(Math.max(0, tail.length - overlap));
    }
    return end;
  }

  /** The content as it was meant, once `take` has found its end: without the final dot, dots unstuffed. */
  source(): Buffer {
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#kept);
    return unstuff(whole.subarray(0, whole.length - closingLine));
  }

  #keep(piece: Buffer): void {
    this.#seen += piece.length;
    if (this.#seen > this.#limit + closingLine) {
      this.#pieces.length = 0;
      this.#kept = 0;
      return;
    }
    this.#pieces.push(piece);
    this.#kept += piece.length;
  }
}

/** Takes away the dot that the sender put before each line that begins with one. */
export function unstuff(content: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = content[0] === 0x2e ? 1 : 0;
  for (;;) {
    const found = content.indexOf(stuffed, from);
    if (found === -1) break;
    parts.push(content.subarray(from, found + 2));
    from = found + 3;
  }
  if (parts.length === 0) return from === 0 ? content : content.subarray(from);
  parts.push(content.subarray(from));
  return Buffer.concat(parts);
}

/** Collects the chunks of BDAT (RFC 3030), where lengths are told and dots mean nothing. */
export class ChunkContent {
  readonly #limit: number;
  readonly #pieces: Buffer[] = [];
  #seen = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#seen;
  }

  get tooLarge(): boolean {
    return this.#seen > this.#limit;
  }

  take(piece: Buffer): void {
    this.#seen += piece.length;
    if (this.tooLarge) this.#pieces.length = 0;
    else this.#pieces.push(piece);
  }

  source(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
