// The comparisons of nftables. What is not known here is told as unknown and never guessed.
import type { Family } from "../facts.ts";
import { numberOf, prefix, spanOf } from "./address.ts";
import { isRecord, type Json, type JsonRecord, listOf, numberIn, textIn } from "./json.ts";
import type { Names } from "./nft.ts";
import {
  anyOf,
  type Condition,
  type Element,
  exactly,
  flagBits,
  type NumberField,
  numbers,
  type Span,
  tcp,
  type WordField,
} from "./packet.ts";

/** What stands on the left: a field of the packet, perhaps with a mask; or nothing that a TCP packet has. */
type Left =
  | {
      readonly kind: "field";
      readonly field: NumberField | WordField;
      readonly family?: Family;
      readonly mask?: bigint;
    }
  | { readonly kind: "never" }
  | { readonly kind: "unknown" };

const metaFields: Readonly<Record<string, NumberField | WordField>> = {
  oif: "out",
  oifname: "out",
  iif: "in",
  iifname: "in",
  skuid: "user",
  skgid: "group",
  l4proto: "protocol",
  mark: "mark",
};

/** Fields of the headers, by protocol and name; those of IP hold for one family. */
const payloadFields: Readonly<Record<string, { readonly field: NumberField; readonly family?: Family }>> = {
  "tcp dport": { field: "destination-port" },
  "tcp sport": { field: "source-port" },
  "tcp flags": { field: "flags" },
  "th dport": { field: "destination-port" },
  "th sport": { field: "source-port" },
  "ip daddr": { field: "destination", family: 4 },
  "ip saddr": { field: "source", family: 4 },
  "ip protocol": { field: "protocol", family: 4 },
  "ip6 daddr": { field: "destination", family: 6 },
  "ip6 saddr": { field: "source", family: 6 },
  // The first header after IPv6 is TCP's own for a connection of ours: it has no extension headers.
  "ip6 nexthdr": { field: "protocol", family: 6 },
};

/** Headers that a packet of TCP has not. */
const others = [
  "udp",
  "udplite",
  "sctp",
  "dccp",
  "icmp",
  "icmpv6",
  "igmp",
  "esp",
  "ah",
  "comp",
  "arp",
  "vlan",
];

const words: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  protocol: {
    tcp,
    udp: 17n,
    icmp: 1n,
    icmpv6: 58n,
    "ipv6-icmp": 58n,
    sctp: 132n,
    dccp: 33n,
    udplite: 136n,
    gre: 47n,
    esp: 50n,
    ah: 51n,
    igmp: 2n,
  },
  flags: flagBits,
};

const isNumber = (field: NumberField | WordField): field is NumberField =>
  (numbers as readonly string[]).includes(field);

/** What stands under `match`. More than one where a field is only there in packets of one family. */
export function conditionsOf(of: Json, names: Names): readonly Condition[] {
  const unknown: readonly Condition[] = [{ kind: "unknown", what: JSON.stringify(of) }];
  if (!isRecord(of)) return unknown;
  const { left = null, right = null } = of;
  const op = textIn(of.op) || "==";
  if (isFamily(left)) return familyIs(op, right) ?? unknown;
  const lefts = leftsOf(left);
  if (lefts.some(({ kind }) => kind === "never")) return [{ kind: "never" }];
  const fields = lefts.filter((one) => one.kind === "field");
  if (fields.length !== lefts.length) return unknown;
  const [first, ...more] = fields;
  if (first === undefined) return unknown;
  const compared =
    op === "in" && first.field === "flags" && more.length === 0
      ? anyFlag(first, right)
      : tuplesOf(op, fields, right, names);
  if (compared === null) return unknown;
  const families = new Set(fields.flatMap(({ family }) => family ?? []));
  return [...[...families].map((family): Condition => ({ kind: "family", family })), compared];
}

/** One condition for a verdict map's key and one of its choices. */
export function choiceOf(key: Json, wanted: Json, names: Names): readonly Condition[] {
  return conditionsOf({ op: "==", left: key, right: { set: [wanted] } }, names);
}

function leftsOf(left: Json): readonly Left[] {
  if (!isRecord(left)) return [{ kind: "unknown" }];
  if (left.concat !== undefined) return listOf(left.concat).flatMap(leftsOf);
  return [leftOf(left)];
}

