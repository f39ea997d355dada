// One question to one name server, past hosts files and search domains.
import { Resolver } from "node:dns/promises";
import type { Answered } from "../facts.ts";

/** Milliseconds; one try. A name server that needs longer holds up every connection. */
const limitMs = 2_000;

/** The addresses that `server` has for `name`. `code` is c-ares' (`ENOTFOUND`, `ENODATA`, `ESERVFAIL`, `ETIMEOUT` …). */
export function askServer(
  server: string,
  name: string,
  type: "A" | "AAAA",
  ended: AbortSignal,
): Promise<Answered> {
  return answered(server, ended, (resolver) =>
    type === "A" ? resolver.resolve4(name) : resolver.resolve6(name),
  );
}

async function answered(
  server: string,
  ended: AbortSignal,
  ask: (resolver: Resolver) => Promise<readonly string[]>,
): Promise<Answered> {
  const began = performance.now();
  const resolver = new Resolver({ timeout: limitMs, tries: 1 });
  const cancel = () => resolver.cancel();
  ended.addEventListener("abort", cancel, { once: true });
  try {
    resolver.setServers([server]);
    if (ended.aborted) return { values: [], code: "ECANCELLED", ms: 0 };
    const values = await ask(resolver);
    return { values, code: null, ms: performance.now() - began };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { values: [], code: code ?? "UNKNOWN", ms: performance.now() - began };
  } finally {
    ended.removeEventListener("abort", cancel);
  }
}

/** Whether a name server said anything at all: no is a word too. */
export function hasSpoken({ code }: Answered): boolean {
  return code === null || ["ENOTFOUND", "ENODATA", "ESERVFAIL", "EREFUSED"].includes(code);
}
