// Whether a greeting comes from somebody who is not the provider.
import type { Provider } from "../../providers/provider.ts";
import { ownerOf } from "./others.ts";

/**
 * True when the greeting names a host whose domain is neither the provider's nor the setting's. Of a server that the
 * catalogue does not know nobody can say how it calls itself.
 */
export function namesAnother(greeting: string | null, host: string, provider: Provider | null): boolean {
  if (greeting === null || provider === null) return false;
  const [, named] = /^220[ -]([a-z0-9-]+(?:\.[a-z0-9-]+)+)/i.exec(greeting) ?? [];
  if (named === undefined) return false;
  const known = [
    host,
    ...provider.endpoints.map((endpoint) => endpoint.host),
    ...provider.mxSuffixes,
    ...(/[a-z0-9-]+(?:\.[a-z0-9-]+)+/i.exec(provider.wire.greeting) ?? []),
  ];
  return !known.map(ownerOf).includes(ownerOf(named));
}
