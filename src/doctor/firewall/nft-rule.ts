// One rule of nftables: its conditions, what it does, and the choices of its verdict maps.

import { numberOf } from "./address.ts";
import { isRecord, type Json, type JsonRecord, listOf, numberIn, textIn } from "./json.ts";
import type { Names } from "./nft.ts";
import { choiceOf, conditionsOf, elementsOf, markAfter } from "./nft-expression.ts";
import type { Condition } from "./packet.ts";
import type { Effect, Line } from "./ruleset.ts";

/** Statements that change nothing which rules here look at, and after which the rule goes on. */
const passing = [
  "counter",
  "log",
  "comment",
  "set",
  "map",
  "ct helper",
  "ct timeout",
  "ct expectation",
  "secmark",
  "flow",
  "dup",
  "meter",
  "synproxy",
  "last",
  "reset",
];

/** Several lines for a verdict map: one for each of its choices, and a packet meets one of them at most. */
export function linesOf(
  statements: readonly Json[],
  text: string,
  handle: number | null,
  names: Names,
): readonly Line[] {
  let choices: readonly { readonly conditions: readonly Condition[]; readonly effects: readonly Effect[] }[] =
    [{ conditions: [], effects: [] }];
  let packets: number | null = null;
  const owners: string[] = [];
  for (const statement of statements) {
    if (!isRecord(statement)) continue;
    for (const [name, of] of Object.entries(statement)) {
      if (name === "counter") packets = countOf(of, names);
      if (name === "match" && isRecord(of) && isOwner(of)) owners.push(ownerText(text));
      const step = stepsOf(name, of, names);
      choices = choices.flatMap((choice) =>
        step.map(({ conditions = [], effects = [] }) => ({
          conditions: [...choice.conditions, ...conditions],
          effects: [...choice.effects, ...effects],
        })),
      );
    }
  }
  return choices.map((choice) => ({
    ...choice,
    text,
    packets,
    ...(handle === null ? {} : { handle }),
    ...(owners.length === 0 ? {} : { owner: [...new Set(owners)].join(" ") }),
  }));
}

interface Step {
  readonly conditions?: readonly Condition[];
  readonly effects?: readonly Effect[];
}

function stepsOf(name: string, of: Json, names: Names): readonly Step[] {
  if (passing.includes(name)) return [{}];
  if (name === "match") return [{ conditions: conditionsOf(of, names) }];
  if (name === "vmap" && isRecord(of)) return choicesOf(of, names);
  const open: Condition = { kind: "unknown", what: name };
  if (name === "limit" || name === "quota" || name === "ct count") return [{ conditions: [open] }];
  // A part of iptables that nft cannot show: a condition or a target, and it does not always say which.
  if (name === "xt")
    return [
      { conditions: [open], effects: isRecord(of) && of.type === "match" ? [] : [{ kind: "unknown" }] },
    ];
  const effect = effectOf(name, of);
  return [effect === null ? {} : { effects: [effect] }];
}

function choicesOf({ key = null, data = null }: JsonRecord, names: Names): readonly Step[] {
  const choices = elementsOf(data, names);
  if (choices === null) return [{ effects: [{ kind: "unknown" }] }];
  return choices.flatMap((choice) => {
    const [wanted = null, verdict = null] = listOf(choice);
    if (!isRecord(verdict)) return [];
    const effects = Object.entries(verdict).flatMap(([name, of]) => effectOf(name, of) ?? []);
    return [{ conditions: choiceOf(key, wanted, names), effects }];
  });
}

/** Null for a statement that does nothing to the packet's way. */
function effectOf(name: string, of: Json): Effect | null {
  const fields = isRecord(of) ? of : {};
  switch (name) {
    case "accept":
    case "snat":
    case "masquerade":
      return { kind: "accept" };
    case "drop":
      return { kind: "drop" };
    case "reject":
      return {
        kind: "reject",
        with: [textIn(fields.type), textIn(fields.expr)].join(" ").trim() || "icmpx port-unreachable",
      };
    case "jump":
    case "goto":
      return { kind: name, chain: textIn(fields.target) };
    case "return":
      return { kind: "return" };
    case "continue":
      return null;
    case "redirect":
      return { kind: "redirect", to: "here", port: portOf(fields.port) };
    case "dnat":
      return {
        kind: "redirect",
        to: fields.addr === undefined ? "same" : numberOf(textIn(fields.addr)),
        port: portOf(fields.port),
      };
    case "mangle":
      return isMark(fields.key) ? { kind: "mark", to: markAfter(fields.value ?? null) } : null;
    case "notrack":
      return { kind: "untrack" };
    case "queue":
      return { kind: "queue" };
    default:
      return { kind: "unknown" };
  }
}

function portOf(port: Json | undefined): "same" | number | null {
  return port === undefined ? "same" : numberIn(port);
}

function isMark(key: Json | undefined): boolean {
  return isRecord(key) && isRecord(key.meta) && key.meta.key === "mark";
}

function countOf(of: Json, { counters }: Names): number | null {
  if (isRecord(of)) return numberIn(of.packets);
  return typeof of === "string" ? (counters.get(of) ?? null) : null;
}

function isOwner({ left }: JsonRecord): boolean {
  return isRecord(left) && isRecord(left.meta) && (left.meta.key === "skuid" || left.meta.key === "skgid");
}

/** `skuid 1000`, `skgid != { 5, 6 }`, as it stands in the rule. */
function ownerText(text: string): string {
  return /(?:skuid|skgid) (?:[!=<>]+ )?(?:\{[^}]*\}|\S+)/.exec(text)?.[0] ?? "skuid";
}
