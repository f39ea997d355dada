// The header of a message as fields with their place in the source: to show a subject, to look at From,
// to replace one field and leave every other byte alone.

export interface HeaderField {
  /** As written. */
  readonly name: string;
  /** Unfolded, encoded words untouched. */
  readonly value: string;
  /** Of the field in the source, its line end included. */
  readonly start: number;
  readonly end: number;
}

/** More than that is no header that anybody reads. */
const headerLimit = 256 * 1024;

/** The fields up to the empty line; lines that are no field are passed over. */
export function headerFields(source: Buffer): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  const limit = Math.min(source.length, headerLimit);
  let at = 0;
  while (at < limit) {
    const start = at;
    at = lineEnd(source, at, limit);
    if (isEmptyLine(source, start)) break;
    while (at < limit && (source[at] === 0x20 || source[at] === 0x09)) at = lineEnd(source, at, limit);
    const text = source.toString("utf8", start, at);
    const colon = text.indexOf(":");
    if (colon < 1) continue;
    const name = text.slice(0, colon).trimEnd();
    const value = text
      .slice(colon + 1)
      .replace(/\r?\n/g, "")
      .trim();
    fields.push({ name, value, start, end: at });
  }
  return fields;
}

/** The first field of that name, encoded words decoded; null when there is none. */
export function unfoldedField(fields: readonly HeaderField[], name: string): string | null {
  const field = fields.find((one) => one.name.toLowerCase() === name);
  return field === undefined ? null : decodeWords(field.value);
}

/** RFC 2047. What can't be decoded stays as it is. */
export function decodeWords(text: string): string {
  // White space between two encoded words is not part of the text (§6.2).
  const joined = text.replace(/(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?)/gi, "$1");
  return joined.replace(
    /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi,
    (whole, charset: string, encoding: string, data: string) => {
      const bytes = encoding.toLowerCase() === "b" ? Buffer.from(data, "base64") : quoted(data);
      try {
        // RFC 2231 §5: a language may follow the character set.
        return new TextDecoder(charset.split("*")[0]).decode(bytes);
      } catch {
        return whole;
      }
    },
  );
}

/** The bare addresses in the value of From and the like: what stands in angle brackets, else the whole word. */
export function bareAddresses(value: string): readonly string[] {
  const addresses: string[] = [];
  for (const part of splitList(withoutComments(value))) {
    const bracketed = /<([^<>]*)>[^<>]*$/.exec(part);
    const address = (bracketed?.[1] ?? part).trim();
    if (address.includes("@")) addresses.push(address);
  }
  return addresses;
}

function splitList(value: string): readonly string[] {
  const parts: string[] = [];
  let quotedPart = false;
  let from = 0;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (quotedPart && character === "\\") index++;
    else if (character === '"') quotedPart = !quotedPart;
    else if (!quotedPart && (character === "," || character === ";")) {
      parts.push(value.slice(from, index));
      from = index + 1;
    }
  }
  parts.push(value.slice(from));
  return parts;
}

function withoutComments(value: string): string {
  let depth = 0;
  let quotedPart = false;
  let out = "";
  for (let index = 0; index < value.length; index++) {
    const character = value[index] ?? "";
    if (character === "\\") {
      if (depth === 0) out += character + (value[index + 1] ?? "");
      index++;
      continue;
    }
    if (character === '"' && depth === 0) quotedPart = !quotedPart;
    if (character === "(" && !quotedPart) depth++;
    else if (character === ")" && !quotedPart && depth > 0) depth--;
    else if (depth === 0) out += character;
  }
  return out;
}

function quoted(data: string): Buffer {
  const text = data
    .replaceAll("_", " ")
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, "latin1");
}

function lineEnd(source: Buffer, from: number, limit: number): number {
  const end = source.indexOf(0x0a, from);
  return end === -1 || end >= limit ? limit : end + 1;
}

function isEmptyLine(source: Buffer, start: number): boolean {
  return source[start] === 0x0a || (source[start] === 0x0d && source[start + 1] === 0x0a);
}
