// Looks at the rules of this machine: which of them would stop a new connection for mail of this process's user.
import type { Family, FirewallFacts, Rule, Source } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import { numberOf } from "./address.ts";
import { inboundRules } from "./inbound.ts";
import { anyOf, exactly, flagBits, type Packet, type Span, tcp } from "./packet.ts";
import { type Authors, placeOf, removeOf, toolOf } from "./remedy.ts";
import { type Forbidding, forbiddenBy, forbiddingRoute, forbiddingRule, type Way, wayOf } from "./routes.ts";
import type { Table } from "./ruleset.ts";
import { mostTime, showRules } from "./sources.ts";
import { type Stop, stopsOf } from "./walk.ts";

/** Of a host with more, the others are its equals. */
const mostAddresses = 8;

/** Nothing lives at these (RFC 5737, RFC 3849); they show the way that an unknown address takes. */
const anywhere = ["192.0.2.1", "2001:db8::1"] as const;

interface Target {
  readonly family: Family;
  /** Null when the host has no known address of this family. */
  readonly address: string | null;
  readonly way: Way | null;
}

/**
 * The first of `ports` is the one in question. Without addresses it tells of rules that stop every destination. Each
 * program that is asked has two seconds.
 */
export async function lookAtFirewall(
  surroundings: Surroundings,
  ports: readonly number[],
  addresses: readonly string[],
): Promise<FirewallFacts> {
  const asked = addresses.slice(0, mostAddresses);
  const [shown, routes, ephemeral] = await Promise.all([
    showRules(surroundings),
    waysTo(surroundings, asked, ports[0] ?? 0),
    ephemeralPorts(surroundings),
  ]);
  const rules = new Rules(shown.authors, ports[0] ?? 0);
  for (const target of routes.targets) {
    // One address after the other, so that other looks get their turn between long lists of rules.
    await new Promise((next) => setImmediate(next));
    if (surroundings.ended.aborted) break;
    for (const port of ports) follow(shown.tables, target, port, ephemeral, rules);
  }
  return {
    sources: [...shown.sources, ...routes.sources],
    rules: [...routes.rules, ...rules.all()],
    inbound: inboundRules(shown.tables, ports),
  };
}

function follow(tables: readonly Table[], target: Target, port: number, ephemeral: Span, rules: Rules): void {
  const out = stopsOf(tables, ["output", "postrouting", "egress"], outgoing(target, port, ephemeral));
  for (const stop of out) rules.add(stop, target, port, "out");
  if (out.some(({ certain }) => certain)) return;
  const back = stopsOf(tables, ["ingress", "prerouting", "input"], answering(target, port, ephemeral));
  // Whatever it is answered with goes to the server: here it looks like silence.
  for (const stop of back)
    if (stop.action !== "redirect") rules.add({ ...stop, action: "drop" }, target, port, "back");
}

/** The first packet of the connection as it leaves. */
function outgoing({ family, address, way }: Target, port: number, ephemeral: Span): Packet {
  return {
    family,
    numbers: {
      protocol: exactly(tcp),
      source: spanOfAddress(way?.source ?? null, "source"),
      destination: spanOfAddress(address, "destination"),
      "source-port": ephemeral,
      "destination-port": exactly(port),
      user: id(process.geteuid?.(), "user"),
      group: id(process.getegid?.(), "group"),
      mark: exactly(0),
      flags: exactly(flagBits.syn ?? 0n),
    },
    words: {
      out: way?.device ?? null,
      in: "",
      state: "new",
      direction: "original",
      "source-type": "local",
      "destination-type": kindOf(way),
    },
  };
}

/** The server's answer to it as it comes in. */
function answering({ family, address, way }: Target, port: number, ephemeral: Span): Packet {
  return {
    family,
    numbers: {
      protocol: exactly(tcp),
      source: spanOfAddress(address, "source"),
      destination: spanOfAddress(way?.source ?? null, "destination"),
      "source-port": exactly(port),
      "destination-port": ephemeral,
      user: anyOf("user"),
      group: anyOf("group"),
      mark: exactly(0),
      flags: exactly((flagBits.syn ?? 0n) | (flagBits.ack ?? 0n)),
    },
    words: {
      out: "",
      in: way?.device ?? null,
      state: "established",
      direction: "reply",
      "source-type": kindOf(way),
      "destination-type": "local",
    },
  };
}

function spanOfAddress(address: string | null, field: "source" | "destination"): Span {
  const number = address === null ? null : numberOf(address);
  return number === null ? anyOf(field) : exactly(number.value);
}

function id(number: number | undefined, field: "user" | "group"): Span {
  return number === undefined ? anyOf(field) : exactly(number);
}

function kindOf(way: Way | null): string | null {
  return way === null ? null : way.isLocal ? "local" : "unicast";
}

