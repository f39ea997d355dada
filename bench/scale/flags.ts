// What can be said to the bench on its command line.
import { parseArgs } from "node:util";
import { type Amounts, amountFlags, number, readAmounts, several } from "../relay/amounts.ts";
import { type ContenderName, contenderNames } from "./contender.ts";

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
      ...amountFlags({ warmUp: 500, count: 4_000, singles: 50, bulk: 20_000, urgent: 100 }),
      only: { ...text, default: contenderNames.join(",") },
      parts: { ...text, default: parts.join(",") },
      kept: { ...text, default: "0" },
      write: { type: "boolean", default: false },
    },
  });
  return {
    rounds: number("rounds", values.rounds, 1, 1_000),
    backlogRounds: number("backlog-rounds", values["backlog-rounds"], 1, 1_000),
    amounts: readAmounts(values),
    only: values.only === "none" ? [] : several("only", values.only, contenderNames),
    parts: several("parts", values.parts, parts),
    kept: number("kept", values.kept, 0, 100_000_000),
    write: values.write,
  };
}
