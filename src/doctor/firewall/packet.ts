// A packet as rules see it, and whether a condition holds of it: yes, no, or not to be told.
import type { Family } from "../facts.ts";

/** From `low` to `high`, both included. A value that is not known for certain is a wide span. */
export interface Span {
  readonly low: bigint;
  readonly high: bigint;
}

/** Numbers that rules compare. Addresses are read as one number, 32 or 128 bits. */
export const numbers = [
  "protocol",
  "source",
  "destination",
  "source-port",
  "destination-port",
  "user",
  "group",
  "mark",
  "flags",
] as const;

/** Words that rules compare: names of interfaces, states of conntrack, kinds of addresses. */
export const words = ["out", "in", "state", "direction", "source-type", "destination-type"] as const;

export type NumberField = (typeof numbers)[number];
export type WordField = (typeof words)[number];

export interface Packet {
  readonly family: Family;
  readonly numbers: Readonly<Record<NumberField, Span>>;
  /** Null where it is not known. */
  readonly words: Readonly<Record<WordField, string | null>>;
}

export type Holds = "yes" | "no" | "unknown";

/** What one place of a packet is compared with. */
export type Element =
  | { readonly field: NumberField; readonly span: Span; readonly mask?: bigint }
  /** `open`: the word only has to begin so (`eth*`). */
  | { readonly field: WordField; readonly word: string; readonly open?: boolean };

export type Condition =
  /** One of the tuples fits in all of its places; or none does. */
  | { readonly kind: "one-of"; readonly tuples: readonly (readonly Element[])[]; readonly not: boolean }
  | { readonly kind: "family"; readonly family: Family }
  /** Holds of no TCP packet of a connection: another protocol's field. */
  | { readonly kind: "never" }
  /** What we cannot evaluate: a rate, a list that another tool keeps, time. */
  | { readonly kind: "unknown"; readonly what: string };

/** TCP (RFC 9293), as an IP header tells it. */
export const tcp = 6n;

/** Bits of the TCP header (RFC 9293 §3.1). */
export const flagBits: Readonly<Record<string, bigint>> = {
  fin: 1n,
  syn: 2n,
  rst: 4n,
  psh: 8n,
  ack: 16n,
  urg: 32n,
  ecn: 64n,
  cwr: 128n,
};

export function exactly(value: bigint | number): Span {
  return { low: BigInt(value), high: BigInt(value) };
}

const everything: Readonly<Record<NumberField, Span>> = {
  protocol: { low: 0n, high: 255n },
  source: { low: 0n, high: (1n << 128n) - 1n },
  destination: { low: 0n, high: (1n << 128n) - 1n },
  "source-port": { low: 0n, high: 65_535n },
  "destination-port": { low: 0n, high: 65_535n },
  user: { low: 0n, high: 0xffff_ffffn },
  group: { low: 0n, high: 0xffff_ffffn },
  mark: { low: 0n, high: 0xffff_ffffn },
  flags: { low: 0n, high: 255n },
};

/** Every value that a field can have: nothing is known of it. */
export function anyOf(field: NumberField): Span {
  return everything[field];
}

export function withNumbers(packet: Packet, changed: Partial<Packet["numbers"]>): Packet {
  return { ...packet, numbers: { ...packet.numbers, ...changed } };
}

export function withWords(packet: Packet, changed: Partial<Packet["words"]>): Packet {
  return { ...packet, words: { ...packet.words, ...changed } };
}

/** Whether all of the conditions hold. One that surely does not decides, whatever the others are. */
export function hold(conditions: readonly Condition[], packet: Packet): Holds {
  let all: Holds = "yes";
  for (const condition of conditions) {
    const one = holds(condition, packet);
    if (one === "no") return "no";
    if (one === "unknown") all = "unknown";
  }
  return all;
}

export function holds(condition: Condition, packet: Packet): Holds {
  switch (condition.kind) {
    case "never":
      return "no";
    case "unknown":
      return "unknown";
    case "family":
      return condition.family === packet.family ? "yes" : "no";
    case "one-of": {
      const one = oneOf(condition.tuples, packet);
      if (!condition.not || one === "unknown") return one;
      return one === "yes" ? "no" : "yes";
    }
  }
}

function oneOf(tuples: readonly (readonly Element[])[], packet: Packet): Holds {
  let any: Holds = "no";
  for (const tuple of tuples) {
    const fits = allFit(tuple, packet);
    if (fits === "yes") return "yes";
    if (fits === "unknown") any = "unknown";
  }
  return any;
}

function allFit(tuple: readonly Element[], packet: Packet): Holds {
  let all: Holds = "yes";
  for (const element of tuple) {
    const one = compared(element, packet);
    if (one === "no") return "no";
    if (one === "unknown") all = "unknown";
  }
  return all;
}

function compared(element: Element, packet: Packet): Holds {
  if ("word" in element) {
    const value = packet.words[element.field];
    if (value === null) return "unknown";
    const same = element.open === true ? value.startsWith(element.word) : value === element.word;
    return same ? "yes" : "no";
  }
  const { span, mask } = element;
  const value = masked(packet.numbers[element.field], mask);
  if (value === null) return "unknown";
  if (value.high < span.low || value.low > span.high) return "no";
  return value.low >= span.low && value.high <= span.high ? "yes" : "unknown";
}

/** Which bits of an uncertain number are set cannot be told, unless none is asked for. */
function masked(value: Span, mask: bigint | undefined): Span | null {
  if (mask === undefined) return value;
  if (mask === 0n) return exactly(0n);
  return value.low === value.high ? exactly(value.low & mask) : null;
}
