// The tables: on the page, and at the end on the terminal.
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { accountingName } from "../relay/accounting.ts";
import { type Backlog, backlogTable } from "../relay/backlog.ts";
import { median, present, quantile, spread, table, written } from "../relay/figures.ts";
import { contenders, sinkConnections, ways } from "./contender.ts";
import type { KeptTurn } from "./kept.ts";
import type { Latency, Syncs, Throughput } from "./measure.ts";
import { settings } from "./postgres.ts";

/** All turns of one contender; `null` stands for a turn that failed, so that rounds can be compared one by one. */
export interface Seen {
  readonly label: string;
  readonly rates: ({ readonly throughput: Throughput; readonly latency: Latency } | null)[];
  readonly backlogs: (Backlog | null)[];
  /** Null where there is no server to count them, or when it failed. */
  syncs: Syncs | null;
}

export interface Circumstances {
  readonly rounds: number;
  readonly backlogRounds: number;
  readonly count: number;
  readonly singles: number;
  readonly bulk: number;
  /** Before the first turn. */
  readonly load: number;
  readonly postgres: string;
  /** What failed. */
  readonly absent: readonly string[];
}

const secondsADay = 86_400;
const embeddedLabel = contenders.embedded.label;

export function report(seen: readonly Seen[], kept: readonly KeptTurn[], about: Circumstances): string {
  const rated = seen.filter(({ rates }) => present(rates).length > 0);
  const delayed = seen.filter(({ backlogs }) => present(backlogs).length > 0);
  return [
    caption(about),
    ...about.absent.map((line) => `\n${line}`),
    ...(rated.length === 0
      ? []
      : ["", rates(rated), "", costs(rated), "", ...carried(rated), idle(rated, about)]),
    ...(delayed.length === 0 ? [] : ["", backlogTable(delayed, about)]),
    ...(kept.length === 0 ? [] : ["", storage(kept)]),
  ].join("\n");
}

function caption({ rounds, count, load, postgres }: Circumstances): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const set = Object.entries(settings).map(([name, value]) => `\`${name} = ${value}\``);
  return [
    `\`npm run bench:scale\`: ${written(count)} messages of 4 KB a turn, handed over inside the nodes' processes on ${ways} ways in`,
    `all, sent to one sink over ${sinkConnections} connections in all; contenders in turns on empty storage, nodes, PostgreSQL and sink`,
    `on one machine; median (least–most) of ${rounds} rounds. ${postgres}, the same for all: ${set.join(", ")}, everything`,
    `else as it ships (\`fsync\` and \`synchronous_commit\` on). pg-boss: batches, NOTIFY, burst; graphile-worker: local queue,`,
    `batched completion, and behind a backlog priorities instead. ${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, Linux ${release().split("-")[0]},`,
    `load ${load.toFixed(1)} before; CPU by ${accountingName()}. ${versions()};`,
    `${new Date().toISOString().slice(0, 10)}.`,
  ].join("\n");
}

function versions(): string {
  const ofPackage = (name: string) => `${name} ${versionOf(name)}`;
  return [
    `Node ${process.versions.node}`,
    ...["pg", "pg-boss", "graphile-worker", "nodemailer"].map(ofPackage),
  ].join(", ");
}

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version;
}

function rates(seen: readonly Seen[]): string {
  return table(
    ["", "accepted/s", "end to end/s", "nodes' memory MiB"],
    seen.map(({ label, rates: turns }) => {
      const of = (value: (throughput: Throughput) => number) =>
        present(turns).map(({ throughput }) => value(throughput));
      const doubled = of((one) => one.doubled).reduce((sum, one) => sum + one, 0);
      return [
        doubled === 0 ? label : `${label} (${doubled} arrived twice)`,
        spread(of(({ accepted }) => accepted)),
        spread(of(({ endToEnd }) => endToEnd)),
        written(median(of(({ memory }) => memory))),
      ];
    }),
  );
}

