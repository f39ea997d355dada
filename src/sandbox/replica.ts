// A stand-in for a provider: its banner, capabilities, rules and replies, on this machine.
import { provider as providerById } from "../providers/lookup.ts";
import type { Provider, ProviderEndpoint } from "../providers/provider.ts";
import type { Endpoint, Security } from "../smtp/endpoint.ts";
import type { Catcher } from "./catcher.ts";
import type { Authority } from "./certificates.ts";
import { type DemoCredentials, demoCredentials } from "./demo.ts";
import type { Counts } from "./dialogue.ts";
import { type FaultName, type FaultSetting, withAddressFaults, withFault } from "./faults.ts";
import { replicaRules } from "./replica-rules.ts";
import { defaultBounds, type ServerBounds, startServer } from "./server.ts";
import { localNames, serverTls } from "./server-tls.ts";

export interface ReplicaOptions {
  /** An entry of the catalogue, or its id or alias. */
  readonly provider: Provider | string;
  /** Signs the certificate for the provider's host names. */
  readonly authority: Authority;
  /** Null keeps nothing. */
  readonly catcher: Catcher | null;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Of the first listener; the others, and 0, are the system's choice. Default 0. */
  readonly port?: number;
  /** One listener of this kind. Default: one for each kind among the provider's endpoints, best first. */
  readonly security?: Security;
  readonly fault?: FaultName;
  readonly username?: string;
  /** The password, app password, code or key that is accepted. Default: see `demoCredentials`. */
  readonly secret?: string;
  /** The OAuth2 access token that is accepted. Default `demo-access-token`, where the provider takes tokens. */
  readonly accessToken?: string;
  /** What a provider with verified identities lets through: addresses and domains. Default: the domain of the account's address. */
  readonly identities?: readonly string[];
  /** The day's quota: a number, or the provider's own. Default: none. */
  readonly perDay?: number | "own";
  /** See `FaultSetting`. */
  readonly lateMs?: number;
  readonly dripMs?: number;
  readonly bounds?: Partial<ServerBounds>;
}

export interface ReplicaEndpoint extends Endpoint {
  /** The endpoint of the provider that it stands for. */
  readonly standsFor: ProviderEndpoint;
}

export interface Replica {
  readonly provider: Provider;
  readonly endpoints: readonly ReplicaEndpoint[];
  /** What it accepts. */
  readonly credentials: DemoCredentials;
  readonly counts: Readonly<Counts>;
  readonly catcher: Catcher | null;
  close(): Promise<void>;
}

/**
 * Starts a replica. @throws UnknownProvider, RangeError when the provider has no endpoint with that security,
 * and when a port is taken.
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const provider = typeof options.provider === "string" ? providerById(options.provider) : options.provider;
  const standsFor = chosenEndpoints(provider, options.security);
  const credentials = chosenCredentials(provider, options);
  const { perDay = null, identities = [domainOf(credentials.from)] } = options;
  const faultSetting: FaultSetting = {
    provider,
    ...(options.lateMs === undefined ? {} : { lateMs: options.lateMs }),
    ...(options.dripMs === undefined ? {} : { dripMs: options.dripMs }),
  };
  const own = replicaRules({
    provider,
    credentials,
    catcher: options.catcher,
    identities,
    perDay: perDay === "own" ? (provider.limits.perDay ?? null) : perDay,
  });
  const addressed = withAddressFaults(own, faultSetting);
  const host = options.host ?? "127.0.0.1";
  const server = await startServer({
    rules: options.fault === undefined ? addressed : withFault(addressed, options.fault, faultSetting),
    listeners: standsFor.map(({ security }, index) => ({
      security,
      host,
      port: index === 0 ? (options.port ?? 0) : 0,
    })),
    tls: await serverTls(options.authority, certificateNames(provider), options.fault),
    bounds: {
      messageBytes: provider.limits.messageSizeBytes ?? defaultBounds.messageBytes,
      ...options.bounds,
    },
  });
  return {
    provider,
    endpoints: server.endpoints.map((endpoint, index) => ({ ...endpoint, standsFor: standsFor[index]! })),
    credentials,
    counts: server.counts,
    catcher: options.catcher,
    close: () => server.close(),
  };
}

/** Every host name of the provider, and this machine's. */
export function certificateNames(provider: Provider): readonly string[] {
  const hosts = [
    ...provider.endpoints.map((endpoint) => endpoint.host),
    ...provider.regions.map((region) => region.host),
    ...provider.legacyHosts,
  ];
  const names = hosts
    .map((host) => host.toLowerCase())
    .filter((host) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host));
  return [...new Set([...names, ...localNames])];
}

function chosenEndpoints(provider: Provider, security: Security | undefined): readonly ProviderEndpoint[] {
  const kinds =
    security === undefined ? [...new Set(provider.endpoints.map((one) => one.security))] : [security];
  return kinds.map((kind) => {
    const found = provider.endpoints.find((endpoint) => endpoint.security === kind);
    if (found === undefined) {
      const has = [...new Set(provider.endpoints.map((one) => one.security))].join(" and ");
      throw new RangeError(`${provider.name} has no endpoint with security "${kind}"; it has ${has}`);
    }
    return found;
  });
}

function chosenCredentials(provider: Provider, options: ReplicaOptions): DemoCredentials {
  const demo = demoCredentials(provider);
  const username = options.username ?? demo.username;
  return {
    username,
    secret: options.secret ?? demo.secret,
    accessToken: options.accessToken ?? demo.accessToken,
    from: username.includes("@") && provider.sender.rule !== "verified-identity" ? username : demo.from,
  };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
