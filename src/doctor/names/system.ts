// The system's own answer for a name, with an end: getaddrinfo may wait half a minute for silent name servers.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Lookup } from "../../smtp/options.ts";
import type { Family, NameFacts } from "../facts.ts";

/**
 * Milliseconds. glibc leaves a silent name server after 5 s (resolv.conf(5), `timeout`), so that a second one
 * still has its say; longer would leave no time to knock at what it gave.
 */
export const lookupLimitMs = 6_000;

export const systemLookup: Lookup = (host) => lookup(host, { all: true, order: "verbatim" });

export type SystemAnswer = NameFacts["system"];

/** Never rejects. An address is its own. `TIMEOUT` when nothing came within `limitMs`, or before the end of all. */
export async function askSystem(
  host: string,
  ask: Lookup,
  ended: AbortSignal,
  limitMs: number = lookupLimitMs,
): Promise<SystemAnswer> {
  const literal = familyOf(host);
  if (literal !== null)
    return { addresses: [{ address: host, family: literal }], code: null, errno: null, ms: 0 };
  const began = performance.now();
  const ms = () => performance.now() - began;
  const over = Promise.withResolvers<null>();
  const stop = () => over.resolve(null);
  const timer = setTimeout(stop, limitMs);
  ended.addEventListener("abort", stop, { once: true });
  try {
    // A look-up cannot be stopped: when the time is up it is left to itself.
    const found = ended.aborted ? null : await Promise.race([ask(host), over.promise]);
    if (found === null) return { addresses: [], code: "TIMEOUT", errno: null, ms: ms() };
    const addresses = found.flatMap(({ address }) => {
      const family = familyOf(address);
      return family === null ? [] : [{ address, family }];
    });
    return { addresses, code: addresses.length === 0 ? "ENODATA" : null, errno: null, ms: ms() };
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    return { addresses: [], code: code ?? "UNKNOWN", errno: errno ?? null, ms: ms() };
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", stop);
  }
}

function familyOf(address: string): Family | null {
  const family = isIP(address);
  return family === 4 || family === 6 ? family : null;
}
