// From all findings to one cause: what is an effect is dropped, and of what remains the first in the way of a mail is told.
import { type CauseId, causeIds } from "../causes/book.ts";
import type { Layer } from "../causes/entry.ts";
import type { EvidenceValues } from "../causes/placeholders.ts";
import type { Text } from "../providers/provider.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { type Finding, probes, type Status } from "./finding.ts";

/** In the order in which a mail passes them: what fails first keeps everything after it from being tried. */
export const layers = [
  "config",
  "environment",
  "dns",
  "tcp",
  "proxy",
  "banner",
  "ehlo",
  "protocol",
  "tls",
  "certificate",
  "client",
  "auth",
  "envelope",
  "message",
  "data",
  "delivery",
  "unknown",
] as const satisfies readonly Layer[];

const statuses: readonly Status[] = ["fail", "warn", "skipped", "ok"];

export interface Conclusion {
  readonly verdict: Diagnosis["verdict"];
  /** Null when all is well, or when what is not well has no name in the book. */
  readonly cause: CauseId | null;
  /** Those that name the cause, or stand for it where it has no name; the first is the one to tell. */
  readonly named: readonly Finding[];
  readonly evidence: readonly Text[];
  readonly values: EvidenceValues;
  /** In the order of layers; of one layer the worst first. */
  readonly findings: readonly Finding[];
  /** Those among them that are an effect of another one. */
  readonly effects: ReadonlySet<Finding>;
}

/**
 * `failed` when anything fails, `degraded` when anything is only not well. The cause is the first in the order of
 * layers that no other one accounts for; where some account for each other in a circle, the first of the circle. The
 * same findings in another order come to the same.
 */
export function conclude(found: readonly Finding[]): Conclusion {
  const findings = found.toSorted(compare);
  const fails = findings.filter(({ status }) => status === "fail");
  const warns = findings.filter(({ status }) => status === "warn");
  const wrong = fails.length > 0 ? fails : warns;
  const candidates = rootsOf(wrong);
  const roots = [...candidates, ...rootsOf([...fails, ...warns])];
  const first = candidates.find(({ cause }) => cause !== undefined) ?? candidates[0];
  const named =
    first === undefined
      ? []
      : wrong.filter((one) => (first.cause === undefined ? one === first : one.cause === first.cause));
  return {
    verdict: fails.length > 0 ? "failed" : warns.length > 0 ? "degraded" : "ok",
    cause: first?.cause ?? (fails.length > 0 ? "unknown.failure" : null),
    named,
    evidence: evidenceOf(named),
    values: Object.assign({}, ...named.toReversed().map(({ values }) => values)) as EvidenceValues,
    findings,
    effects: new Set([...fails, ...warns].filter((one) => !roots.includes(one))),
  };
}

/** Whether one cause accounts for another among the findings, at once or by way of others. */
export function accountsFor(findings: readonly Finding[], cause: CauseId, effect: CauseId): boolean {
  return reached(explanations(findings), cause).has(effect);
}

/** Those that no other one accounts for, unless it is accounted for by them in turn. */
function rootsOf(findings: readonly Finding[]): readonly Finding[] {
  const graph = explanations(findings);
  const effects = new Map([...graph.keys()].map((cause) => [cause, reached(graph, cause)]));
  const isEffect = (cause: CauseId) =>
    [...effects].some(
      ([other, ends]) => other !== cause && ends.has(cause) && !effects.get(cause)?.has(other),
    );
  return findings.filter(({ cause }) => cause === undefined || !isEffect(cause));
}

type Graph = ReadonlyMap<CauseId, ReadonlySet<CauseId>>;

/** Which present causes each present cause accounts for. */
function explanations(findings: readonly Finding[]): Graph {
  const graph = new Map<CauseId, Set<CauseId>>();
  for (const { cause } of findings) if (cause !== undefined) graph.set(cause, new Set());
  for (const { cause, explains = [] } of findings)
    for (const effect of explains)
      if (cause !== undefined && effect !== cause && graph.has(effect)) graph.get(cause)?.add(effect);
  return graph;
}

function reached(graph: Graph, from: CauseId): ReadonlySet<CauseId> {
  const ends = new Set<CauseId>();
  const open = [...(graph.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ends.has(next)) continue;
    ends.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return ends;
}

/** Where a finding says no more than what it saw, that is the evidence. */
function evidenceOf(named: readonly Finding[]): readonly Text[] {
  const all = named.flatMap(({ evidence = [], detail }) => (evidence.length > 0 ? evidence : [detail]));
  return all.filter(({ en }, at) => all.findIndex((other) => other.en === en) === at);
}

function compare(one: Finding, other: Finding): number {
  return (
    layers.indexOf(one.layer) - layers.indexOf(other.layer) ||
    statuses.indexOf(one.status) - statuses.indexOf(other.status) ||
    probes.indexOf(one.probe) - probes.indexOf(other.probe) ||
    rankOf(one.cause) - rankOf(other.cause) ||
    byText(JSON.stringify(one), JSON.stringify(other))
  );
}

const rankOf = (cause: CauseId | undefined) => (cause === undefined ? -1 : causeIds.indexOf(cause));

const byText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
