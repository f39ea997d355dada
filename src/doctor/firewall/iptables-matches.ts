// The conditions of a rule of iptables. What is not known here is told as unknown and never guessed.
import type { Family } from "../facts.ts";
import { spanOf } from "./address.ts";
import {
  type Condition,
  type Element,
  flagBits,
  type NumberField,
  type Span,
  tcp,
  type WordField,
} from "./packet.ts";

const protocols: Readonly<Record<string, bigint>> = {
  tcp,
  udp: 17n,
  udplite: 136n,
  icmp: 1n,
  icmpv6: 58n,
  "ipv6-icmp": 58n,
  igmp: 2n,
  sctp: 132n,
  dccp: 33n,
  gre: 47n,
  esp: 50n,
  ah: 51n,
};

/** Options that only say which module reads the following ones, or that hold of every packet of ours. */
const silent = ["-m", "--match", "--comment"];

export interface Conditions {
  readonly conditions: readonly Condition[];
  /** The users or groups that the rule is for, as it says so. */
  readonly owner: string | null;
}

/** `words` are all between the chain's name and the target. */
export function conditionsOf(words: readonly string[], family: Family): Conditions {
  const conditions: Condition[] = [];
  const owners: string[] = [];
  let at = 0;
  while (at < words.length) {
    const not = words[at] === "!";
    if (not) at += 1;
    const option = words[at] ?? "";
    const end = endOfValues(words, at + 1);
    const values = words.slice(at + 1, end);
    at = Math.max(end, at + 1);
    if (option === "--uid-owner" || option === "--gid-owner")
      owners.push(`${not ? "! " : ""}${option} ${values.join(" ")}`);
    if (!silent.includes(option)) conditions.push(conditionOf(option, values, not, family));
  }
  return { conditions, owner: owners.length === 0 ? null : owners.join(" ") };
}

/** Values never begin like an option; a `!` belongs to the option after it. */
function endOfValues(words: readonly string[], from: number): number {
  // A comment may look like anything.
  if (words[from - 1] === "--comment") return Math.min(from + 1, words.length);
  const end = words.findIndex(
    (word, index) => index >= from && (word === "!" || /^-{1,2}[A-Za-z]/.test(word)),
  );
  return end < 0 ? words.length : end;
}

function conditionOf(option: string, values: readonly string[], not: boolean, family: Family): Condition {
  const [first = "", second = ""] = values;
  const unknown: Condition = { kind: "unknown", what: [option, ...values].join(" ") };
  const among = (tuples: readonly (readonly Element[])[] | null): Condition =>
    tuples === null ? unknown : { kind: "one-of", tuples, not };
  switch (option) {
    case "-p":
    case "--protocol":
      return first === "all" ? { kind: "one-of", tuples: [[]], not } : among(protocolIs(first));
    case "-s":
    case "--source":
      return among(addressIn("source", first, family));
    case "-d":
    case "--destination":
      return among(addressIn("destination", first, family));
    case "--src-range":
      return among(addressIn("source", first, family));
    case "--dst-range":
      return among(addressIn("destination", first, family));
    case "-o":
    case "--out-interface":
      return among(wordIs("out", first));
    case "-i":
    case "--in-interface":
      return among(wordIs("in", first));
    case "--dport":
    case "--destination-port":
    case "--dports":
    case "--destination-ports":
      return among(portIn("destination-port", first));
    case "--sport":
    case "--source-port":
    case "--sports":
    case "--source-ports":
      return among(portIn("source-port", first));
    case "--ports": {
      const to = portIn("destination-port", first);
      const from = portIn("source-port", first);
      return among(to === null || from === null ? null : [...to, ...from]);
    }
    case "--tcp-flags":
      return among(flagsAre(first, second));
    case "--syn":
      return among(flagsAre("FIN,SYN,RST,ACK", "SYN"));
    case "--uid-owner":
      return among(numberIn("user", first));
    case "--gid-owner":
      return among(numberIn("group", first));
    case "--socket-exists":
      return { kind: "one-of", tuples: [[]], not };
    case "--ctstate":
    case "--state":
      return among(stateIs(first));
    case "--ctdir":
      return among([[{ field: "direction", word: first.toLowerCase() }]]);
    case "--mark":
      return among(markIs(first));
    case "--dst-type":
      return among(kindIs("destination-type", first));
    case "--src-type":
      return among(kindIs("source-type", first));
    // Routing headers of IPv6: a connection of ours has none, and so not even another type of them.
    case "--rt-type":
    case "--rt-segsleft":
    case "--rt-len":
      return { kind: "never" };
    default:
      return unknown;
  }
}

