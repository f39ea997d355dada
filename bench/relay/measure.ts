// One turn of one relay, on empty storage: how fast, at what price, and how late when it has nothing else to do.
import { setTimeout } from "node:timers/promises";
import type { Memory } from "./accounting.ts";
import type { Amounts } from "./amounts.ts";
import type { Backlog } from "./backlog.ts";
import type { Group } from "./group.ts";
import { connections, type Relay } from "./relay.ts";
import type { Workbench } from "./workbench.ts";

/** Submission at once: what busy applications do. */
const sessions = 10;
/** Single messages: between two of them the relay has come to rest. Milliseconds. */
const singlesApart = 100;
/** What is left to do after the last arrival (recording, removing) is counted too. Milliseconds. */
const trailingMs = 500;
/** The slowest relay takes some tens of seconds. */
const longestRunMs = 300_000;

export interface Throughput {
  /** Messages a second until the last was accepted, and until the last had arrived. */
  readonly accepted: number;
  readonly endToEnd: number;
  /** CPU seconds for a thousand messages. */
  readonly user: number;
  readonly system: number;
  readonly memory: Memory;
  /** How many arrived more often than they were submitted. */
  readonly doubled: number;
}

/** Milliseconds, for each message that arrived in time. */
export interface Latency {
  /** From the relay's acceptance, as the submitter saw it, to the arrival; below zero when it arrived before. */
  readonly afterAccept: readonly number[];
  /** From the first octet of its envelope. */
  readonly wholeWay: readonly number[];
  readonly lost: number;
}

/** Starts the relay, opens sessions to it, and ends it in any case. */
async function station<Result>(
  bench: Workbench,
  relay: Relay,
  { trace = false, profile = null }: { readonly trace?: boolean; readonly profile?: string | null },
  measure: (group: Group) => Promise<Result>,
): Promise<Result> {
  const { group, directory } = bench.group("relay", { trace });
  const place = { group, directory, sinkPort: bench.sinkPort, signal: bench.signal, profile };
  try {
    const entrance = await relay.start(place);
    try {
      await bench.submitter.call(30_000, "open", entrance, sessions);
      const result = await measure(group);
      await bench.submitter.call(5_000, "close");
      return result;
    } finally {
      await relay.stop?.(place);
    }
  } catch (error) {
    throw new Error(`${relay.label}: ${(error as Error).message}\n${group.log()}`, { cause: error });
  } finally {
    await bench.drop(group, directory);
  }
}

/** Submits and waits until all have arrived. */
async function through(bench: Workbench, count: number) {
  const { messages: before } = await bench.sink.call(5_000, "counts");
  const submitted = await bench.submitter.call(longestRunMs, "many", count, "normal");
  const arrived = await bench.sink.call(longestRunMs, "messages", before + count, longestRunMs - 5_000);
  if (arrived === null) {
    const { messages } = await bench.sink.call(5_000, "counts");
    throw new Error(`${messages - before} of ${count} messages have arrived`);
  }
  return { ...submitted, arrived, before };
}

export function measureRate(
  bench: Workbench,
  relay: Relay,
  { warmUp, count, singles }: Amounts,
  profile: string | null,
): Promise<{ readonly throughput: Throughput; readonly latency: Latency }> {
  return station(bench, relay, { profile }, async (group) => {
    await through(bench, warmUp);
    await setTimeout(trailingMs, null, { signal: bench.signal });
    group.sample();
    const cpuBefore = group.cpu();
    const { began, ended, arrived, before } = await through(bench, count);
    await setTimeout(trailingMs, null, { signal: bench.signal });
    const cpu = group.cpu();
    const { messages } = await bench.sink.call(5_000, "counts");
    const throughput: Throughput = {
      accepted: (count / (ended - began)) * 1000,
      endToEnd: (count / (arrived - began)) * 1000,
      user: ((cpu.user - cpuBefore.user) / count) * 1000,
      system: ((cpu.system - cpuBefore.system) / count) * 1000,
      memory: group.sampled(),
      doubled: messages - before - count,
    };
    return { throughput, latency: await single(bench, singles, singlesApart, "normal", 30_000) };
  });
}

async function single(
  bench: Workbench,
  count: number,
  everyMs: number,
  lane: "normal" | "urgent",
  waitMs: number,
): Promise<Latency> {
  if (count === 0) return { afterAccept: [], wholeWay: [], lost: 0 };
  const taken = await bench.submitter.call(longestRunMs, "singles", count, everyMs, lane);
  const arrivals = new Map(await bench.sink.call(waitMs + 5_000, "timed", count, waitMs));
  const both = taken.flatMap(({ id, began, accepted }) => {
    const at = arrivals.get(id);
    return at === undefined ? [] : { afterAccept: at - accepted, wholeWay: at - began };
  });
  return {
    afterAccept: both.map(({ afterAccept }) => afterAccept),
    wholeWay: both.map(({ wholeWay }) => wholeWay),
    lost: count - both.length,
  };
}

/** A busy provider: each connection is taken for so long by each message. Milliseconds. */
const busyMs = 100;
/** Urgent messages, one at a time, in no step with the provider. Milliseconds. */
const urgentApart = 130;

/** Bulk mail waits behind a slow provider; urgent mail comes. */
export function measureBacklog(
  bench: Workbench,
  relay: Relay,
  { warmUp, bulk, urgent }: Amounts,
): Promise<Backlog> {
  return station(bench, relay, {}, async () => {
    await through(bench, warmUp);
    const { messages: before } = await bench.sink.call(5_000, "counts");
    await bench.sink.call(5_000, "pace", null);
    try {
      const { began, ended } = await bench.submitter.call(longestRunMs, "many", bulk, "bulk");
      const { messages } = await bench.sink.call(5_000, "counts");
      await bench.sink.call(5_000, "pace", busyMs);
      // First in, first out takes as long as the whole backlog.
      const waitMs = (bulk / connections) * busyMs * 1.5 + 30_000;
      const latency = await single(bench, urgent, urgentApart, "urgent", waitMs);
      const { mostConnections } = await bench.sink.call(5_000, "counts");
      return {
        latency,
        waiting: bulk - (messages - before),
        bulkAccepted: (bulk / (ended - began)) * 1000,
        connections: mostConnections,
      };
    } finally {
      await bench.sink.call(5_000, "pace", 0);
    }
  });
}

/** How many calls of each kind that sync were made for a message. */
export function measureSyncs(
  bench: Workbench,
  relay: Relay,
  count: number,
): Promise<ReadonlyMap<string, number>> {
  return station(bench, relay, { trace: true }, async (group) => {
    await through(bench, Math.ceil(count / 4));
    await setTimeout(2 * trailingMs, null, { signal: bench.signal });
    const before = group.syncs();
    await through(bench, count);
    await setTimeout(2 * trailingMs, null, { signal: bench.signal });
    const calls = [...group.syncs()].map(
      ([call, made]) => [call, (made - (before.get(call) ?? 0)) / count] as const,
    );
    return new Map(calls.filter(([, made]) => made > 0));
  });
}
