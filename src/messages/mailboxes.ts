// The mailboxes of a From header as it stands in a message, whoever wrote it: read without judging, byte for byte.
// What people enter goes through addresses.ts, which is strict.

/** Texts are bytes read as latin1, so that they can be written back unchanged; folds and encoded words stand as they came. */
export interface WrittenMailbox {
  /** The display name with its quotes, comments and folds; empty when there is none. */
  readonly name: string;
  /** What stands in parentheses, parentheses included; where there is no name, readers show it as one. */
  readonly comments: readonly string[];
  /** Without brackets, blanks and comments. */
  readonly address: string;
}

type Token =
  | { readonly kind: "quoted" | "comment" | "angle" | "text"; readonly text: string }
  | { readonly kind: "," | ":" | ";"; readonly text: string };

/** RFC 5322 §3.4, with the groups of RFC 6854 and the source routes of old; what is no address is left out. */
export function writtenMailboxes(value: string): readonly WrittenMailbox[] {
  const mailboxes: WrittenMailbox[] = [];
  let tokens: Token[] = [];
  const finish = () => {
    const mailbox = mailboxOf(tokens);
    if (mailbox !== null) mailboxes.push(mailbox);
    tokens = [];
  };
  for (const token of tokensOf(value)) {
    if (token.kind === "," || token.kind === ";") finish();
    // What came before is the name of a group.
    else if (token.kind === ":") tokens = [];
    else tokens.push(token);
  }
  finish();
  return mailboxes;
}

function* tokensOf(value: string): Generator<Token> {
  let at = 0;
  while (at < value.length) {
    const end = endOfToken(value, at);
    const text = value.slice(at, end);
    at = end;
    const first = text[0]!;
    if (first === "," || first === ":" || first === ";") yield { kind: first, text };
    else if (first === '"') yield { kind: "quoted", text };
    else if (first === "(") yield { kind: "comment", text };
    else if (first === "<") yield { kind: "angle", text };
    else yield { kind: "text", text };
  }
}

/** Behind the last character of what begins here; what is never closed goes to the end. */
function endOfToken(value: string, start: number): number {
  const first = value[start];
  if (first === "," || first === ":" || first === ";") return start + 1;
  if (first !== '"' && first !== "(" && first !== "<") {
    // A domain literal may hold colons: ann@[IPv6:::1].
    const text = /(?:\[[^\]\r\n]{0,64}\]|[^",:;(<[]|\[)+/y;
    text.lastIndex = start;
    text.test(value);
    return text.lastIndex;
  }
  let depth = 0;
  let quotes = false;
  for (let at = start; at < value.length; at++) {
    const character = value[at];
    if (character === "\\" && (quotes || first === "(")) at++;
    else if (first === '"') {
      if (character === '"' && at > start) return at + 1;
      quotes = true;
    } else if (first === "(") {
      if (character === "(") depth++;
      if (character === ")" && --depth === 0) return at + 1;
    } else if (character === '"') quotes = !quotes;
    else if (character === ">" && !quotes) return at + 1;
  }
  return value.length;
}

function mailboxOf(tokens: readonly Token[]): WrittenMailbox | null {
  const comments = tokens.filter(({ kind }) => kind === "comment").map(({ text }) => text);
  const angle = tokens.findIndex(({ kind }) => kind === "angle");
  if (angle >= 0) {
    const inside = tokens[angle]!.text.slice(1)
      .replace(/>\s*$/, "")
      .replace(/\([^)]*\)|\s+/g, "");
    // RFC 5322 §4.4: `@one,@two:ann@example.com`.
    const address = inside.replace(/^@[^:]*:/, "");
    if (!address.includes("@")) return null;
    const before = tokens.slice(0, angle);
    const named = before.some(
      ({ kind, text }) => kind === "quoted" || (kind === "text" && text.trim() !== ""),
    );
    return { name: named ? joined(before).trim() : "", comments, address };
  }
  const address = bareAddress(tokens.filter(({ kind }) => kind !== "comment"));
  return address === null ? null : { name: "", comments, address };
}

/** `ann@example.com`, `"ann b"@example.com`, or the word with an @ among others that should not be there. */
function bareAddress(tokens: readonly Token[]): string | null {
  const quoted = tokens.findIndex(
    ({ kind }, index) => kind === "quoted" && tokens[index + 1]?.text.startsWith("@") === true,
  );
  const text = quoted < 0 ? joined(tokens) : tokens[quoted + 1]!.text;
  const word = text.split(/[\s<>"]+/).find((one) => one.includes("@"));
  if (word === undefined) return null;
  return quoted < 0 ? word : tokens[quoted]!.text + word;
}

const joined = (tokens: readonly Token[]) => tokens.map(({ text }) => text).join("");
