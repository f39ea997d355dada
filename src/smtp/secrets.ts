// Keeps secrets out of everything that is shown: the server's replies pass here before anything else sees them.
import { printable } from "./printable.ts";
import type { Reply } from "./reply.ts";

const mask = "***";

/** Fewer characters of base64 than this say nothing, and would be found everywhere. */
const shortest = 4;

/** A shorter secret is hidden where it stands as a word of its own: inside other words it says nothing and would garble them. */
const shortestInside = 8;

/** So much of the beginning of a base64 is enough to hide what follows of it: servers and packets cut lines anywhere. */
const telling = 8;

interface Needle {
  readonly text: string;
  /** How much of its beginning has to be there. */
  readonly head: number;
  readonly asWord: boolean;
}

export class Secrets {
  readonly #needles = new Map<string, Needle>();
  #pattern: RegExp | null = null;

  /** A password or token: found as it is and inside whatever is sent in base64, wherever in it. */
  add(secret: string): void {
    if (secret === "") return;
    const asWord = secret.length < shortestInside;
    for (const text of [secret, printable(Buffer.from(secret, "utf8"), Number.POSITIVE_INFINITY)]) {
      this.#add({ text, head: text.length, asWord });
    }
    for (const text of insideBase64(secret)) this.addLine(text);
  }

  /** Base64 that held a secret, in the very form in which it was sent. */
  addLine(text: string): void {
    if (text.length >= shortest) this.#add({ text, head: Math.min(text.length, telling), asWord: false });
  }

  maskText(text: string): string {
    if (this.#needles.size === 0) return text;
    this.#pattern ??= new RegExp([...this.#needles.values()].sort(longestFirst).map(sought).join("|"), "gu");
    const pattern = this.#pattern;
    let shown = "";
    let from = 0;
    pattern.lastIndex = 0;
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      shown += text.slice(from, found.index) + mask;
      from = found.index + this.#length(text, found.index, found[0]);
      pattern.lastIndex = from;
    }
    return shown + text.slice(from);
  }

  /** The same value when there is nothing to hide. */
  maskReply(reply: Reply): Reply {
    if (this.#needles.size === 0) return reply;
    const lines = reply.lines.map((line) => this.maskText(line));
    return lines.every((line, index) => line === reply.lines[index]) ? reply : { ...reply, lines };
  }

  #add(needle: Needle): void {
    this.#needles.set(needle.text, needle);
    this.#pattern = null;
  }

  /** How far what was found by its `head` goes on. */
  #length(text: string, at: number, head: string): number {
    let longest = head.length;
    for (const needle of this.#needles.values()) {
      if (!needle.text.startsWith(head)) continue;
      let length = head.length;
      while (length < needle.text.length && text[at + length] === needle.text[length]) length += 1;
      longest = Math.max(longest, length);
    }
    return longest;
  }
}

function sought({ text, head, asWord }: Needle): string {
  const literal = literally(text.slice(0, head));
  return asWord ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function longestFirst(one: Needle, other: Needle): number {
  return other.head - one.head;
}

/**
 * The characters that any base64 has to contain when the text stands somewhere in what it encodes:
 * one row for each of the three ways in which bytes can fall on groups of six bits.
 */
function insideBase64(text: string): string[] {
  const bytes = Buffer.from(text, "utf8");
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}