function leftOf(left: JsonRecord): Left {
  const { meta, payload, ct, fib, exthdr } = left;
  if (left["&"] !== undefined) {
    const [of = null, mask = null] = listOf(left["&"]);
    const inner = isRecord(of) ? leftOf(of) : unknownLeft;
    const bits = inner.kind === "field" && isNumber(inner.field) ? bitsOf(inner.field, mask) : null;
    return inner.kind === "field" && bits !== null ? { ...inner, mask: bits } : unknownLeft;
  }
  if (isRecord(meta)) return fieldLeft(metaFields[textIn(meta.key)]);
  // Headers between IPv6 and TCP: a connection of ours has none.
  if (isRecord(exthdr)) return { kind: "never" };
  if (isRecord(payload)) {
    const protocol = textIn(payload.protocol);
    if (others.includes(protocol)) return { kind: "never" };
    const found = payloadFields[`${protocol} ${textIn(payload.field)}`];
    return found === undefined ? unknownLeft : { kind: "field", ...found };
  }
  if (isRecord(ct)) {
    if (ct.key === "state") return fieldLeft("state");
    if (ct.key === "direction") return fieldLeft("direction");
    return unknownLeft;
  }
  if (isRecord(fib) && fib.result === "type") {
    const flags = typeof fib.flags === "string" ? [fib.flags] : listOf(fib.flags).map(textIn);
    if (flags.length !== 1) return unknownLeft;
    if (flags[0] === "daddr") return fieldLeft("destination-type");
    if (flags[0] === "saddr") return fieldLeft("source-type");
  }
  return unknownLeft;
}

const unknownLeft: Left = { kind: "unknown" };

function fieldLeft(field: NumberField | WordField | undefined): Left {
  return field === undefined ? unknownLeft : { kind: "field", field };
}

/** `meta nfproto` and `meta protocol` ask for IPv4 or IPv6. */
function isFamily(left: Json): boolean {
  return (
    isRecord(left) && isRecord(left.meta) && (left.meta.key === "nfproto" || left.meta.key === "protocol")
  );
}

const familyWords: Readonly<Record<string, Family>> = { ipv4: 4, ip: 4, ipv6: 6, ip6: 6 };

function familyIs(op: string, right: Json): readonly Condition[] | null {
  const family = familyWords[textIn(right)];
  if (family === undefined) return null;
  return [{ kind: "family", family: op === "!=" ? (family === 4 ? 6 : 4) : family }];
}

type FieldLeft = Extract<Left, { kind: "field" }>;

function tuplesOf(op: string, lefts: readonly FieldLeft[], right: Json, names: Names): Condition | null {
  const elements = elementsOf(right, names);
  const tuples = elements?.map((element) => tupleOf(op, lefts, element)) ?? [];
  const known = tuples.filter((tuple) => tuple !== null);
  if (elements === null || known.length !== elements.length) return null;
  return { kind: "one-of", tuples: known, not: op === "!=" };
}

function tupleOf(op: string, lefts: readonly FieldLeft[], element: Json): readonly Element[] | null {
  const value = unwrapped(element);
  const parts = lefts.length === 1 ? [value] : listOf(isRecord(value) ? value.concat : null);
  const places = lefts.map((left, at) => placeOf(op, left, unwrapped(parts[at] ?? null)));
  const known = places.filter((place) => place !== null);
  return known.length === lefts.length ? known : null;
}

/** What a right side may be: one value, a list, a set written out, or one that has a name (`@mail`). Null for a name that is not there. */
export function elementsOf(right: Json, { sets }: Names): readonly Json[] | null {
  if (typeof right === "string" && right.startsWith("@")) return sets.get(right.slice(1))?.elements ?? null;
  if (Array.isArray(right)) return listOf(right);
  if (!isRecord(right)) return [right];
  if (right.set !== undefined) return Array.isArray(right.set) ? listOf(right.set) : [right.set];
  return right["|"] !== undefined ? listOf(right["|"]) : [right];
}

