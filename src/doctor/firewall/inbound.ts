// Rules that let connections in to a port of mail: people add them when sending fails, and they do nothing for it.
import type { InboundRule } from "../facts.ts";
import type { Line, Table } from "./ruleset.ts";

/** A rule for so many ports was not made for one of mail. */
const mostPorts = 16n;

/** Every rule on the way in that names one of the ports and accepts. */
export function inboundRules(tables: readonly Table[], ports: readonly number[]): readonly InboundRule[] {
  return tables.flatMap((table) => {
    const chains = reached(table);
    return [...chains].flatMap((name) =>
      (table.chains.get(name)?.lines ?? []).flatMap((line): readonly InboundRule[] => {
        const opened = ports.filter((port) => opens(line, BigInt(port)));
        if (opened.length === 0) return [];
        const tool = /^ufw6?-/.test(name) ? "ufw" : / firewalld$/.test(table.name) ? "firewalld" : table.tool;
        return [{ tool, ports: opened, place: `${table.name} ${name}`, text: line.text }];
      }),
    );
  });
}

/** The chains that a packet coming in can get to. */
function reached({ entries, chains }: Table): ReadonlySet<string> {
  const found = new Set(entries.filter(({ hook }) => hook === "input").map(({ chain }) => chain));
  for (const name of found) {
    for (const { effects } of chains.get(name)?.lines ?? [])
      for (const effect of effects)
        if (effect.kind === "jump" || effect.kind === "goto") found.add(effect.chain);
  }
  return found;
}

function opens({ conditions, effects }: Line, port: bigint): boolean {
  if (!effects.some(({ kind }) => kind === "accept")) return false;
  return conditions.some(
    (condition) =>
      condition.kind === "one-of" &&
      !condition.not &&
      condition.tuples.some((tuple) =>
        tuple.some(
          (element) =>
            element.field === "destination-port" &&
            "span" in element &&
            element.span.low <= port &&
            element.span.high >= port &&
            element.span.high - element.span.low < mostPorts,
        ),
      ),
  );
}
