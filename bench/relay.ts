// SMTP in, durable, SMTP out: Postrider beside Postfix and beside BullMQ with nodemailer, in turns within one run.
// Relays that are not installed are left out, and said so. `--help` tells the flags.
import { loadavg } from "node:os";
import { backlogLine, latencyLine } from "./relay/backlog.ts";
import { written } from "./relay/figures.ts";
import { type Flags, readFlags, usage } from "./relay/flags.ts";
import { measureBacklog, measureRate, measureSyncs, type Throughput } from "./relay/measure.ts";
import { writePage } from "./relay/page.ts";
import { find } from "./relay/programs.ts";
import type { Relay, RelayName } from "./relay/relay.ts";
import { bullmq } from "./relay/relays/bullmq.ts";
import { postfix } from "./relay/relays/postfix.ts";
import { postrider } from "./relay/relays/postrider.ts";
import { report, type Seen } from "./relay/report.ts";
import { Workbench } from "./relay/workbench.ts";

const relays: Readonly<Record<RelayName, Relay>> = {
  postrider: postrider("smtp"),
  "postrider-http": postrider("http"),
  postfix: postfix({ lanes: false }),
  "postfix-lanes": postfix({ lanes: true }),
  bullmq: bullmq({ lanes: false }),
  "bullmq-lanes": bullmq({ lanes: true }),
};
/** What differs only when there is a backlog is measured only then. */
const inRate: readonly RelayName[] = ["postrider", "postrider-http", "postfix", "bullmq"];
/** BullMQ without priorities is first in, first out, as Postfix is. */
const inBacklog: readonly RelayName[] = ["postrider", "postfix", "postfix-lanes", "bullmq-lanes"];
const tracedMessages = 1_000;

if (process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}
const flags = flagsOrExit();
const stopping = new AbortController();
const load = loadavg()[0]!;
const absent: string[] = [];
const names = flags.only.filter((name) => {
  const reason = relays[name].missing();
  if (reason !== null) skip(`${relays[name].label}: not measured. ${reason}.`);
  return reason === null;
});
const seen = new Map<RelayName, Seen>(
  names.map((name) => [name, { label: relays[name].label, rates: [], backlogs: [], syncs: null }]),
);
console.log("Postrider's SMTP front is the bench's own: the product's SMTP door is not measured here.");

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // The second one does not wait.
    if (stopping.signal.aborted) process.exit(130);
    console.error(`${signal}: stopping what was started`);
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}
try {
  await using bench = await Workbench.open(stopping.signal);
  process.once("exit", () => bench.kill());
  if (flags.parts.includes("rate")) await rounds(bench, inRate, flags.rounds, rateTurn);
  if (flags.parts.includes("syncs")) await countSyncs(bench);
  if (flags.parts.includes("backlog")) await rounds(bench, inBacklog, flags.backlogRounds, backlogTurn);
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  process.exit(130);
}

const text = report(relays.postrider.label, [...seen.values()], {
  ...flags,
  ...flags.amounts,
  load,
  absent,
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

type Turn = (bench: Workbench, name: RelayName, seen: Seen) => Promise<string>;

/** A failed turn is told and does not end the others. */
async function rounds(
  bench: Workbench,
  which: readonly RelayName[],
  count: number,
  turn: Turn,
): Promise<void> {
  for (let round = 1; round <= count; round++) {
    for (const name of which.filter((one) => names.includes(one))) {
      const line = await turn(bench, name, seen.get(name)!);
      console.log(`${round}/${count}  ${relays[name].label.padEnd(40)} ${line}`);
    }
  }
}

async function rateTurn(bench: Workbench, name: RelayName, { rates }: Seen): Promise<string> {
  const turn = await tried(() => measureRate(bench, relays[name], flags.amounts, flags.profile));
  rates.push(turn);
  return turn === null ? "failed" : `${rateLine(turn.throughput)}  idle ${latencyLine(turn.latency)}`;
}

async function backlogTurn(bench: Workbench, name: RelayName, { backlogs }: Seen): Promise<string> {
  const turn = await tried(() => measureBacklog(bench, relays[name], flags.amounts));
  backlogs.push(turn);
  return turn === null ? "failed" : backlogLine(turn);
}

async function countSyncs(bench: Workbench): Promise<void> {
  if (find("strace") === null)
    return skip("Syncs: not counted. strace is not installed (apt-get install strace).");
  await rounds(bench, inRate, 1, async (_, name, one) => {
    one.syncs = await tried(() => measureSyncs(bench, relays[name], tracedMessages));
    return `syncs per message: ${one.syncs === null ? "not counted" : JSON.stringify(Object.fromEntries(one.syncs))}`;
  });
}

/** Null when it failed for reasons of its own. @throws when the bench is to stop. */
async function tried<Result>(measure: () => Promise<Result>): Promise<Result | null> {
  try {
    return await measure();
  } catch (error) {
    if (stopping.signal.aborted) throw error;
    skip(`${(error as Error).message.split("\n")[0]}`);
    console.error(error);
    return null;
  }
}

function skip(line: string): void {
  absent.push(line);
  console.log(line);
}

function rateLine({ accepted, endToEnd, user, system, memory }: Throughput): string {
  return [
    `accepted ${written(accepted)}/s`,
    `end to end ${written(endToEnd)}/s`,
    `CPU ${(user + system).toFixed(2)} s per 1 000`,
    `RSS ${written(memory.rss)} MiB`,
  ].join("  ");
}
