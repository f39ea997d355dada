// Names and passwords made comparable (SASLprep, RFC 4013, as far as Unicode's own normalisation goes).

/** Tables C.1.2 (other spaces) and B.1 (characters that are dropped) of RFC 3454. */
const otherSpaces = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/gu;
const dropped = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|[\u200C-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu;

/**
 * Other spaces become a space, invisible characters go, the rest is normalised by NFKC. What RFC
 * 4013 forbids is left in: only the server can say whether such a password is right.
 */
export function saslPrep(text: string): string {
  return text.replace(otherSpaces, " ").replace(dropped, "").normalize("NFKC");
}

/** RFC 5802 §5.1: comma and equals sign as `=2C` and `=3D`. */
export function saslName(name: string): string {
  return saslPrep(name).replaceAll("=", "=3D").replaceAll(",", "=2C");
}
