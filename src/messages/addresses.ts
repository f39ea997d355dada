// Mailboxes as people write them, parsed strictly: `ada@example.com`, `Ada Lovelace <ada@example.com>`, lists of them.
import { parseDomain } from "./domain.ts";
import { MessageError, quoted, shown, unfit } from "./error.ts";

export interface Mailbox {
  /** The display name; empty when there is none. */
  readonly name: string;
  /** For the envelope: the local part as written, the domain in lower case and A-labels. */
  readonly address: string;
  /** The domain alone, as in `address`. */
  readonly domain: string;
  /** As the person wrote it. */
  readonly text: string;
}

/** Octets (RFC 5321 §4.5.3.1.1 and .3: a path of 256 holds the address and its angle brackets). */
const limits = { localPart: 64, address: 254, name: 1000 } as const;

/** Characters in one list. Over ten thousand addresses: more than any field may hold. */
const longestList = 1024 * 1024;

/** RFC 5321 §4.1.2 atext, and beyond ASCII what RFC 6531 §3.3 adds, without spaces, controls and overrides of direction. */
const atomText = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\p{ASCII}\p{C}\p{Z}]|[\u200C\u200D]/u;

/** An address or problem found inside a piece of text; `at` counts from 0 in that piece. */
type Problem = { readonly problem: string; readonly at: number };

/** A bare address, without display name or brackets. Throws MessageError. */
export function parseAddress(text: string, field: string): Mailbox {
  checkLine(text, field);
  const parsed = parseAddressText(text);
  if ("problem" in parsed) throw notAnAddress(text, field, parsed);
  return { name: "", ...parsed, text };
}

/** One mailbox, with a display name or without. Throws MessageError. */
export function parseMailbox(text: string, field: string): Mailbox {
  const all = parseList(text, field);
  if (all.length !== 1)
    throw new MessageError(field, `one address is expected; ${quoted(text)} holds ${all.length}`);
  return all[0]!;
}

/** The mailboxes of one field: a list separated by commas, or several of them. Throws MessageError. */
export function parseMailboxes(
  value: string | readonly string[] | null | undefined,
  field: string,
): readonly Mailbox[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return value.trim() === "" ? [] : parseList(value, field);
  if (!Array.isArray(value)) throw new MessageError(field, "an address or a list of addresses is expected");
  return value.flatMap((one: unknown, i) => {
    if (typeof one !== "string") throw new MessageError(`${field}[${i}]`, "an address is expected, as text");
    return parseList(one, `${field}[${i}]`);
  });
}

function checkLine(text: unknown, field: string): asserts text is string {
  if (typeof text !== "string") throw new MessageError(field, "an address is expected, as text");
  const problem = unfit(text);
  if (problem !== null) throw new MessageError(field, `${quoted(text)} is not an address: ${problem}`);
}

function parseList(text: string, field: string): readonly Mailbox[] {
  checkLine(text, field);
  if (text.length > longestList)
    throw new MessageError(field, `the list is ${text.length} characters long; ${longestList} are allowed`);
  const mailboxes: Mailbox[] = [];
  for (const { from, to } of split(text)) {
    const piece = text.slice(from, to);
    const parsed = parsePiece(piece);
    if ("problem" in parsed) throw notAnAddress(text, field, { ...parsed, at: parsed.at + from });
    mailboxes.push({ ...parsed, text: piece.trim() });
  }
  return mailboxes;
}

function notAnAddress(text: string, field: string, { problem, at }: Problem): MessageError {
  return new MessageError(field, `${quoted(text)} is not an address: ${problem} (at character ${at + 1})`);
}

/** Where the pieces between commas are: those outside quotation marks and angle brackets. */
function* split(text: string): Iterable<{ from: number; to: number }> {
  let from = 0;
  let quotes = false;
  let angle = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quotes && c === "\\") i++;
    else if (c === '"') quotes = !quotes;
    else if (quotes) continue;
    else if (c === "<") angle = true;
    else if (c === ">") angle = false;
    else if (c === "," && !angle) {
      yield { from, to: i };
      from = i + 1;
    }
  }
  yield { from, to: text.length };
}

/** `address`, `<address>` or `name <address>`. */
function parsePiece(piece: string): Omit<Mailbox, "text"> | Problem {
  const start = piece.search(/\S/);
  if (start < 0) return { problem: "nothing stands between two commas", at: 0 };
  const end = piece.trimEnd().length;
  const open = outsideQuotes(piece, "<");
  if (open < 0) {
    const parsed = parseAddressText(piece.slice(start, end));
    return "problem" in parsed ? { ...parsed, at: parsed.at + start } : { name: "", ...parsed };
  }
  if (piece[end - 1] !== ">") {
    const close = piece.lastIndexOf(">");
    return close < open
      ? { problem: "the bracket < is not closed", at: open }
      : { problem: "something stands after the address", at: close + 1 };
  }
  const name = parseName(piece.slice(start, open));
  if ("problem" in name) return { ...name, at: name.at + start };
  const parsed = parseAddressText(piece.slice(open + 1, end - 1));
  return "problem" in parsed ? { ...parsed, at: parsed.at + open + 1 } : { ...name, ...parsed };
}

