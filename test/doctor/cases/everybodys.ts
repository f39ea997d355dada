// What every machine of the stage reaches: a replica of each provider, its site, and a few hosts of the web.
import { siteOf } from "../../../src/doctor/reach/others.ts";
import { providers } from "../../../src/providers/catalogue.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import type { Case, Service, Site } from "../case.ts";
import { web } from "../peers/raw.ts";
import { type Mood, replica } from "../peers/smtp.ts";
import type { Records } from "../world.ts";
import { senders } from "./senders.ts";

/** Hosts that the doctor turns to for a comparison, beside providers'. */
const webHosts = [
  "example.com",
  "www.example.com",
  "www.google.com",
  "www.cloudflare.com",
  "www.microsoft.com",
  "www.debian.org",
  "www.baidu.com",
];

/** With what the replicas say to the accounts of these cases. */
export function everybodys(cases: readonly Case[]): readonly Site[] {
  const sites = new Map<string, Record<number, Service>>();
  // Outlook's name belongs to its elder sibling as well, which has more to tell of it.
  const inOrder = providers.toSorted((one, other) => rank(one) - rank(other));
  for (const known of inOrder) {
    const own = replica(known, moodsOf(known, cases));
    for (const { host, port, security } of known.endpoints) {
      if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) continue;
      const services = sites.get(host) ?? { 80: web, 443: web };
      services[port] ??= own(security);
      sites.set(host, services);
    }
  }
  for (const host of [...webHosts, ...providers.map(siteOf)])
    if (host !== null && !sites.has(host)) sites.set(host, { 80: web, 443: web });
  const all = [...sites].map(([host, services]): Site => ({ host, services }));
  return [...all, { host: "senders.invalid", services: {}, records: senders as Record<string, Records> }];
}

const rank = ({ id }: Provider) => (id === "microsoft-365" ? 0 : 1);

function moodsOf(known: Provider, cases: readonly Case[]): readonly Mood[] {
  return cases.flatMap(({ mood, input }) =>
    mood !== undefined && input.provider === known.id ? [mood] : [],
  );
}
