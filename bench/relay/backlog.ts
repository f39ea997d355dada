// What an urgent message waits behind a backlog: one turn of it, and the table of all.
import { median, present, quantile, spread, table, written } from "./figures.ts";

export interface Backlog {
  readonly latency: {
    /** Milliseconds from the acceptance of each urgent message to its arrival. */
    readonly afterAccept: readonly number[];
    readonly lost: number;
  };
  /** Bulk messages that had not arrived when the urgent ones began. */
  readonly waiting: number;
  readonly bulkAccepted: number;
  readonly connections: number;
}

export function backlogTable(
  seen: readonly { readonly label: string; readonly backlogs: readonly (Backlog | null)[] }[],
  { bulk, backlogRounds }: { readonly bulk: number; readonly backlogRounds: number },
): string {
  return table(
    [
      `urgent behind ${written(bulk)} bulk, connections busy 100 ms a message, rounds: ${backlogRounds}`,
      "bulk waiting",
      "p50 ms",
      "p99 ms",
      "not arrived",
      "bulk accepted/s",
      "connections",
    ],
    seen.map(({ label, backlogs }) => {
      const turns = present(backlogs);
      const after = turns.flatMap(({ latency }) => latency.afterAccept);
      return [
        label,
        written(median(turns.map(({ waiting }) => waiting))),
        written(quantile(after, 0.5)),
        written(quantile(after, 0.99)),
        String(turns.reduce((sum, { latency }) => sum + latency.lost, 0)),
        spread(turns.map(({ bulkAccepted }) => bulkAccepted)),
        String(Math.max(...turns.map(({ connections }) => connections))),
      ];
    }),
  );
}

/** Of single messages, for the terminal. */
export function latencyLine({ afterAccept, lost }: Backlog["latency"]): string {
  const line = `p50 ${written(median(afterAccept))} ms  p99 ${written(quantile(afterAccept, 0.99))} ms`;
  return lost === 0 ? line : `${line}  ${lost} not arrived`;
}

export function backlogLine({ latency, waiting, bulkAccepted, connections }: Backlog): string {
  return `urgent ${latencyLine(latency)}  behind ${written(waiting)} bulk, accepted at ${written(bulkAccepted)}/s  ${connections} connections`;
}
