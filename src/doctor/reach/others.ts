// Hosts of other providers that listen on a port: whether the port is blocked, or only this host is silent.
import { provider, providers } from "../../providers/catalogue.ts";
import type { Provider } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { Setting } from "../test.ts";

/** In the order of asking: large services of several countries, so that one at least is not kept out by a border. */
const wellKnown = ["sendgrid", "qq", "fastmail", "163", "mailgun", "gmail", "brevo"];

/** At most `most` hosts of others than the setting's provider and its like that are documented to listen on `port`. */
export function othersOn(port: number, setting: Setting, most: number): readonly string[] {
  const ours = new Set([
    ownerOf(setting.endpoint.host),
    ...(setting.provider === null ? [] : ownersOf(setting.provider)),
  ]);
  const hosts: string[] = [];
  const candidates = [...wellKnown.map((id) => provider(id)), ...providers];
  for (const one of candidates) {
    if (hosts.length === most) break;
    const there = one?.endpoints.find((known) => known.port === port && !known.legacy);
    if (there === undefined || isLoopback(there.host)) continue;
    const owners = ownersOf(one);
    if (owners.some((owner) => ours.has(owner))) continue;
    hosts.push(there.host);
    for (const owner of owners) ours.add(owner);
  }
  return hosts;
}

/** Providers of one company share a domain among their hosts: what keeps one out keeps out the other. */
export function ownersOf({ endpoints, mxSuffixes }: Provider): readonly string[] {
  return [...endpoints.map(({ host }) => host), ...mxSuffixes].map(ownerOf);
}

/** The domain that somebody registered, as far as labels tell: `qq.com`, `yahoo.co.jp`. */
export function ownerOf(host: string): string {
  const labels = host.toLowerCase().replace(/\.$/, "").split(".");
  const isCountry = labels.at(-1)?.length === 2;
  const depth = isCountry && ["com", "co", "net", "org", "ac", "gov"].includes(labels.at(-2) ?? "") ? 3 : 2;
  return labels.slice(-depth).join(".");
}

/** Where the provider's own site is, by the pages that the catalogue links to. */
export function siteOf(known: Provider): string | null {
  const pages = [...known.links, ...(known.secret.obtain.url === null ? [] : [known.secret.obtain.url])];
  const hosts = pages.map((page) => new URL(page).hostname);
  const owners = known.endpoints.map(({ host }) => ownerOf(host));
  return hosts.find((host) => owners.includes(ownerOf(host))) ?? null;
}
