// What is wrong with a message that someone wants to send.

/** Says which field, what is wrong with it and where. Nothing was stored or sent. */
export class MessageError extends Error {
  /** As the caller wrote it: `to`, `headers.X-Name`, `attachments[0].filename`; `message` for the whole. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = "MessageError";
    this.field = field;
  }
}

/** A text in a message for people: quoted, on one line, not longer than some 80 characters, with nothing invisible in it. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(short).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u${codeOf(c)}`);
}

/** One character in a message for people. */
export function shown(character: string): string {
  return /[\p{C}\p{Z}]/u.test(character) ? `the character U+${codeOf(character)}` : character;
}

function codeOf(character: string): string {
  return character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
}

/** C0 and C1 controls and DEL: CR and LF would begin a header of their own, NUL ends a string in other programs. */
const control = /[\p{Cc}]/u;

/** Refuses what no field of one line may hold. `problem` says which character and where, from 1; null when there is none. */
export function unfit(text: string): string | null {
  if (!text.isWellFormed()) return "it holds half of a character (a lone surrogate)";
  const found = control.exec(text);
  if (found === null) return null;
  const names: Readonly<Record<string, string>> = {
    "\r": "a carriage return (CR)",
    "\n": "a line feed (LF)",
    "\0": "a NUL",
    "\t": "a tab",
  };
  return `it holds ${names[found[0]] ?? `the control character U+${codeOf(found[0])}`} at character ${found.index + 1}`;
}
