// What can be said to the bench on its command line.
import { parseArgs } from "node:util";
import { type ContenderName, contenderNames } from "./contender.ts";
import type { Amounts } from "./measure.ts";

export const parts = ["rate", "backlog", "syncs"] as const;
export type Part = (typeof parts)[number];

export interface Flags {
  readonly rounds: number;
  readonly backlogRounds: number;
  readonly amounts: Amounts;
  readonly only: readonly ContenderName[];
  readonly parts: readonly Part[];
  /** Messages that are kept when storage is measured by itself; 0 for not at all. */
  readonly kept: number;
  /** Whether the page is rewritten. */
  readonly write: boolean;
}

export const usage = `npm run bench:scale -- [flags]

  --rounds <n>           turns of each contender that count (3)
  --backlog-rounds <n>   the same with a backlog, which takes minutes (1)
  --messages <n>         messages in a turn (4000)
  --warm-up <n>          messages before those (500)
  --singles <n>          messages to idle nodes in a turn (50)
  --bulk <n>             messages of the backlog (20000)
  --urgent <n>           messages that are to overtake it (100)
  --only <name,…>        ${contenderNames.join(", ")}; none
  --parts <part,…>       ${parts.join(", ")}
  --kept <n>             measures storage by itself, with nothing and with so many finished messages kept (0: not)
  --write                writes the tables into docs/SCALE.md

Files go to the system's temporary directory, or to BENCH_DIRECTORY: it should be on a disk. Ten million kept messages
take some 15 GB there.`;

/** @throws for what cannot be understood, saying why. */
export function readFlags(args: readonly string[]): Flags {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { ...text, default: "3" },
      "backlog-rounds": { ...text, default: "1" },
      messages: { ...text, default: "4000" },
      "warm-up": { ...text, default: "500" },
      singles: { ...text, default: "50" },
      bulk: { ...text, default: "20000" },
      urgent: { ...text, default: "100" },
      only: { ...text, default: contenderNames.join(",") },
      parts: { ...text, default: parts.join(",") },
      kept: { ...text, default: "0" },
      write: { type: "boolean", default: false },
    },
  });
  return {
    rounds: number("rounds", values.rounds, 1, 1_000),
    backlogRounds: number("backlog-rounds", values["backlog-rounds"], 1, 1_000),
    amounts: {
      warmUp: number("warm-up", values["warm-up"], 1, 1_000_000),
      count: number("messages", values.messages, 10, 1_000_000),
      singles: number("singles", values.singles, 0, 10_000),
      bulk: number("bulk", values.bulk, 10, 1_000_000),
      urgent: number("urgent", values.urgent, 1, 10_000),
    },
    only: values.only === "none" ? [] : several("only", values.only, contenderNames),
    parts: several("parts", values.parts, parts),
    kept: number("kept", values.kept, 0, 100_000_000),
    write: values.write,
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
