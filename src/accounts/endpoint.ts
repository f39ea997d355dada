// From what a person said of the server, and what the catalogue knows, to one endpoint.
import type { Provider } from "../providers/provider.ts";
import { type Endpoint, isLoopback, type Security } from "../smtp/endpoint.ts";
import { AccountError } from "./error.ts";

export interface EndpointInput {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly security?: Security | undefined;
  /** Accept a port that is registered for another kind of security, because this server really is like that. */
  readonly unusualPort?: boolean | undefined;
}

/** Another way to the same service. */
export interface AlternateInput extends EndpointInput {
  readonly host: string;
}

/** Each is tried, with its timeouts, before mail is put off. */
const mostAlternates = 10;

/** Submission with TLS from the first byte: RFC 8314 §7.3, NetEase's 994, and what services offer beside it. */
const tlsPorts: ReadonlySet<number> = new Set([465, 994, 2465]);
/** Ports that greet in clear: RFC 5321, RFC 6409, and the customary detours. */
const clearPorts: ReadonlySet<number> = new Set([25, 80, 587, 2525, 2587, 8025]);

/**
 * What was given stands; the rest is filled in from the provider's best fitting endpoint, or by the custom of the port.
 * Throws AccountError when no endpoint comes of it, or one that cannot work.
 */
export function chooseEndpoint(input: EndpointInput, provider: Provider | null): Endpoint {
  const host = input.host === undefined ? undefined : checkHost(input.host);
  if (input.port !== undefined) checkPort(input.port);
  const known = provider === null ? null : likeliest({ ...input, host }, provider);
  const chosenHost = host ?? known?.host;
  if (chosenHost === undefined) {
    throw new AccountError("bad-host", "Name a provider, or the host of the SMTP server.");
  }
  const port =
    input.port ?? known?.port ?? (input.security === "tls" ? 465 : input.security === "none" ? 25 : 587);
  const security = input.security ?? known?.security ?? (tlsPorts.has(port) ? "tls" : "starttls");
  const endpoint = { host: chosenHost, port, security };
  if (input.unusualPort !== true) checkFit(endpoint, provider);
  return endpoint;
}

/**
 * The alternates of an endpoint, completed and checked as it was. Throws AccountError, also for one in clear where the
 * endpoint is not: a failing handshake must not lead the secret there.
 */
export function chooseAlternates(
  inputs: readonly AlternateInput[],
  endpoint: Endpoint,
  provider: Provider | null,
): readonly Endpoint[] {
  if (inputs.length > mostAlternates) {
    throw new AccountError(
      "bad-alternate",
      `There are ${inputs.length} alternates; ${mostAlternates} are allowed.`,
    );
  }
  const chosen = [endpoint];
  for (const input of inputs) {
    const alternate = chooseEndpoint(input, provider);
    const { host, port, security } = alternate;
    if (security === "none" && endpoint.security !== "none" && !isLoopback(host)) {
      throw new AccountError(
        "bad-alternate",
        `The alternate ${host}:${port} would be in clear, while the endpoint is not. Set its security to starttls or tls.`,
      );
    }
    if (chosen.some((one) => one.host === host && one.port === port)) {
      throw new AccountError(
        "bad-alternate",
        `${host}:${port} stands there twice, as an alternate and as ${host === endpoint.host && port === endpoint.port ? "the endpoint" : "another"}. Name each once.`,
      );
    }
    chosen.push(alternate);
  }
  return chosen.slice(1);
}

/**
 * The catalogue's endpoint that agrees with most of what was given: the host counts before the port, the port
 * before the security. One that contradicts a given port says nothing about the security, unless the port is
 * nobody's: then the server is taken for a stand-in of the provider's best endpoint.
 */
function likeliest(input: EndpointInput, provider: Provider): Endpoint | null {
  const score = (endpoint: Endpoint) =>
    (endpoint.host === input.host ? 4 : 0) +
    (endpoint.port === input.port ? 2 : 0) +
    (endpoint.security === input.security ? 1 : 0);
  let best: Endpoint | null = null;
  for (const endpoint of provider.endpoints)
    if (best === null || score(endpoint) > score(best)) best = endpoint;
  if (best === null) return null;
  const { port } = input;
  if (port !== undefined && port !== best.port) {
    if (tlsPorts.has(port)) return { ...best, security: "tls" };
    if (clearPorts.has(port)) return { ...best, security: "starttls" };
  }
  if (input.security !== undefined && input.security !== best.security && port === undefined) {
    const offers = provider.endpoints.map(({ port, security }) => `${port} (${security})`).join(", ");
    throw new AccountError(
      "port-security",
      `${provider.name} has no endpoint with security ${input.security}; it has ${offers}. Choose one of these, or name the port as well.`,
    );
  }
  return best;
}

/** Lower case, without a trailing dot or the brackets of an address literal; throws AccountError for anything else than a bare name. */
export function checkHost(host: string): string {
  const bare = host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  if (
    !/^[^\s/@\\,;\p{Cc}]{1,253}$/u.test(bare) ||
    (bare.includes(":") && !/^[0-9a-f:.]+(%[\w.-]+)?$/.test(bare))
  ) {
    throw new AccountError(
      "bad-host",
      `${JSON.stringify(host.slice(0, 100))} is not a host name. Give the name alone, such as smtp.example.com, with the port in its own field.`,
    );
  }
  return bare;
}

export function checkPort(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new AccountError(
      "bad-port",
      `${port} is not a port. A port is a whole number from 1 to 65535, for mail mostly 465 or 587.`,
    );
  }
}

/** A server on this very machine may use any port; elsewhere a mismatch is the commonest mistake there is. */
function checkFit(endpoint: Endpoint, provider: Provider | null): void {
  const { host, port, security } = endpoint;
  if (isLoopback(host)) return;
  const ofProvider = provider?.endpoints.some((known) => known.port === port && known.security === security);
  if (ofProvider) return;
  if (tlsPorts.has(port) && security !== "tls") {
    throw new AccountError(
      "port-security",
      `Port ${port} speaks TLS from the first byte, so security ${security} cannot work on it. ` +
        `Set the security to tls, or the port to ${security === "none" ? 25 : 587}. If this server really is like that, say so: --unusual-port.`,
    );
  }
  if (clearPorts.has(port) && security === "tls") {
    throw new AccountError(
      "port-security",
      `Port ${port} greets in clear, so security tls (TLS from the first byte) cannot work on it. ` +
        "Set the security to starttls, or the port to 465. If this server really is like that, say so: --unusual-port.",
    );
  }
}
