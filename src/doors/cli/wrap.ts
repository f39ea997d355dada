// Long texts on a terminal: broken between words, and between Chinese characters, which have no spaces.

const escapeCharacter = String.fromCharCode(27);
const sgr = new RegExp(`${escapeCharacter}\\[[0-9;]*m`, "g");
/** A colour, or one character. */
const colourOrCharacter = new RegExp(`${escapeCharacter}\\[[0-9;]*m|.`, "gsu");
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;

/** Columns on a terminal: CJK and full-width characters take two, colours none. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text.replace(sgr, "")) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** What stays together: a word or one Chinese character, with the punctuation that may not begin or end a line. */
const piece =
  /\s*[“（《]*(?:[\u2e80-\u2fff\u3040-\u9fff]|[^\s\u2e80-\u9fff\uff00-\uff60“”]+)?[、。，；：！？）》”]*/gu;

/** What a terminal that does not know its size is taken for. */
const usual = 80;
/** A narrower one does not say the truth, or nothing can be laid out on it. */
const narrowest = 30;

/** How wide the terminal is; null where there is none. A terminal without a window (`docker run -t`, `script`) says 0. */
export function terminalColumns(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | null {
  if (!stream.isTTY) return null;
  return stream.columns !== undefined && stream.columns >= narrowest ? stream.columns : usual;
}

/** The text in lines of at most `columns`; a word that is longer keeps a line to itself. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const [next] of text.matchAll(piece)) {
    if (line !== "" && width(line) + width(next) > columns) {
      lines.push(line);
      line = next.trimStart();
    } else line += next;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

/** The text on one line of at most `columns`, its end marked where something is left out; colours are ended all the same. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = "";
  let taken = 0;
  let full = false;
  for (const [piece] of text.matchAll(colourOrCharacter)) {
    const needed = width(piece);
    if (!full && taken + needed >= columns) {
      kept += "…";
      full = true;
    }
    if (full && needed > 0) continue;
    kept += piece;
    taken += needed;
  }
  return kept;
}
