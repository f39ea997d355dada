// One turn of one contender, on empty storage.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Cpu } from "../relay/accounting.ts";
import type { Amounts } from "../relay/amounts.ts";
import type { Remote } from "../relay/asking.ts";
import type { Backlog } from "../relay/backlog.ts";
import type { Group } from "../relay/group.ts";
import type { Workbench } from "../relay/workbench.ts";
import { type Contender, sinkConnections, startNode, ways } from "./contender.ts";
import type { NodeCalls } from "./node.ts";
import {
  type Counted,
  readCounted,
  readWritten,
  reportedAfterMs,
  startServer,
  type Written,
} from "./postgres.ts";

/** Single messages: between two of them everything has come to rest. Milliseconds. */
const singlesApart = 100;
/** Urgent messages, one at a time, in no step with the provider. Milliseconds. */
const urgentApart = 130;
/** A busy provider: each connection is taken for so long by each message. Milliseconds. */
const busyMs = 100;
/** What is left to do after the last arrival (recording, removing) is counted too. Milliseconds. */
const trailingMs = 500;
/** Milliseconds. */
const longestRunMs = 600_000;
/** For messages that may have been lost. Milliseconds. */
const patienceMs = 30_000;

export interface Throughput {
  /** Messages a second until the last was accepted, and until the last had arrived. */
  readonly accepted: number;
  readonly endToEnd: number;
  /** CPU milliseconds for a message, user and system. */
  readonly nodesCpu: number;
  readonly serverCpu: number;
  /** Of the write-ahead log, for a message; null without a server. */
  readonly walBytes: number | null;
  /** Transactions that wrote, for a message; null without a server. */
  readonly transactions: number | null;
  readonly databaseConnections: number | null;
  /** MiB: the peak of the nodes together, what they share counted once. */
  readonly memory: number;
  /** How many arrived more often than they were submitted. */
  readonly doubled: number;
}

/** Milliseconds from a message's acceptance to its arrival; below zero when it arrived before. */
export interface Latency {
  readonly afterAccept: readonly number[];
  readonly lost: number;
}

/** For a message. */
export interface Syncs {
  readonly commits: number;
  readonly syncs: number;
}

interface Station {
  readonly nodes: readonly Remote<NodeCalls>[];
  readonly nodesGroup: Group;
  readonly serverGroup: Group;
  /** Null without a server. */
  readonly url: string | null;
}

export interface Place {
  readonly bench: Workbench;
  /** An empty cluster. */
  readonly template: string;
}

/** Starts the server and the nodes, and ends them in any case. */
async function station<Result>(
  { bench, template }: Place,
  contender: Contender,
  lanes: boolean,
  measure: (at: Station) => Promise<Result>,
): Promise<Result> {
  const server = bench.group("server", { trace: false });
  const own = bench.group("nodes", { trace: false });
  try {
    const url = contender.shared
      ? (await startServer(server.group, server.directory, template, bench.signal)).url
      : null;
    const nodes: Remote<NodeCalls>[] = [];
    // One after the other: the first may have tables to make.
    for (let nth = 0; nth < contender.nodes; nth += 1) {
      const data = join(own.directory, `node${nth}`);
      mkdirSync(data);
      const setting = { database: url, data, nth, nodes: contender.nodes, sinkPort: bench.sinkPort, lanes };
      nodes.push(await startNode(own.group, bench.signal, contender.program, setting));
    }
    return await measure({ nodes, nodesGroup: own.group, serverGroup: server.group, url });
  } catch (error) {
    const said = `${own.group.log()}\n${server.group.log()}`;
    throw new Error(`${contender.label}: ${(error as Error).message}\n${said}`, { cause: error });
  } finally {
    await bench.drop(own.group, own.directory);
    await bench.drop(server.group, server.directory);
  }
}

/** Each node is handed its part at the same time; instants of the first beginning and of the last acceptance. */
async function submit(nodes: Station["nodes"], count: number, lane: "normal" | "bulk") {
  const width = Math.max(1, Math.floor(ways / nodes.length));
  const runs = await Promise.all(
    nodes.map((node, nth) => {
      const part = Math.floor(count / nodes.length) + (nth < count % nodes.length ? 1 : 0);
      return node.call(longestRunMs, "many", part, lane, width);
    }),
  );
  return {
    began: Math.min(...runs.map(({ began }) => began)),
    ended: Math.max(...runs.map(({ ended }) => ended)),
  };
}

