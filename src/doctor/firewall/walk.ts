// The way of one packet through all rules, in the order in which the kernel takes them.
import { anyOf, exactly, hold, type Packet, type Span, withNumbers, withWords } from "./packet.ts";
import type { Chain, Effect, Entry, Hook, Line, Table } from "./ruleset.ts";

/** A rule or a policy that ends a packet's way, or turns it elsewhere. */
export interface Stop {
  readonly action: "drop" | "reject" | "redirect";
  readonly with?: string;
  readonly table: Table;
  readonly entry: Entry;
  /** The chain that the rule stands in. */
  readonly chain: string;
  /** Null when it is the entry's policy. */
  readonly line: Line | null;
  /** False where something that we cannot evaluate decides whether it acts. */
  readonly certain: boolean;
}

/** How deep chains may call each other: the kernel's own bound (NFT_JUMP_STACK_SIZE). */
const deepest = 16;

/** Rules looked at for one packet before we give up on telling. */
const mostLines = 500_000;

interface Way {
  packet: Packet;
  readonly table: Table;
  readonly entry: Entry;
  readonly stops: Stop[];
  /** On one of the ways that the packet may have taken so far, this table let it pass. */
  passed: boolean;
  left: number;
}

/** Where a packet goes from a chain that it has entered: it never comes back, or on some way it does. */
type End = "ends" | "returns";

/**
 * What stops or turns this packet at these hooks, in the order in which it acts. Nothing follows one that certainly
 * stops it; a redirect lets it go on to where it is turned.
 */
export function stopsOf(tables: readonly Table[], hooks: readonly Hook[], packet: Packet): readonly Stop[] {
  const stops: Stop[] = [];
  let here = packet;
  let left = mostLines;
  for (const { table, entry } of entriesOf(tables, hooks, packet)) {
    if (entry.nat && here.words.state === "untracked") continue;
    const turned = entry.hook !== "output" && stops.some(({ action }) => action === "redirect");
    const seen = asSeenAt(entry, turned ? withWords(here, { out: null }) : here);
    const way: Way = { packet: seen, table, entry, stops, passed: false, left };
    const end = through(way, entry.chain, false, 0);
    if (end === "returns") {
      if (entry.policy === "accept") way.passed = true;
      else stops.push({ action: "drop", table, entry, chain: entry.chain, line: null, certain: !way.passed });
    }
    if (!way.passed) return stops;
    left = way.left;
    here = leaving(here, way.packet);
  }
  return stops;
}

function entriesOf(tables: readonly Table[], hooks: readonly Hook[], { family, words }: Packet) {
  const isOf = (device: string | null, used: string | null) =>
    device === null || used === null || device === used;
  return hooks.flatMap((hook) =>
    tables
      .filter(({ families }) => families.includes(family))
      .flatMap((table) => table.entries.map((entry) => ({ table, entry })))
      .filter(
        ({ entry }) => entry.hook === hook && isOf(entry.device, words[hook === "egress" ? "out" : "in"]),
      )
      .sort((one, other) => one.entry.priority - other.entry.priority),
  );
}

/** Conntrack looks at a packet at priority -200 (NF_IP_PRI_CONNTRACK); before that nobody knows of a connection. */
function asSeenAt({ hook, priority }: Entry, packet: Packet): Packet {
  const early = hook === "ingress" || ((hook === "output" || hook === "prerouting") && priority <= -200);
  return early && packet.words.state !== "untracked" ? withWords(packet, { state: "invalid" }) : packet;
}

function leaving(before: Packet, after: Packet): Packet {
  const { state } = after.words;
  return state === "untracked" || state === null
    ? after
    : withWords(after, { state: before.words.state, out: before.words.out });
}