/** Of one message. */
function costs(seen: readonly Seen[]): string {
  return table(
    [
      "cost of a message",
      "CPU ms, nodes",
      "CPU ms, PostgreSQL",
      "WAL KiB",
      "transactions that write",
      "commits",
      "WAL syncs",
      "connections to PostgreSQL",
    ],
    seen.map(({ label, rates: turns, syncs }) => {
      const of = (value: (throughput: Throughput) => number | null) =>
        present(present(turns).map(({ throughput }) => value(throughput)));
      const some = (values: readonly number[]) => (values.length === 0 ? "–" : written(median(values)));
      return [
        label,
        spread(of(({ nodesCpu }) => nodesCpu)),
        of(({ walBytes }) => walBytes).length === 0 ? "–" : spread(of(({ serverCpu }) => serverCpu)),
        some(of(({ walBytes }) => (walBytes === null ? null : walBytes / 1024))),
        some(of(({ transactions }) => transactions)),
        syncs === null ? "–" : written(syncs.commits),
        syncs === null ? "–" : written(syncs.syncs),
        some(of(({ databaseConnections }) => databaseConnections)),
      ];
    }),
  );
}

/** What so many messages a second ask of one server and of all nodes together, by the costs that were measured. */
function carried(seen: readonly Seen[]): readonly string[] {
  const [most] = seen
    .filter(({ label }) => label.startsWith("Postrider, ") && label !== embeddedLabel)
    .toReversed();
  if (most === undefined) return [];
  const of = (value: (throughput: Throughput) => number | null) =>
    median(present(present(most.rates).map(({ throughput }) => value(throughput))));
  const [server, nodes, wal] = [
    of((one) => one.serverCpu),
    of((one) => one.nodesCpu),
    of((one) => one.walBytes),
  ];
  const { syncs } = most;
  const rows = [10, 100, 1_000, 5_000].map((rate) => [
    written(rate),
    written((rate * secondsADay) / 1e6),
    written((rate * server) / 1_000),
    written((rate * nodes) / 1_000),
    written((rate * wal) / 2 ** 20),
    written((rate * wal * secondsADay) / 2 ** 30),
    syncs === null ? "–" : written(rate * syncs.syncs),
  ]);
  const head = [
    `at the costs of "${most.label}", messages a second`,
    "millions a day",
    "cores, PostgreSQL",
    "cores, nodes",
    "WAL MiB/s",
    "WAL GiB a day",
    "syncs a second at most",
  ];
  return [table(head, rows), ""];
}

/** Percentiles of all rounds together, and of each round's median the least and the most. */
function idle(seen: readonly Seen[], { rounds, singles }: Circumstances): string {
  return table(
    [`idle, ${singles} × ${rounds} single messages`, "p50 ms", "p50 by round", "p99 ms", "lost"],
    seen.map(({ label, rates: turns }) => {
      const latencies = present(turns).map(({ latency }) => latency);
      const after = latencies.flatMap(({ afterAccept }) => afterAccept);
      const medians = latencies.map(({ afterAccept }) => median(afterAccept));
      return [
        label,
        written(quantile(after, 0.5)),
        `${written(Math.min(...medians))}–${written(Math.max(...medians))}`,
        written(quantile(after, 0.99)),
        String(latencies.reduce((sum, { lost }) => sum + lost, 0)),
      ];
    }),
  );
}

function storage(turns: readonly KeptTurn[]): string {
  const names = [...turns[0]!.rates.keys()];
  return table(
    [
      "storage by itself, a second",
      ...turns.map(({ kept }) => `${kept.toLocaleString("en-US").replaceAll(",", " ")} kept`),
    ],
    [
      ...names.map((name) => [name, ...turns.map(({ rates: of }) => written(of.get(name) ?? Number.NaN))]),
      ["bytes on disk for each kept", ...turns.map(({ bytes }) => (bytes === null ? "–" : written(bytes)))],
    ],
  );
}
