// The second wave: connections that tell *blocked* from *down*. Nothing is said over any of them.
import { isIP } from "node:net";
import { providerOfHost } from "../../providers/hosts.ts";
import type { Lookup } from "../../smtp/options.ts";
import type { Knock, ReachFacts } from "../facts.ts";
import { placeOf } from "../names/addresses.ts";
import { controlName } from "../names/look.ts";
import { askSystem, systemLookup } from "../names/system.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import type { Door } from "./knock.ts";
import { othersOn, siteOf } from "./others.ts";
import { doorOf, present, rounds } from "./rounds.ts";
import { namesAnother } from "./stranger.ts";

/** TEST-NET-1 (RFC 5737): no route leads there, so whatever answers stands near this machine. */
const nowhereAddress = "192.0.2.1";

/**
 * Milliseconds within which the last knock begins. Shorter than a knock: where the first four all stay silent, there
 * is no way out at all, and the others would tell nothing more.
 */
const beginningMs = 3_000;

/** Milliseconds for the name of a control; one that needs longer is left out. */
const nameMs = 2_000;

/** Milliseconds. Whoever takes connections to nowhere often says who it is. */
const greetingMs = 1_500;

export interface ControlOptions {
  /** Something later than the connection looks like a stranger between us and the server. Default false. */
  readonly suspicious?: boolean;
  readonly lookup?: Lookup;
}

/**
 * The facts of the first wave with `controls`, where these show a reason and the person allows it. Ends within
 * 7 s.
 */
export async function lookAtControls(
  setting: Setting,
  surroundings: Surroundings,
  reach: ReachFacts,
  { suspicious = false, lookup = systemLookup }: ControlOptions = {},
): Promise<ReachFacts> {
  const why = reasonFor(setting, reach, suspicious);
  if (!surroundings.controls || why === null) return reach;
  const { endpoint } = setting;
  const { port, host } = endpoint;
  const round = rounds(surroundings, beginningMs);
  const find = (name: string, on: number) => doorTo(name, on, surroundings, lookup);
  const knockAt = async (name: string, door: Door | null) => {
    const seen = door === null ? null : await round(door);
    return seen === null ? null : { ...seen, host: name };
  };
  const at: At = async (name, on) => knockAt(name, await find(name, on));
  const listens = endpoint.security !== "tls";
  const nowhere = round({ address: nowhereAddress, family: 4, port }, listens ? greetingMs : 0);
  if (why === "stranger")
    return { ...reach, controls: { web: [], elsewhere: [], others: [], nowhere: present([await nowhere]) } };
  const elsewhere = at(controlName, 443);
  const web = webOf(setting, reach, at);
  const isOurs = reach.own.some(({ address }) => placeOf(address) !== "public");
  // A server of one's own network tells nothing of what is blocked on the way to the world.
  const others = isOurs && providerOfHost(host) === null ? [] : doorsOfOthers(setting, reach);
  // Their turns are in the order of what they tell, whichever name is found first.
  const inTurn = Promise.all(others.map(([name, on]) => find(name, on))).then((doors) =>
    Promise.all(doors.map((door, index) => knockAt(others[index]?.[0] ?? "", door))),
  );
  const [nothing, site, own, rest] = await Promise.all([nowhere, elsewhere, web, inTurn]);
  return {
    ...reach,
    controls: {
      nowhere: present([nothing]),
      elsewhere: present([site]),
      web: present([own]),
      others: present(rest),
    },
  };
}

/** `down`: no address answers. `stranger`: one answers that may not be who it should be. */
function reasonFor(
  { proxy, provider, endpoint }: Setting,
  { own }: ReachFacts,
  suspicious: boolean,
): "down" | "stranger" | null {
  if (proxy !== null || own.length === 0) return null;
  if (own.every(({ address }) => placeOf(address) === "here")) return null;
  if (own.every(({ code }) => code !== null)) return "down";
  return suspicious || own.some(({ greeting }) => namesAnother(greeting, endpoint.host, provider))
    ? "stranger"
    : null;
}

type At = (host: string, port: number) => Promise<(Knock & { readonly host: string }) | null>;

/** The provider's site has port 443 surely; a mail host of one's own may. */
async function webOf({ provider, endpoint }: Setting, { own }: ReachFacts, at: At): ReturnType<At> {
  const site = provider === null ? null : siteOf(provider);
  const seen = site === null ? null : await at(site, 443);
  const [first] = own;
  if (seen !== null || first === undefined) return seen;
  const same = await at(first.address, 443);
  return same === null ? null : { ...same, host: endpoint.host };
}

function doorsOfOthers(setting: Setting, { own }: ReachFacts): readonly (readonly [string, number])[] {
  const { port } = setting.endpoint;
  const same = othersOn(port, setting, 2).map((name) => [name, port] as const);
  const silent = own.some(({ code }) => code === "TIMEOUT");
  const spare =
    silent && port !== 2525 ? othersOn(2525, setting, 1).map((name) => [name, 2525] as const) : [];
  // Often answered at once, and the only one that tells a block of some ports from one of all: it must not come too late.
  return [...spare, ...same];
}

/** IPv4 where there is one: a control must not fail for want of IPv6. */
async function doorTo(
  name: string,
  port: number,
  { ended }: Surroundings,
  lookup: Lookup,
): Promise<Door | null> {
  const family = isIP(name);
  if (family === 4 || family === 6) return { address: name, family, port };
  const { addresses } = await askSystem(name, lookup, ended, nameMs);
  const found = addresses.find((one) => one.family === 4) ?? addresses[0];
  return found === undefined ? null : { ...doorOf(found), port };
}