/** `doubt`: whether the packet gets here depends on what we cannot evaluate. */
function through(way: Way, name: string, doubt: boolean, depth: number): End {
  const chain = way.table.chains.get(name);
  if (chain === undefined || depth > deepest) return unreadable(way);
  let skipped = false;
  for (const line of chain.lines) {
    way.left -= 1;
    if (way.left <= 0) return unreadable(way);
    const met = hold(line.conditions, way.packet);
    if (met === "no") continue;
    const step = act(way, chain, line, doubt || skipped || met === "unknown", depth);
    if (step === "on") continue;
    if (met === "yes") return step === "ends" && !skipped ? "ends" : "returns";
    if (step === "leaves") skipped = true;
  }
  return "returns";
}

/** Whatever is decided there may be in our favour. */
function unreadable(way: Way): End {
  way.passed = true;
  return "ends";
}

/** What a rule does, given that it is met. `leaves`: back to the chain that called this one. */
function act(way: Way, chain: Chain, line: Line, doubt: boolean, depth: number): "on" | "ends" | "leaves" {
  for (const effect of line.effects) {
    switch (effect.kind) {
      case "accept":
        way.passed = true;
        return "ends";
      case "drop":
      case "reject":
        stop(way, chain, line, effect, doubt);
        return "ends";
      case "redirect":
        turn(way, chain, line, effect, doubt);
        way.passed = true;
        return "ends";
      case "jump":
        if (through(way, effect.chain, doubt, depth + 1) === "ends") return "ends";
        break;
      case "goto":
        return through(way, effect.chain, doubt, depth + 1) === "ends" ? "ends" : "leaves";
      case "return":
        return "leaves";
      case "mark":
        way.packet = marked(way.packet, effect.to, doubt);
        break;
      case "untrack":
        way.packet = withWords(way.packet, { state: doubt ? null : "untracked" });
        break;
      case "queue":
        stop(way, chain, line, { kind: "drop" }, true);
        way.passed = true;
        return "ends";
      case "unknown":
        way.passed = true;
        break;
    }
  }
  return "on";
}

function stop(
  { stops, table, entry, passed }: Way,
  chain: Chain,
  line: Line,
  effect: Extract<Effect, { kind: "drop" | "reject" }>,
  doubt: boolean,
): void {
  const answer = effect.kind === "reject" ? { with: effect.with } : {};
  stops.push({
    action: effect.kind,
    ...answer,
    table,
    entry,
    chain: chain.name,
    line,
    certain: !doubt && !passed,
  });
}

function turn(way: Way, chain: Chain, line: Line, { to, port }: Redirect, doubt: boolean): void {
  const { table, entry, packet, stops } = way;
  const certain = !doubt && !way.passed;
  stops.push({ action: "redirect", table, entry, chain: chain.name, line, certain });
  way.packet = withWords(
    withNumbers(packet, {
      destination: certain ? addressTurned(packet, to) : anyOf("destination"),
      "destination-port": certain ? portTurned(packet, port) : anyOf("destination-port"),
    }),
    { "destination-type": null },
  );
}

type Redirect = Extract<Effect, { kind: "redirect" }>;

function addressTurned({ family, numbers }: Packet, to: Redirect["to"]): Span {
  if (to === null) return anyOf("destination");
  if (to === "same") return numbers.destination;
  return exactly(to === "here" ? (family === 4 ? 0x7f00_0001n : 1n) : to.value);
}

function portTurned({ numbers }: Packet, port: Redirect["port"]): Span {
  if (port === null) return anyOf("destination-port");
  return port === "same" ? numbers["destination-port"] : exactly(port);
}

const allBits = 0xffff_ffffn;

function marked(packet: Packet, to: Extract<Effect, { kind: "mark" }>["to"], doubt: boolean): Packet {
  const { low, high } = packet.numbers.mark;
  if (to === null || doubt) return withNumbers(packet, { mark: anyOf("mark") });
  if (to.mask === allBits) return withNumbers(packet, { mark: exactly(to.bits) });
  if (low !== high) return packet;
  return withNumbers(packet, { mark: exactly(((low & ~to.mask) ^ to.bits) & allBits) });
}
