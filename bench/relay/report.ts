// The tables: on the page, and at the end on the terminal.
import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { accountingName } from "./accounting.ts";
import { type Backlog, backlogTable } from "./backlog.ts";
import { median, present, quantile, spread, table, written } from "./figures.ts";
import type { Latency, Throughput } from "./measure.ts";
import { ask, find } from "./programs.ts";

/** All turns of one relay; `null` stands for a turn that failed, so that rounds can be compared one by one. */
export interface Seen {
  readonly label: string;
  readonly rates: ({ readonly throughput: Throughput; readonly latency: Latency } | null)[];
  readonly backlogs: (Backlog | null)[];
  /** Null when it could not be counted. */
  syncs: ReadonlyMap<string, number> | null;
}

export interface Circumstances {
  readonly rounds: number;
  readonly backlogRounds: number;
  readonly count: number;
  readonly singles: number;
  readonly bulk: number;
  /** Before the first turn. */
  readonly load: number;
  /** Why a relay or a part is not there. */
  readonly absent: readonly string[];
}

export function report(ours: string, seen: readonly Seen[], circumstances: Circumstances): string {
  const rated = seen.filter(({ rates }) => present(rates).length > 0);
  const delayed = seen.filter(({ backlogs }) => present(backlogs).length > 0);
  return [
    caption(circumstances),
    ...circumstances.absent.map((line) => `\n${line}`),
    ...(rated.length === 0
      ? []
      : ["", rates(rated), "", ratios(ours, rated), "", idle(rated, circumstances)]),
    ...(delayed.length === 0 ? [] : ["", backlogTable(delayed, circumstances)]),
  ].join("\n");
}

function caption({ rounds, count, load }: Circumstances): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `\`npm run bench:relay\`: ${written(count)} messages of 4 KB a turn over 10 reused SMTP sessions, relayed to one sink over 20`,
    `connections at most; relays in turns on empty storage, one submitter and one sink for all, all on one machine; median`,
    `(least–most) of ${rounds} rounds. Postrider's SMTP front here is the bench's own: the product's SMTP door is not measured. The`,
    `HTTP door is the product's. ${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Linux ${release().split("-")[0]}, load ${load.toFixed(1)} before; CPU by`,
    `${accountingName()}. ${versions()}; ${new Date().toISOString().slice(0, 10)}.`,
  ].join("\n");
}

function versions(): string {
  const ofPackage = (name: string) => `${name} ${versionOf(name) ?? "not installed"}`;
  return [
    `Node ${process.versions.node}`,
    ...(find("postconf") === null ? [] : [`Postfix ${ask("postconf", "-h", "-d", "mail_version")}`]),
    ...(find("redis-server") === null
      ? []
      : [`Redis ${/v=(\S+)/.exec(ask("redis-server", "--version"))?.[1]}`]),
    ...["bullmq", "smtp-server", "nodemailer"].map(ofPackage),
  ].join(", ");
}

function rates(seen: readonly Seen[]): string {
  return table(
    [
      "relay",
      "accepted/s",
      "end to end/s",
      "CPU s per 1 000 (user + system)",
      "peak RSS MiB",
      "peak PSS MiB",
      "processes",
      "syncs per message",
    ],
    seen.map(({ label, rates: turns, syncs }) => {
      const of = (value: (throughput: Throughput) => number) =>
        present(turns).map(({ throughput }) => value(throughput));
      const cpu = [
        of(({ user, system }) => user + system),
        of(({ user }) => user),
        of(({ system }) => system),
      ];
      const [total, user, system] = cpu.map((values) => median(values).toFixed(2));
      const doubled = of((one) => one.doubled).reduce((sum, one) => sum + one, 0);
      return [
        doubled === 0 ? label : `${label} (${doubled} arrived twice)`,
        spread(of(({ accepted }) => accepted)),
        spread(of(({ endToEnd }) => endToEnd)),
        `${total} (${user} + ${system})`,
        written(median(of(({ memory }) => memory.rss))),
        written(median(of(({ memory }) => memory.pss))),
        String(Math.max(...of(({ memory }) => memory.processes))),
        syncs === null
          ? "–"
          : [...syncs].map(([call, made]) => `${call} ${made.toFixed(2)}`).join(", ") || "none",
      ];
    }),
  );
}

/** Round by round: other work on the machine hits both of a round. */
function ratios(ours: string, seen: readonly Seen[]): string {
  const mine = seen.find(({ label }) => label === ours);
  if (mine === undefined || seen.length === 1) return "";
  const of = (other: Seen, value: (throughput: Throughput) => number) =>
    spread(
      mine.rates.flatMap((turn, round) => {
        const theirs = other.rates[round] ?? null;
        return turn === null || theirs === null ? [] : [value(turn.throughput) / value(theirs.throughput)];
      }),
    );
  return table(
    [`${ours} to`, "accepted/s", "end to end/s", "CPU per message"],
    seen
      .filter((one) => one !== mine)
      .map((other) => [
        other.label,
        of(other, ({ accepted }) => accepted),
        of(other, ({ endToEnd }) => endToEnd),
        of(other, ({ user, system }) => user + system),
      ]),
  );
}

/** Percentiles of all rounds together, and of each round's median the least and the most. */
function idle(seen: readonly Seen[], { rounds, singles }: Circumstances): string {
  return table(
    [
      `idle, ${singles} × ${rounds} single messages`,
      "p50 ms",
      "p50 by round",
      "p99 ms",
      "whole way p50 ms",
      "lost",
    ],
    seen.map(({ label, rates: turns }) => {
      const latencies = present(turns).map(({ latency }) => latency);
      const after = latencies.flatMap(({ afterAccept }) => afterAccept);
      const medians = latencies.map(({ afterAccept }) => median(afterAccept));
      return [
        label,
        written(quantile(after, 0.5)),
        `${written(Math.min(...medians))}–${written(Math.max(...medians))}`,
        written(quantile(after, 0.99)),
        written(median(latencies.flatMap(({ wholeWay }) => wholeWay))),
        String(latencies.reduce((sum, { lost }) => sum + lost, 0)),
      ];
    }),
  );
}

function versionOf(name: string): string | null {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : null;
}
