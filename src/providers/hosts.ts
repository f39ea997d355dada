// From a server's name back to the provider it belongs to; tells a mistyped host from a foreign one.
import { distance } from "fastest-levenshtein";
import { isLoopback } from "../smtp/endpoint.ts";
import { providers } from "./catalogue/all.ts";
import type { Provider } from "./provider.ts";

/**
 * Whose endpoint, regional or former host this is; null for a server the catalogue does not know. Where several
 * providers share a host, the one that puts it higher on its list wins.
 */
export function providerOfHost(host: string): Provider | null {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  let best: { entry: Provider; rank: number } | null = null;
  for (const entry of providers) {
    const rank = hostsOf(entry).indexOf(wanted);
    if (rank >= 0 && (best === null || rank < best.rank)) best = { entry, rank };
  }
  return best?.entry ?? null;
}

/** Whether a provider names this host today; one of old may be gone. */
export function isHostOfToday(host: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  return providers.some(({ endpoints, regions }) =>
    [...endpoints.filter(({ legacy }) => !legacy), ...regions].some((known) => known.host === wanted),
  );
}

/**
 * The known host that `host` is most likely a misspelling of; null when it is known itself, or when nothing is
 * within two edits (one for short names, where two letters that changed places count as one).
 */
export function nearestHost(host: string): string | null {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  if (wanted.length > 253) return null;
  const limit = wanted.length < 12 ? 1 : 2;
  let best: { host: string; away: number } | null = null;
  for (const known of new Set(providers.flatMap(hostsOf))) {
    if (known === wanted) return null;
    if (Math.abs(known.length - wanted.length) > limit) continue;
    const away = edits(wanted, known);
    if (away <= limit && (best === null || away < best.away)) best = { host: known, away };
  }
  return best?.host ?? null;
}

function edits(a: string, b: string): number {
  const away = distance(a, b);
  return away === 2 && [...a].sort().join("") === [...b].sort().join("") ? 1 : away;
}

/** Best first. A bridge on this very machine identifies nobody. */
function hostsOf(entry: Provider): readonly string[] {
  return [
    ...entry.endpoints.map(({ host }) => host),
    ...entry.regions.map(({ host }) => host),
    ...entry.legacyHosts,
  ].filter((host) => !isLoopback(host));
}