/** Submits and waits until all have arrived. */
async function through({ bench }: Place, nodes: Station["nodes"], count: number) {
  const { messages: before } = await bench.sink.call(5_000, "counts");
  const submitted = await submit(nodes, count, "normal");
  const arrived = await bench.sink.call(longestRunMs, "messages", before + count, longestRunMs - 5_000);
  if (arrived === null) {
    const { messages } = await bench.sink.call(5_000, "counts");
    throw new Error(`${messages - before} of ${count} messages have arrived`);
  }
  return { ...submitted, arrived, before };
}

const sum = ({ user, system }: Cpu) => user + system;

export function measureRate(
  place: Place,
  contender: Contender,
  { warmUp, count, singles }: Amounts,
): Promise<{ readonly throughput: Throughput; readonly latency: Latency }> {
  const { bench } = place;
  const rest = () => setTimeout(trailingMs, null, { signal: bench.signal });
  return station(place, contender, false, async ({ nodes, nodesGroup, serverGroup, url }) => {
    const look = async (): Promise<{ nodes: number; server: number; written: Written | null }> => ({
      nodes: sum(nodesGroup.cpu()),
      server: sum(serverGroup.cpu()),
      written: url === null ? null : await readWritten(url),
    });
    await through(place, nodes, warmUp);
    await rest();
    nodesGroup.sample();
    const from = await look();
    const { began, ended, arrived, before } = await through(place, nodes, count);
    await rest();
    const to = await look();
    const { messages } = await bench.sink.call(5_000, "counts");
    const each = (value: (written: Written) => number) =>
      from.written === null || to.written === null ? null : (value(to.written) - value(from.written)) / count;
    const throughput: Throughput = {
      accepted: (count / (ended - began)) * 1000,
      endToEnd: (count / (arrived - began)) * 1000,
      nodesCpu: ((to.nodes - from.nodes) / count) * 1000,
      serverCpu: ((to.server - from.server) / count) * 1000,
      walBytes: each(({ bytes }) => bytes),
      transactions: each(({ transactions }) => transactions),
      databaseConnections: to.written?.connections ?? null,
      memory: nodesGroup.sampled().pss,
      doubled: messages - before - count,
    };
    return { throughput, latency: await single(place, nodes, singles, singlesApart, "normal", patienceMs) };
  });
}

/** By the first node. */
async function single(
  { bench }: Place,
  [node]: Station["nodes"],
  count: number,
  everyMs: number,
  lane: "normal" | "urgent",
  waitMs: number,
): Promise<Latency> {
  if (count === 0) return { afterAccept: [], lost: 0 };
  const taken = await node!.call(longestRunMs, "singles", count, everyMs, lane);
  const arrivals = new Map(await bench.sink.call(waitMs + 5_000, "timed", count, waitMs));
  const afterAccept = taken.flatMap(({ id, accepted }) => {
    const at = arrivals.get(id);
    return at === undefined ? [] : at - accepted;
  });
  return { afterAccept, lost: count - afterAccept.length };
}

/** Bulk mail waits behind a slow provider; urgent mail comes. */
export function measureBacklog(
  place: Place,
  contender: Contender,
  { warmUp, bulk, urgent }: Amounts,
): Promise<Backlog> {
  const { bench } = place;
  return station(place, contender, true, async ({ nodes }) => {
    await through(place, nodes, warmUp);
    const { messages: before } = await bench.sink.call(5_000, "counts");
    await bench.sink.call(5_000, "pace", null);
    try {
      const { began, ended } = await submit(nodes, bulk, "bulk");
      const { messages } = await bench.sink.call(5_000, "counts");
      await bench.sink.call(5_000, "pace", busyMs);
      // First in, first out takes as long as the whole backlog.
      const waitMs = (bulk / sinkConnections) * busyMs * 1.5 + patienceMs;
      const latency = await single(place, nodes, urgent, urgentApart, "urgent", waitMs);
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

/** What the server's own statistics count; null without a server. */
export function measureSyncs(
  place: Place,
  contender: Contender,
  { warmUp, count }: Amounts,
): Promise<Syncs | null> {
  const { signal } = place.bench;
  if (!contender.shared) return Promise.resolve(null);
  return station(place, contender, false, async ({ nodes, url }) => {
    if (url === null) throw new Error("there is no server to count them");
    const counted = async () => {
      await setTimeout(reportedAfterMs, null, { signal });
      return readCounted(url);
    };
    await through(place, nodes, warmUp);
    const early = await counted();
    const from = await counted();
    await through(place, nodes, count);
    const to = await counted();
    // What they do at rest is not the messages'.
    const each = (of: keyof Counted) => Math.max(0, to[of] - 2 * from[of] + early[of]) / count;
    return { commits: each("commits"), syncs: each("syncs") };
  });
}
