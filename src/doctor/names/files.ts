// What this machine's own files say about names: resolv.conf (resolv.conf(5)) and the hosts file (hosts(5)).
import { isIP } from "node:net";

export interface ResolverFile {
  /** In the order in which they are asked; glibc asks no more than three (MAXNS). */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** From so many dots on, a name is first asked for as it stands. */
  readonly ndots: number;
}

/** glibc's bounds: MAXNS and RES_MAXNDOTS. */
const mostServers = 3;
const mostDots = 15;

/** Of `search` and `domain` the last line counts. What no resolver would understand is passed over, as they do. */
export function parseResolverFile(text: string): ResolverFile {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword = "", ...words] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && words[0] !== undefined) servers.push(words[0]);
    if (keyword === "search") search = words.filter((word) => word !== ".");
    if (keyword === "domain") search = words.slice(0, 1);
    if (keyword === "options")
      for (const word of words) {
        const [, dots] = /^ndots:(\d{1,9})$/.exec(word) ?? [];
        if (dots !== undefined) ndots = Math.min(Number(dots), mostDots);
      }
  }
  return { servers: servers.slice(0, mostServers), search, ndots };
}

export interface HostsLine {
  /** From 1. */
  readonly line: number;
  readonly address: string;
}

/** Enough to name the culprit; a list of a hundred thousand blocked names repeats itself. */
const mostLines = 8;

/** The lines of a hosts file that name `host`, in any letter case. */
export function hostsLines(text: string, host: string): readonly HostsLine[] {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  const found: HostsLine[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    const named = names.some((name) => name.toLowerCase().replace(/\.$/, "") === wanted);
    if (!named || isIP(address) === 0) continue;
    found.push({ line: index + 1, address });
    if (found.length === mostLines) break;
  }
  return found;
}
