// A pattern of the book as words that a person would search for.

/** What one place of a pattern may stand for; null when no words can. */
type Choices = readonly string[] | null;

/** Words like these show the pattern; all of them would bury the telling ones. */
const mostOfOne = 4;
const mostInAll = 12;

/**
 * Phrases that the pattern matches, an ellipsis standing for any words between: alternatives one by one, without what is
 * optional. Takes the syntax that the book's signs use (no nested classes, no named groups); an alternative that holds
 * what no words can say, such as any digit or a raw byte, is left out.
 */
export function phrasesOf({ source }: RegExp): readonly string[] {
  const reader = { source, at: 0 };
  const alternatives: Choices[] = [];
  do alternatives.push(sequence(reader));
  while (taken(reader, "|"));
  const phrases = alternatives.flatMap((choices) => (choices ?? []).slice(0, mostOfOne));
  const tidy = phrases.map((phrase) => phrase.replace(/ {2,}/g, " ").trim());
  return [...new Set(tidy)]
    .filter((phrase) => /[a-z\p{Script=Han}]{2}|\*{4}/iu.test(phrase))
    .slice(0, mostInAll);
}

interface Reader {
  readonly source: string;
  at: number;
}

function taken(reader: Reader, words: string): boolean {
  const found = reader.source.startsWith(words, reader.at);
  if (found) reader.at += words.length;
  return found;
}

/** Up to the next `|`, `)` or the end. */
function sequence(reader: Reader): Choices {
  let said: Choices = [""];
  while (reader.at < reader.source.length && !/[|)]/.test(reader.source.charAt(reader.at))) {
    said = joined(said, place(reader));
  }
  return said;
}

function joined(before: Choices, after: Choices): Choices {
  if (before === null || after === null) return null;
  return before.flatMap((start) => after.map((end) => start + end));
}

/** One group, class or character with the number that follows it. */
function place(reader: Reader): Choices {
  const one = atom(reader);
  const [least, isOptional] = repeats(reader);
  if (isOptional) return one?.[0] === " " || one?.[0] === " … " ? [one[0]] : [""];
  return one === null ? null : one.map((words) => words.repeat(least));
}

/** How often at least, and whether not at all will do. */
function repeats(reader: Reader): readonly [number, boolean] {
  if (taken(reader, "?") || taken(reader, "*")) return [1, true];
  const [whole, least] = /^\{(\d+)(?:,\d*)?\}/.exec(reader.source.slice(reader.at)) ?? [];
  if (whole === undefined) return [1, false];
  reader.at += whole.length;
  return [Number(least), Number(least) === 0];
}

function atom(reader: Reader): Choices {
  if (taken(reader, "(")) return group(reader);
  if (taken(reader, "[")) return oneOf(reader);
  if (taken(reader, "\\")) return escaped(reader);
  const character = reader.source.charAt(reader.at);
  reader.at += 1;
  if (character === "^" || character === "$") return [""];
  return [character === "." ? " … " : character];
}

function group(reader: Reader): Choices {
  const isAbsence = taken(reader, "?!");
  taken(reader, "?:");
  const choices: Choices[] = [];
  do choices.push(sequence(reader));
  while (taken(reader, "|"));
  taken(reader, ")");
  if (isAbsence) return [""];
  const known = choices.flatMap((choice) => choice ?? []);
  return known.length === 0 ? null : known;
}

/** A few letters are spellings, each of them worth naming; of other characters one stands for all. */
function oneOf(reader: Reader): Choices {
  const end = reader.source.indexOf("]", reader.at);
  const within = reader.source.slice(reader.at, end);
  reader.at = end + 1;
  if (/\\|\w-\w/.test(within)) return null;
  if (/^\w{1,3}$/.test(within)) return [...within];
  return [within.includes(" ") && within.length === 2 ? " " : within.charAt(0)];
}

function escaped(reader: Reader): Choices {
  const character = reader.source.charAt(reader.at);
  reader.at += 1;
  if (character === "b") return [""];
  if (character === "s") return [" "];
  return /[\w\\]/.test(character) ? null : [character];
}
