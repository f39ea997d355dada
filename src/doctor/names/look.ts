// Looks at how the host's name becomes addresses: by the system, and by each of its name servers alone.
import { randomBytes } from "node:crypto";
import { getServers } from "node:dns";
import { isIP } from "node:net";
import { providerOfHost } from "../../providers/hosts.ts";
import type { Lookup } from "../../smtp/options.ts";
import type { NameFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { placeOf } from "./addresses.ts";
import { hostsLines, parseResolverFile } from "./files.ts";
import { askServer, hasSpoken } from "./servers.ts";
import { askSystem, systemLookup } from "./system.ts";

/** Exists as long as there is a DNS (RFC 2606 §3), and belongs to nobody's mail. */
export const controlName = "example.com";

/**
 * The names that the setting's connection begins with: the proxy's where there is one, for the proxy asks for the rest.
 * Ends within 9 s: 6 s for the system with 2 s for each name server beside it, then 3 s for what looked odd.
 * `lookup` is the system's way unless the caller shares one answer among several looks.
 */
export async function lookAtNames(
  setting: Setting,
  surroundings: Surroundings,
  lookup: Lookup = systemLookup,
): Promise<NameFacts> {
  const { ended } = surroundings;
  const { host } = setting.proxy ?? setting.endpoint;
  const nothing = { addresses: [], code: null, errno: null, ms: 0 };
  if (isIP(host) !== 0)
    return {
      host,
      literal: true,
      system: nothing,
      servers: [],
      hosts: [],
      search: [],
      ndots: 1,
      control: null,
      nonsense: null,
    };
  const [resolverText, hostsText] = await Promise.all([
    surroundings.read("/etc/resolv.conf"),
    surroundings.read(hostsPath(surroundings.env)),
  ]);
  const file = parseResolverFile(resolverText ?? "");
  const asked = file.servers.length > 0 ? file.servers : getServers().slice(0, 3);
  const [system, servers] = await Promise.all([
    askSystem(host, lookup, ended),
    Promise.all(
      asked.map(async (server) => {
        const [a, aaaa] = await Promise.all([
          askServer(server, host, "A", ended),
          askServer(server, host, "AAAA", ended),
        ]);
        return { server, a, aaaa };
      }),
    ),
  ]);
  const first = {
    host,
    literal: false,
    system,
    servers,
    hosts: hostsText === null ? [] : hostsLines(hostsText, host),
    search: file.search,
    ndots: file.ndots,
  };
  if (!looksOdd(first)) return { ...first, control: null, nonsense: null };
  return { ...first, ...(await askMore(first, surroundings, lookup)) };
}

type First = Omit<NameFacts, "control" | "nonsense" | "absolute">;

/** What tells a broken name from a broken name server, and a filter from the truth. */
async function askMore(
  { host, search, servers }: First,
  { ended }: Surroundings,
  lookup: Lookup,
): Promise<Pick<NameFacts, "control" | "nonsense" | "absolute">> {
  const speaking = servers.find(({ a, aaaa }) => hasSpoken(a) || hasSpoken(aaaa))?.server;
  const ask = async (name: string) =>
    speaking === undefined ? null : { name, answer: await askServer(speaking, name, "A", ended) };
  const expanded = search.length > 0 && !host.endsWith(".");
  const [control, nonsense, absolute] = await Promise.all([
    ask(controlName),
    ask(`postrider-${randomBytes(6).toString("hex")}.${controlName}`),
    expanded ? askSystem(`${host}.`, lookup, ended, 3_000) : undefined,
  ]);
  return { control, nonsense, ...(absolute === undefined ? {} : { absolute }) };
}

/**
 * Nothing is odd about a name that the system and its name servers agree on, and that leads where it can. A name that
 * the catalogue does not vouch for may be mistyped, and a name server that answers everything would hide it.
 */
function looksOdd({ host, system, servers }: First): boolean {
  if (isOfThisMachine(host)) return false;
  if (system.code !== null || providerOfHost(host) === null) return true;
  const told = servers.flatMap(({ a, aaaa }) => [...a.values, ...aaaa.values]);
  const agreed = system.addresses.some(({ address }) => told.includes(address));
  if (!agreed || servers.some(({ a, aaaa }) => !hasSpoken(a) || !hasSpoken(aaaa))) return true;
  return system.addresses.some(({ address }) => placeOf(address) !== "public");
}

/** RFC 6761 §6.3. */
export function isOfThisMachine(host: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(host);
}

function hostsPath(env: Surroundings["env"]): string {
  return process.platform === "win32"
    ? `${env.SystemRoot ?? "C:\\Windows"}\\System32\\drivers\\etc\\hosts`
    : "/etc/hosts";
}
