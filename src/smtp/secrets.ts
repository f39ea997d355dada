// Keeps secrets out of everything that is shown: the server's replies pass here before anything else sees them.
import type { Reply } from "./reply.ts";

const mask = "***";

/** Fewer characters of base64 than this say nothing, and would be found everywhere. */
const shortest = 4;

/** A shorter secret is hidden where it stands as a word of its own: inside other words it says nothing and would garble them. */
const shortestInside = 8;

export class Secrets {
  /** What to hide, and whether only as a word of its own. */
  readonly #needles = new Map<string, boolean>();
  #pattern: RegExp | null = null;

  /** A password or token: found as it is and inside whatever is sent in base64, wherever in it. */
  add(secret: string): void {
    if (secret === "") return;
    this.#needles.set(secret, secret.length < shortestInside);
    for (const piece of insideBase64(secret)) if (piece.length >= shortest) this.#needles.set(piece, false);
    this.#pattern = null;
  }

  /** A line that held a secret, in the very form in which it was sent. */
  addLine(line: string): void {
    if (line.length < shortest) return;
    this.#needles.set(line, false);
    this.#pattern = null;
  }

  maskText(text: string): string {
    if (this.#needles.size === 0) return text;
    this.#pattern ??= new RegExp([...this.#needles].sort(longestFirst).map(sought).join("|"), "gu");
    return text.replace(this.#pattern, mask);
  }

  /** The same value when there is nothing to hide. */
  maskReply(reply: Reply): Reply {
    if (this.#needles.size === 0) return reply;
    const lines = reply.lines.map((line) => this.maskText(line));
    return lines.every((line, index) => line === reply.lines[index]) ? reply : { ...reply, lines };
  }
}

function sought([needle, asWord]: readonly [string, boolean]): string {
  const text = literally(needle);
  return asWord ? `(?<![\\p{L}\\p{N}])${text}(?![\\p{L}\\p{N}])` : text;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function longestFirst([one]: readonly [string, boolean], [other]: readonly [string, boolean]): number {
  return other.length - one.length;
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