/** Ports that the system gives out for connections (ip_local_port_range; Linux has 32768 to 60999 when nobody changed it). */
async function ephemeralPorts({ read }: Surroundings): Promise<Span> {
  const [low, high] = ((await read("/proc/sys/net/ipv4/ip_local_port_range")) ?? "").trim().split(/\s+/);
  if (!/^\d+$/.test(low ?? "") || !/^\d+$/.test(high ?? "")) return { low: 1_024n, high: 65_535n };
  return { low: BigInt(low ?? 0), high: BigInt(high ?? 0) };
}

interface Ways {
  readonly targets: readonly Target[];
  readonly rules: readonly Rule[];
  readonly sources: readonly Source[];
}

/** Needs no permission. */
async function waysTo(surroundings: Surroundings, addresses: readonly string[], port: number): Promise<Ways> {
  const known = addresses.flatMap((address) => {
    const number = numberOf(address);
    return number === null ? [] : [{ address, family: number.family }];
  });
  const asked =
    known.length > 0
      ? known
      : anywhere.map((address) => ({ address, family: numberOf(address)?.family ?? 4 }));
  const user = process.geteuid?.() ?? null;
  const flow = ["ipproto", "tcp", "dport", String(port), ...(user === null ? [] : ["uid", String(user)])];
  const found = await Promise.all(
    asked.map(async ({ address, family }) => {
      const ran = await surroundings.run("ip", ["-j", "route", "get", address, ...flow], mostTime);
      const by = known.length === 0 ? null : forbiddenBy(ran.stderr);
      const forbidding =
        by === null ? null : await forbiddingOf(surroundings, address, family, by, port, user);
      return { address, family, ran, forbidding, way: ran.state === "read" ? wayOf(ran.stdout) : null };
    }),
  );
  const [first] = found;
  return {
    targets: found.map(({ address, family, way }) => ({
      family,
      way,
      address: known.length === 0 ? null : address,
    })),
    rules: found.flatMap(({ address, family, forbidding }) =>
      forbidding === null ? [] : [ruleOfRoute(forbidding, address, family, port)],
    ),
    sources:
      first === undefined
        ? []
        : [{ tool: "routes", command: "ip route show table all", state: stateOf(first.ran) }],
  };
}

/** An answer that there is no way is an answer too. */
function stateOf({
  state,
  stderr,
}: {
  readonly state: Source["state"];
  readonly stderr: string;
}): Source["state"] {
  return state === "absent"
    ? "absent"
    : state === "read" || stderr.includes("RTNETLINK answers")
      ? "read"
      : "failed";
}

async function forbiddingOf(
  surroundings: Surroundings,
  address: string,
  family: Family,
  kind: Forbidding["kind"],
  port: number,
  user: number | null,
): Promise<Forbidding | null> {
  const flag = family === 6 ? ["-6"] : [];
  const [routes, rules] = await Promise.all([
    surroundings.run("ip", ["-j", ...flag, "route", "show", "table", "all"], mostTime),
    surroundings.run("ip", ["-j", ...flag, "rule", "show"], mostTime),
  ]);
  return (
    forbiddingRoute(routes.stdout, address, kind) ?? forbiddingRule(rules.stdout, family, kind, port, user)
  );
}

function ruleOfRoute(
  { kind, place, text, remove }: Forbidding,
  address: string,
  family: Family,
  port: number,
): Rule {
  return {
    tool: "routes",
    family,
    action: "reject",
    with: kind,
    ports: [port],
    addresses: [address],
    direction: "out",
    certain: true,
    place,
    text,
    remove,
    packets: null,
  };
}

/** Rules as they are found, one for all of the ports and addresses that it stops. */
class Rules {
  readonly #found = new Map<string, Rule>();
  readonly #authors: Authors;
  readonly #port: number;

  constructor(authors: Authors, port: number) {
    this.#authors = authors;
    this.#port = port;
  }

  add(stop: Stop, { family, address }: Target, port: number, direction: Rule["direction"]): void {
    const { action, certain, line, entry } = stop;
    const place = placeOf(stop);
    const text = line?.text ?? entry.policyText;
    const key = JSON.stringify([
      stop.table.tool,
      place,
      text,
      line?.handle,
      action,
      certain,
      direction,
      stop.table.families,
    ]);
    const before = this.#found.get(key);
    const ports = [...new Set([...(before?.ports ?? []), port])];
    const addresses = [...new Set([...(before?.addresses ?? []), ...(address === null ? [] : [address])])];
    const of = ports.includes(this.#port) ? this.#port : port;
    this.#found.set(key, {
      tool: toolOf(stop, this.#authors),
      family: before !== undefined && before.family !== family ? "both" : family,
      action,
      ...(stop.with === undefined ? {} : { with: stop.with }),
      ports,
      addresses,
      direction,
      certain,
      place,
      text,
      remove: removeOf(stop, this.#authors, { port: of, direction, user: process.geteuid?.() ?? null }),
      ...(line?.owner === undefined ? {} : { owner: line.owner }),
      packets: line === null ? entry.packets : line.packets,
    });
  }

  all(): readonly Rule[] {
    return [...this.#found.values()];
  }
}