function outsideQuotes(text: string, wanted: string): number {
  let quotes = false;
  for (let i = 0; i < text.length; i++) {
    if (quotes && text[i] === "\\") i++;
    else if (text[i] === '"') quotes = !quotes;
    else if (!quotes && text[i] === wanted) return i;
  }
  return -1;
}

/** Words and quoted strings (RFC 5322 §3.2.5); what is not quoted is taken as it stands. */
function parseName(text: string): { readonly name: string } | Problem {
  let name = "";
  let quotes = false;
  for (let i = 0; i < text.length; i++) {
    if (quotes && text[i] === "\\" && i + 1 < text.length) name += text[++i];
    else if (text[i] === '"') quotes = !quotes;
    else if (!quotes && text[i] === ">") return { problem: "> stands before <", at: i };
    else name += text[i];
  }
  if (quotes) return { problem: "a quotation mark is not closed", at: text.lastIndexOf('"') };
  name = name.trim();
  if (name.length > limits.name)
    return { problem: `the name is ${name.length} characters long; ${limits.name} are allowed`, at: 0 };
  return { name };
}

function parseAddressText(text: string): { readonly address: string; readonly domain: string } | Problem {
  const local = text.startsWith('"') ? parseQuotedLocal(text) : parseDotAtom(text);
  if ("problem" in local) return local;
  const octets = Buffer.byteLength(local.local);
  if (octets > limits.localPart)
    return {
      problem: `the part before the @ is ${octets} octets long; ${limits.localPart} are allowed`,
      at: 0,
    };
  const domain = parseDomain(text.slice(local.end + 1));
  if ("problem" in domain) return { problem: domain.problem, at: domain.at + local.end + 1 };
  const address = `${local.local}@${domain.domain}`;
  const length = Buffer.byteLength(address);
  if (length > limits.address)
    return { problem: `it is ${length} octets long; ${limits.address} are allowed`, at: 0 };
  return { address, domain: domain.domain };
}

/** Where the @ stands, and the local part in its shortest form. */
type Local = { readonly local: string; readonly end: number };

function parseDotAtom(text: string): Local | Problem {
  const end = text.indexOf("@");
  if (text === "") return { problem: "it is empty", at: 0 };
  if (end < 0) return { problem: "there is no @", at: text.length - 1 };
  const local = text.slice(0, end);
  if (local === "") return { problem: "nothing stands before the @", at: 0 };
  const second = text.indexOf("@", end + 1);
  const semicolon = text.indexOf(";");
  if (second >= 0 && semicolon > end && semicolon < second) {
    return { problem: "addresses are separated by commas, not by semicolons", at: semicolon };
  }
  if (second >= 0) return { problem: "there is a second @", at: second };
  let dot = true;
  let at = 0;
  for (const c of local) {
    if (c === ".") {
      if (dot) return { problem: at === 0 ? "it begins with a dot" : "two dots stand in a row", at };
      dot = true;
    } else if (atomText.test(c)) dot = false;
    else return { problem: c === " " ? "a space stands in it" : `${shown(c)} cannot stand before the @`, at };
    at += c.length;
  }
  if (dot) return { problem: "a dot stands before the @", at: end - 1 };
  return { local, end };
}

/** RFC 5321 §4.1.2 Quoted-string; quotes that are not needed are left off, so that one mailbox has one form. */
function parseQuotedLocal(text: string): Local | Problem {
  let inside = "";
  let i = 1;
  for (; i < text.length && text[i] !== '"'; i++) {
    if (text[i] === "\\") i++;
    inside += text[i] ?? "";
  }
  if (i >= text.length) return { problem: "a quotation mark is not closed", at: 0 };
  if (text[i + 1] !== "@") return { problem: "no @ stands after the quotation mark", at: i };
  if (inside === "") return { problem: "nothing stands before the @", at: 0 };
  const bad = /[\p{C}\u2028\u2029]/u.exec(inside);
  if (bad !== null) return { problem: "an invisible character stands in it", at: 1 };
  const bare = inside.split(".").every((atom) => atom !== "" && [...atom].every((c) => atomText.test(c)));
  return { local: bare ? inside : `"${inside.replaceAll(/["\\]/g, "\\$&")}"`, end: i + 1 };
}
