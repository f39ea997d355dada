// Knocks at the setting's port and its neighbours, each address on its own.
import type { LookupAddress } from "node:dns";
import type { Lookup } from "../../smtp/options.ts";
import type { ReachFacts } from "../facts.ts";
import { askSystem, systemLookup } from "../names/system.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { doorOf, present, rounds } from "./rounds.ts";
import { lookAtRoutes } from "./routes.ts";

export { lookAtControls } from "./controls.ts";

/** Enough to see a family fail; every address of a large provider would be a scan. */
const mostPerFamily = 3;

/** Where mail is handed in: the registered ports (RFC 6409, RFC 8314), the old one, and the one that clouds seldom block. */
const usualPorts = [587, 465, 2525, 25];

/** Milliseconds to listen for a greeting. A server that lets one wait longer shows it in the dialogue. */
const greetingMs = 2_000;

/** Milliseconds within which the last knock begins, so that the look ends in time when every port is a black hole. */
const beginningMs = 4_500;

/**
 * The first wave: own port, other ports, routes; `controls` is empty. Ends within 6 s for the name and 9 s for the
 * knocks. Where the setting has a proxy, only the proxy is knocked at.
 */
export async function lookAtReach(
  setting: Setting,
  surroundings: Surroundings,
  lookup: Lookup = systemLookup,
): Promise<ReachFacts> {
  const { endpoint, proxy } = setting;
  const { host, port } = proxy ?? endpoint;
  const [routes, { addresses }] = await Promise.all([
    lookAtRoutes(surroundings),
    askSystem(host, lookup, surroundings.ended),
  ]);
  const few = fewest(addresses);
  const preferred = routes.v4 === false ? 6 : 4;
  const base = few.find(({ family }) => family === preferred) ?? few[0];
  const round = rounds(surroundings, beginningMs);
  const listens = proxy === null && endpoint.security !== "tls";
  const knockOwn = (address: LookupAddress) => round({ ...doorOf(address), port }, listens ? greetingMs : 0);
  // In the order of what tells most, should the time not suffice for all.
  const heads = few.filter((one, at) => few.findIndex(({ family }) => family === one.family) === at);
  const first = heads.map((one) => [one, knockOwn(one)] as const);
  const ports =
    proxy !== null || base === undefined
      ? []
      : portsBeside(setting).map((other) => round({ ...doorOf(base), port: other }));
  const rest = few.filter((one) => !heads.includes(one)).map((one) => [one, knockOwn(one)] as const);
  const began = new Map([...first, ...rest]);
  return {
    own: present(await Promise.all(few.map((one) => began.get(one) ?? null))),
    ports: present(await Promise.all(ports)),
    controls: { web: [], elsewhere: [], others: [], nowhere: [] },
    routes,
  };
}

/** In the system's order, at most three of each family. */
function fewest(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  return addresses.filter(
    (one, at) => addresses.slice(0, at).filter(({ family }) => family === one.family).length < mostPerFamily,
  );
}

/** What this provider offers comes first: a person can turn to it. */
function portsBeside({ provider, endpoint }: Setting): readonly number[] {
  const offered = provider?.endpoints.map(({ port }) => port) ?? [];
  return [...new Set([...offered, ...usualPorts])].filter((port) => port !== endpoint.port);
}
