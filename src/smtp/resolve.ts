// From a host name to its addresses.
import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { codeOf, type Deadline, dialFailure, textOf } from "./deadline.ts";
import type { Lookup } from "./options.ts";

/** The system's resolver, in its own order of preference (RFC 6724). */
const lookupAll: Lookup = (host) => systemLookup(host, { all: true, order: "verbatim" });

/**
 * Every address of `host`; an address literal is its own. Rejects with an SmtpFailure of stage `resolve`
 * whose `code` and `errno` are the resolver's: libuv's -3008 is a name that does not exist, -3007 a name
 * without addresses, -3001 a resolver in trouble.
 */
export async function resolve(
  host: string,
  lookup: Lookup | undefined,
  deadline: Deadline,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const found = await new Promise<readonly LookupAddress[]>((done, fail) => {
    // A look-up cannot be stopped: when the time is up it is left to itself.
    const release = deadline.onOver(() => fail(deadline.failure("resolve", `resolving ${host}`)));
    const refuse = (error: unknown) =>
      fail(
        dialFailure(
          `${host} does not resolve: ${textOf(error)}`,
          { stage: "resolve", kind: "resolve", code: codeOf(error) },
          error,
        ),
      );
    (lookup ?? lookupAll)(host).then(done, refuse).finally(release);
  });
  const addresses = found.filter(({ address }) => isIP(address) !== 0);
  if (addresses.length === 0)
    throw dialFailure(`${host} has no address`, { stage: "resolve", kind: "resolve", code: "ENODATA" });
  return addresses;
}