/** An element with a comment, a counter or a timeout stands in a record of its own. */
function unwrapped(element: Json): Json {
  return isRecord(element) && isRecord(element.elem) ? (element.elem.val ?? null) : element;
}

function placeOf(op: string, { field, mask }: FieldLeft, value: Json): Element | null {
  if (!isNumber(field)) {
    if (typeof value !== "string" || (op !== "==" && op !== "!=" && op !== "in")) return null;
    return value.endsWith("*") ? { field, word: value.slice(0, -1), open: true } : { field, word: value };
  }
  const span = mask === undefined ? spanIn(field, value) : bitsIn(field, value);
  const ordered = span === null ? null : inOrder(op, field, span);
  return ordered === null ? null : { field, span: ordered, ...(mask === undefined ? {} : { mask }) };
}

function bitsIn(field: NumberField, value: Json): Span | null {
  const bits = bitsOf(field, value);
  return bits === null ? null : exactly(bits);
}

function spanIn(field: NumberField, value: Json): Span | null {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? exactly(value) : null;
  if (typeof value === "string") {
    if (value === "*") return anyOf(field);
    const named = words[field]?.[value];
    if (named !== undefined) return exactly(named);
    return field === "source" || field === "destination" ? (spanOf(value)?.span ?? null) : null;
  }
  if (!isRecord(value)) return null;
  if (value.range !== undefined) {
    const [from = null, to = null] = listOf(value.range);
    const low = spanIn(field, from);
    const high = spanIn(field, to);
    return low === null || high === null ? null : { low: low.low, high: high.high };
  }
  if (!isRecord(value.prefix)) return bitsIn(field, value);
  const base = numberOf(textIn(value.prefix.addr));
  const length = numberIn(value.prefix.len);
  if (base === null || length === null || length < 0 || length > (base.family === 4 ? 32 : 128)) return null;
  return prefix(base, length);
}

function inOrder(op: string, field: NumberField, { low, high }: Span): Span | null {
  const all = anyOf(field);
  switch (op) {
    case "==":
    case "!=":
      return { low, high };
    case "<":
      return { low: all.low, high: low - 1n };
    case "<=":
      return { low: all.low, high };
    case ">":
      return { low: high + 1n, high: all.high };
    case ">=":
      return { low, high: all.high };
    default:
      return null;
  }
}

/** `tcp flags syn`: at least one of them is set. */
function anyFlag({ field }: FieldLeft, right: Json): Condition | null {
  const bits = isNumber(field) ? bitsOf(field, right) : null;
  if (bits === null || !isNumber(field)) return null;
  return { kind: "one-of", tuples: [[{ field, span: exactly(0n), mask: bits }]], not: true };
}

/** A number, a word for one, or several of them together. */
function bitsOf(field: NumberField, value: Json): bigint | null {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? BigInt(value) : null;
  if (typeof value === "string") return words[field]?.[value] ?? null;
  const parts = Array.isArray(value) ? listOf(value) : isRecord(value) ? listOf(value["|"]) : [];
  if (parts.length === 0) return null;
  return parts.reduce<bigint | null>((sum, part) => {
    const bits = bitsOf(field, part);
    return sum === null || bits === null ? null : sum | bits;
  }, 0n);
}

/** What a mark becomes by `meta mark set`: (mark & ~mask) ^ bits. Null when that cannot be told. */
export function markAfter(value: Json): { readonly mask: bigint; readonly bits: bigint } | null {
  const all = 0xffff_ffffn;
  if (typeof value === "number") return { mask: all, bits: BigInt(value) };
  if (!isRecord(value)) return null;
  for (const [op, sides] of Object.entries(value)) {
    const [of = null, number] = listOf(sides);
    if (!isRecord(of) || typeof number !== "number") return null;
    const bits = BigInt(number);
    const inner = isRecord(of.meta) && of.meta.key === "mark" ? { mask: 0n, bits: 0n } : markAfter(of);
    if (inner === null) return null;
    if (op === "|") return { mask: inner.mask | bits, bits: (inner.bits & ~bits) | bits };
    if (op === "&") return { mask: inner.mask | (~bits & all), bits: inner.bits & bits };
    if (op === "^") return { mask: inner.mask, bits: inner.bits ^ bits };
  }
  return null;
}
