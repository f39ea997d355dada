// Who lives where on the stage: an address for each site, a name server for each machine. The test and the process that
// runs the servers both work it out from the same list of cases.
import type { Case, Site } from "./case.ts";
import { plain, type Records, type World } from "./world.ts";

export interface Placed {
  readonly site: Site;
  readonly v4: string;
  /** Null for a host that nobody knows by IPv6. */
  readonly v6: string | null;
}

export interface PlacedWorld {
  readonly world: World;
  /** Where its name server listens. */
  readonly dns: string;
  /** By name, in lower case and without the last dot. */
  readonly zone: ReadonlyMap<string, Records | null>;
  /** The address of each host, as this world knows it. */
  readonly addressOf: (host: string) => string;
  readonly resolvConf: string;
  readonly hosts: string;
  readonly setUp: readonly string[];
  readonly gateway: readonly string[];
  readonly redirects: readonly string[];
}

export interface Plan {
  readonly placed: readonly Placed[];
  readonly worlds: readonly PlacedWorld[];
}

/** `everybodys`: what all machines see, unless a case has another host of that name. */
export function plan(everybodys: readonly Site[], cases: readonly Case[]): Plan {
  const placed: Placed[] = [];
  const place = (site: Site): Placed => {
    const at = placed.length;
    const one = {
      site,
      v4: site.address ?? `45.131.${Math.floor(at / 200)}.${(at % 200) + 1}`,
      v6: JSON.stringify(site.records ?? {}).includes("{v6 ")
        ? `2a0c:b640:1::${(at + 1).toString(16)}`
        : null,
    };
    placed.push(one);
    return one;
  };
  const common = everybodys.map(place);
  const worlds = [...new Set(cases.map(({ world }) => world ?? plain))];
  checkNames(worlds);
  const ofWorld = worlds.map((world) => {
    const own = cases.filter((one) => (one.world ?? plain) === world).flatMap(({ sites }) => sites ?? []);
    const hosts = own.map(({ host }) => host);
    const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
    if (twice !== undefined) throw new Error(`two cases of the world ${world.name} have a site ${twice}`);
    return { world, own: own.map(place) };
  });
  return {
    placed,
    worlds: ofWorld.map(({ world, own }, index) =>
      settle(world, `45.130.0.${index + 1}`, [...common, ...own]),
    ),
  };
}

function settle(world: World, dns: string, sites: readonly Placed[]): PlacedWorld {
  const found = (host: string) => {
    const one = sites.findLast(({ site }) => site.host === host);
    if (one === undefined) throw new Error(`no site is called ${host} in the world ${world.name}`);
    return one;
  };
  const filled = (text: string) =>
    text.replace(/\{(v6 )?([a-z0-9.-]+)\}/g, (_, v6: string | undefined, host: string) =>
      host === "dns" ? dns : v6 === undefined ? found(host).v4 : (found(host).v6 ?? ""),
    );
  const zone = new Map<string, Records | null>();
  const put = (name: string, records: Records | null) =>
    zone.set(
      name.toLowerCase(),
      records === null
        ? null
        : {
            ...records,
            ...(records.a === undefined ? {} : { a: records.a.map(filled) }),
            ...(records.aaaa === undefined ? {} : { aaaa: records.aaaa.map(filled) }),
          },
    );
  for (const { site, v4 } of sites) {
    if (site.records === undefined) put(site.host, { a: [v4] });
    else for (const [name, records] of Object.entries(site.records)) put(name, records);
  }
  for (const [name, records] of Object.entries(world.dns?.names ?? {})) put(name, records);
  return {
    world,
    dns,
    zone,
    addressOf: (host) => found(host).v4,
    resolvConf: filled(world.resolvConf ?? "nameserver {dns}\n"),
    setUp: (world.setUp ?? []).map(filled),
    gateway: (world.gateway ?? []).map(filled),
    redirects: (world.redirects ?? []).map(filled),
    hosts: ["127.0.0.1 localhost", "::1 localhost", ...(world.hosts ?? []).map(filled), ""].join("\n"),
  };
}

function checkNames(worlds: readonly World[]): void {
  const names = worlds.map(({ name }) => name);
  const bad = names.find((name, index) => names.indexOf(name) !== index || !/^[a-z0-9-]{1,8}$/.test(name));
  if (bad !== undefined) throw new Error(`the name of a world is taken or too long: ${bad}`);
}
