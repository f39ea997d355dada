// The dialogue with the server, line by line. Secrets are masked where they are written, not afterwards.

export interface TranscriptLine {
  /** Milliseconds since the dialogue began. */
  readonly ms: number;
  /** `note` is ours: connected to which address, which TLS, how many bytes of content. */
  readonly from: "client" | "server" | "note";
  readonly text: string;
}

const maxTranscriptLines = 500;
/** Characters of all texts together. */
const maxTranscriptSize = 65_536;

/** Takes lines up to its bounds, then says once that more came. Lines that hold a secret arrive masked. */
export class Transcript {
  readonly #lines: TranscriptLine[] = [];
  #size = 0;
  #full = false;

  get lines(): readonly TranscriptLine[] {
    return this.#lines;
  }

  add(line: TranscriptLine): void {
    if (this.#full) return;
    this.#size += line.text.length;
    this.#full = this.#lines.length >= maxTranscriptLines || this.#size > maxTranscriptSize;
    this.#lines.push(this.#full ? { ms: line.ms, from: "note", text: "the rest is left out" } : line);
  }
}
