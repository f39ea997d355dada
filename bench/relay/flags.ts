// What can be said to the bench on its command line.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Amounts } from "./measure.ts";
import { type RelayName, relayNames } from "./relay.ts";

export const parts = ["rate", "backlog", "syncs"] as const;
export type Part = (typeof parts)[number];

export interface Flags {
  readonly rounds: number;
  readonly backlogRounds: number;
  readonly amounts: Amounts;
  readonly only: readonly RelayName[];
  readonly parts: readonly Part[];
  /** Whether the page is rewritten. */
  readonly write: boolean;
  readonly profile: string | null;
}

export const usage = `npm run bench:relay -- [flags]

  --rounds <n>           turns of each relay that count (5)
  --backlog-rounds <n>   the same with a backlog, which takes minutes (2)
  --count <n>            messages in a turn (5000)
  --warm-up <n>          messages before those (1000)
  --singles <n>          messages to an idle relay in a turn (100)
  --bulk <n>             messages of the backlog (20000)
  --urgent <n>           messages that are to overtake it (100)
  --only <relay,…>       ${relayNames.join(", ")}
  --parts <part,…>       ${parts.join(", ")}
  --profile <directory>  leaves CPU profiles of Postrider's threads there
  --write                writes the tables into docs/PERFORMANCE.md

Files go to the system's temporary directory, or to BENCH_DIRECTORY: it should be on a disk.`;

/** @throws for what cannot be understood, saying why. */
export function readFlags(args: readonly string[]): Flags {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { ...text, default: "5" },
      "backlog-rounds": { ...text, default: "2" },
      count: { ...text, default: "5000" },
      "warm-up": { ...text, default: "1000" },
      singles: { ...text, default: "100" },
      bulk: { ...text, default: "20000" },
      urgent: { ...text, default: "100" },
      only: { ...text, default: relayNames.join(",") },
      parts: { ...text, default: parts.join(",") },
      profile: text,
      write: { type: "boolean", default: false },
    },
  });
  return {
    rounds: number("rounds", values.rounds, 1, 1_000),
    backlogRounds: number("backlog-rounds", values["backlog-rounds"], 1, 1_000),
    amounts: {
      warmUp: number("warm-up", values["warm-up"], 1, 1_000_000),
      count: number("count", values.count, 10, 1_000_000),
      singles: number("singles", values.singles, 0, 10_000),
      bulk: number("bulk", values.bulk, 10, 1_000_000),
      urgent: number("urgent", values.urgent, 1, 10_000),
    },
    only: several("only", values.only, relayNames),
    parts: several("parts", values.parts, parts),
    write: values.write,
    profile: values.profile === undefined ? null : resolve(values.profile),
  };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${name} ${text}: give a whole number from ${least} to ${most}`);
  return value;
}

function several<Name extends string>(flag: string, text: string, known: readonly Name[]): readonly Name[] {
  const names = text.split(",");
  const strange = names.find((name) => !known.some((one) => one === name));
  if (strange !== undefined) throw new Error(`--${flag} ${strange}: there are ${known.join(", ")}`);
  return known.filter((one) => names.includes(one));
}
