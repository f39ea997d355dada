// Many nodes on one PostgreSQL: Postrider with 1, 2 and 4 of them, its embedded engine, and what applications build on
// pg-boss and graphile-worker with nodemailer, in turns within one run. `--help` tells the flags.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { findBinaries } from "../test/postgres/binaries.ts";
import { backlogLine, latencyLine } from "./relay/backlog.ts";
import { written } from "./relay/figures.ts";
import { Workbench } from "./relay/workbench.ts";
import { type ContenderName, contenders } from "./scale/contender.ts";
import { type Flags, readFlags, usage } from "./scale/flags.ts";
import { type KeptTurn, measureKept } from "./scale/kept.ts";
import { measureBacklog, measureRate, measureSyncs, type Place, type Throughput } from "./scale/measure.ts";
import { writePage } from "./scale/page.ts";
import { makeTemplate } from "./scale/postgres.ts";
import { report, type Seen } from "./scale/report.ts";

/** Behind a backlog more nodes of the peers show nothing else: the order is the server's. */
const inBacklog: readonly ContenderName[] = [
  "embedded",
  "postrider-1",
  "postrider-4",
  "pg-boss-1",
  "graphile-1",
];

if (process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}
const flags = flagsOrExit();
const stopping = new AbortController();
const load = loadavg()[0]!;
const absent: string[] = [];
const seen = new Map<ContenderName, Seen>(
  flags.only.map((name) => [name, { label: contenders[name].label, rates: [], backlogs: [], syncs: null }]),
);
let kept: readonly KeptTurn[] = [];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // The second one does not wait.
    if (stopping.signal.aborted) process.exit(130);
    console.error(`${signal}: stopping what was started`);
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}
const own = mkdtempSync(join(process.env.BENCH_DIRECTORY ?? tmpdir(), "postrider-scale-"));
// PostgreSQL runs under another user, where this is root.
chmodSync(own, 0o755);
process.once("exit", () => rmSync(own, { recursive: true, force: true }));
try {
  await using bench = await Workbench.open(stopping.signal);
  process.once("exit", () => bench.kill());
  const place: Place = { bench, template: makeTemplate(own) };
  if (flags.parts.includes("rate")) await rounds(flags.only, flags.rounds, (name) => rateTurn(place, name));
  if (flags.parts.includes("syncs")) await rounds(flags.only, 1, (name) => syncsTurn(place, name));
  if (flags.parts.includes("backlog")) {
    const some = inBacklog.filter((name) => flags.only.includes(name));
    await rounds(some, flags.backlogRounds, (name) => backlogTurn(place, name));
  }
  if (flags.kept > 0)
    kept = (await tried(() => measureKept(place, flags.kept, (line) => console.log(line)))) ?? [];
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  process.exit(130);
}

const postgres = execFileSync(findBinaries().postgres, ["--version"], { encoding: "utf8" });
const text = report([...seen.values()], kept, {
  ...flags,
  ...flags.amounts,
  load,
  absent,
  postgres: postgres.trim().replace(/^postgres \((.*)\)/, "$1"),
});
console.log(`\n${text}`);
if (flags.write) writePage(text);
process.exit(0);

function flagsOrExit(): Flags {
  try {
    return readFlags(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

/** A failed turn is told and does not end the others. */
async function rounds(
  names: readonly ContenderName[],
  count: number,
  turn: (name: ContenderName) => Promise<string>,
): Promise<void> {
  for (let round = 1; round <= count; round += 1) {
    for (const name of names)
      console.log(`${round}/${count}  ${contenders[name].label.padEnd(42)} ${await turn(name)}`);
  }
}

async function rateTurn(place: Place, name: ContenderName): Promise<string> {
  const turn = await tried(() => measureRate(place, contenders[name], flags.amounts));
  seen.get(name)!.rates.push(turn);
  return turn === null ? "failed" : `${rateLine(turn.throughput)}  idle ${latencyLine(turn.latency)}`;
}

async function syncsTurn(place: Place, name: ContenderName): Promise<string> {
  const syncs = await tried(() => measureSyncs(place, contenders[name], flags.amounts));
  seen.get(name)!.syncs = syncs;
  if (syncs === null) return "not counted";
  return `${written(syncs.commits)} commits and ${written(syncs.syncs)} syncs a message`;
}

async function backlogTurn(place: Place, name: ContenderName): Promise<string> {
  const turn = await tried(() => measureBacklog(place, contenders[name], flags.amounts));
  seen.get(name)!.backlogs.push(turn);
  return turn === null ? "failed" : backlogLine(turn);
}

/** Null when it failed for reasons of its own. @throws when the bench is to stop. */
async function tried<Result>(measure: () => Promise<Result>): Promise<Result | null> {
  try {
    return await measure();
  } catch (error) {
    if (stopping.signal.aborted) throw error;
    const line = `${(error as Error).message.split("\n")[0]}`;
    absent.push(line);
    console.log(line);
    console.error(error);
    return null;
  }
}

function rateLine({ accepted, endToEnd, nodesCpu, serverCpu, walBytes, transactions }: Throughput): string {
  return [
    `accepted ${written(accepted)}/s`,
    `end to end ${written(endToEnd)}/s`,
    `CPU ${nodesCpu.toFixed(2)} + ${serverCpu.toFixed(2)} ms`,
    ...(walBytes === null ? [] : [`WAL ${written(walBytes / 1024)} KiB`]),
    ...(transactions === null ? [] : [`${written(transactions)} transactions`]),
  ].join("  ");
}