function protocolIs(name: string): readonly (readonly Element[])[] | null {
  const number = protocols[name.toLowerCase()] ?? whole(name);
  return number === null ? null : [[{ field: "protocol", span: { low: number, high: number } }]];
}

function addressIn(field: NumberField, text: string, family: Family): readonly (readonly Element[])[] | null {
  const found = spanOf(text);
  return found === null || found.family !== family ? null : [[{ field, span: found.span }]];
}

/** `eth+` stands for every name that begins with `eth`. */
function wordIs(field: WordField, name: string): readonly (readonly Element[])[] {
  return [[name.endsWith("+") ? { field, word: name.slice(0, -1), open: true } : { field, word: name }]];
}

/** `25,465:587`, `1024:`. */
function portIn(field: NumberField, text: string): readonly (readonly Element[])[] | null {
  const spans = text.split(",").map((part) => between(part, ":", 65_535n));
  return everyOne(spans)?.map((span) => [{ field, span }]) ?? null;
}

/** `1000` or `1000-2000`. */
function numberIn(field: NumberField, text: string): readonly (readonly Element[])[] | null {
  const span = between(text, "-", 0xffff_ffffn);
  return span === null ? null : [[{ field, span }]];
}

function between(text: string, sign: ":" | "-", most: bigint): Span | null {
  const [from = "", to] = text.split(sign);
  const low = from === "" && to !== undefined ? 0n : whole(from);
  const high = to === undefined ? low : to === "" ? most : whole(to);
  return low === null || high === null ? null : { low, high };
}

function flagsAre(looked: string, set: string): readonly (readonly Element[])[] | null {
  const mask = bitsOf(looked);
  const bits = bitsOf(set);
  return mask === null || bits === null
    ? null
    : [[{ field: "flags", span: { low: bits, high: bits }, mask }]];
}

function bitsOf(names: string): bigint | null {
  if (names === "NONE") return 0n;
  if (names === "ALL") return 63n;
  const bits = everyOne(names.split(",").map((name) => flagBits[name.toLowerCase()] ?? null));
  return bits === null ? null : bits.reduce((sum, bit) => sum | bit, 0n);
}

/** DNAT and SNAT are no states of a connection but of its addresses; a new one has neither before the nat table. */
function stateIs(text: string): readonly (readonly Element[])[] | null {
  const states = text.toLowerCase().split(",");
  if (states.some((state) => state === "dnat" || state === "snat")) return null;
  return states.map((state) => [{ field: "state", word: state }]);
}

/** `0x8000/0x8000`. */
function markIs(text: string): readonly (readonly Element[])[] | null {
  const [value = "", looked] = text.split("/");
  const bits = whole(value);
  const mask = looked === undefined ? 0xffff_ffffn : whole(looked);
  return bits === null || mask === null ? null : [[{ field: "mark", span: { low: bits, high: bits }, mask }]];
}

function kindIs(field: WordField, text: string): readonly (readonly Element[])[] {
  return text
    .toLowerCase()
    .split(",")
    .map((word) => [{ field, word }]);
}

/** A number as iptables prints it, decimal or with `0x`; null for anything else. */
export function whole(text: string): bigint | null {
  return /^(?:\d{1,20}|0x[\da-f]{1,16})$/i.test(text) ? BigInt(text) : null;
}

function everyOne<T>(found: readonly (T | null)[]): readonly T[] | null {
  const there = found.filter((one) => one !== null);
  return there.length === found.length ? there : null;
}
