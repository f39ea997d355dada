// What can be said to the bench on its command line.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Amounts, amountFlags, number, readAmounts, several } from "./amounts.ts";
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
  --messages <n>         messages in a turn (5000)
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
      ...amountFlags({ warmUp: 1_000, count: 5_000, singles: 100, bulk: 20_000, urgent: 100 }),
      only: { ...text, default: relayNames.join(",") },
      parts: { ...text, default: parts.join(",") },
      profile: text,
      write: { type: "boolean", default: false },
    },
  });
  return {
    rounds: number("rounds", values.rounds, 1, 1_000),
    backlogRounds: number("backlog-rounds", values["backlog-rounds"], 1, 1_000),
    amounts: readAmounts(values),
    only: several("only", values.only, relayNames),
    parts: several("parts", values.parts, parts),
    write: values.write,
    profile: values.profile === undefined ? null : resolve(values.profile),
  };
}
