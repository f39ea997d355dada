// A message's header taken apart without changing a byte of it.

export interface Field {
  /** Lower case; empty for a line that is no field. */
  readonly name: string;
  /** With its folded lines and the last CRLF. */
  readonly bytes: Buffer;
}

/** The header's fields, in order: together they are the header, byte for byte. Line ends are CRLF. */
export function* fieldsOf(source: Buffer): Generator<Field> {
  let at = 0;
  while (at < source.byteLength && source[at] !== 13) {
    let end = at;
    do {
      const line = source.indexOf("\r\n", end);
      end = line < 0 ? source.byteLength : line + 2;
    } while (source[end] === 32 || source[end] === 9);
    const bytes = source.subarray(at, end);
    const colon = bytes.indexOf(":");
    yield { name: colon < 0 ? "" : bytes.toString("latin1", 0, colon).trim().toLowerCase(), bytes };
    at = end;
  }
}
