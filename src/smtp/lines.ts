// Content made fit for the wire: CRLF line ends, a final one, and dots stuffed (RFC 5321 §4.5.2).

const LF = 10;
const CR = 13;
const DOT = 46;
const crlf = Buffer.from("\r\n");
const cr = Buffer.from("\r");
const lf = Buffer.from("\n");
const dot = Buffer.from(".");
const lfDot = Buffer.from("\n.");
const nothing = Buffer.alloc(0);

/**
 * Bare LF and bare CR become CRLF: they are illegal in mail, and servers that take them for line
 * ends can be led to see a second message where there is one (RFC 5321 §2.3.8; "SMTP smuggling").
 */
export interface LineWriter {
  /** The bytes to write for this part of the content: views of it and small pieces between, nothing copied. */
  write(part: Buffer): readonly Buffer[];
  /** What is still missing at the end of the content: a CR's LF, a whole line end, or nothing. */
  end(): Buffer;
}

/** Pairs of bytes between or before which something must be put. The engine's own search is several times faster than a loop. */
const plainMarks = /\r[^\n]|[^\r]\n/g;
const stuffingMarks = /\r[^\n]|[^\r]\n|\n\./g;
/** Finds at least what the others find, once more as fast: nearly all content passes it. */
const anyMark = /\r(?!\n)|(?<!\r)\n|\n\./;

/** For one content, given in parts, in order. `stuff`: double a dot that begins a line (DATA, not BDAT). */
export function lineWriter(stuff: boolean): LineWriter {
  const marks = stuff ? stuffingMarks : plainMarks;
  /** The byte before the next; the content begins as if after a line end. */
  let last = LF;
  let empty = true;

  /** What goes in before `byte`. */
  function between(before: number, byte: number): Buffer | null {
    if (byte === LF) return before === CR ? null : cr;
    if (before === CR) return stuff && byte === DOT ? lfDot : lf;
    return stuff && byte === DOT && before === LF ? dot : null;
  }

  return {
    write(part) {
      if (part.length === 0) return [];
      const pieces: Buffer[] = [];
      let from = 0;
      const insert = (index: number, piece: Buffer | null) => {
        if (piece === null) return;
        if (index > from) pieces.push(part.subarray(from, index));
        pieces.push(piece);
        from = index;
      };
      // Nothing stands before the first byte, so a line feed there has no CR.
      insert(0, empty && part[0] === LF ? cr : between(last, part[0]!));
      const text = part.toString("latin1");
      marks.lastIndex = anyMark.test(text) ? 0 : text.length;
      for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
        const index = mark.index + 1;
        insert(index, between(part[mark.index]!, part[index]!));
        marks.lastIndex = index;
      }
      pieces.push(from === 0 ? part : part.subarray(from));
      last = part[part.length - 1]!;
      empty = false;
      return pieces;
    },
    end() {
      if (last === CR) return lf;
      return last === LF && !empty ? nothing : crlf;
    },
  };
}
