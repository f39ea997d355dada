// A connection to the endpoint through whichever proxy is set.
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { type Deadline, dialFailure, metAt } from "./deadline.ts";
import { SmtpFailure } from "./failure.ts";
import { type Connected, connectFirst, formatAddress } from "./happy-eyeballs.ts";
import type { ConnectOptions, ProxySetting } from "./options.ts";
import { connectThroughHttp } from "./proxy-http.ts";
import { connectThroughSocks5 } from "./proxy-socks5.ts";
import { resolve } from "./resolve.ts";

/** `http proxy 10.0.0.1:3128`. */
export function describeProxy({ kind, host, port }: ProxySetting): string {
  return `${kind} proxy ${formatAddress(host, port)}`;
}

/** `lookup` and `avoid` are for the proxy's own name and addresses; the endpoint's are the proxy's affair. Rejects with an SmtpFailure. */
export async function connectThrough(
  proxy: ProxySetting,
  { endpoint, lookup, avoid }: Pick<ConnectOptions, "endpoint" | "lookup" | "avoid">,
  deadline: Deadline,
): Promise<Connected> {
  const { host, port } = endpoint;
  check(proxy, host);
  const connected = await resolve(proxy.host, lookup, deadline)
    .then((addresses) => connectFirst(addresses, proxy.port, deadline, avoid))
    .catch((error: unknown) => {
      throw error instanceof SmtpFailure ? blame(proxy, error) : error;
    });
  const tunnel = proxy.kind === "http" ? connectThroughHttp : connectThroughSocks5;
  try {
    await tunnel(connected.socket, proxy, asciiHost(host), port, deadline);
    return connected;
  } catch (error) {
    connected.socket.destroy();
    throw error instanceof SmtpFailure ? metAt(connected.address, error) : error;
  }
}

function blame(proxy: ProxySetting, { message, facts, cause }: SmtpFailure): SmtpFailure {
  const kind = facts.kind === "resolve" || facts.kind === "socket" ? "proxy" : facts.kind;
  return new SmtpFailure(
    `${describeProxy(proxy)}: ${message}`,
    { ...facts, stage: "proxy", kind },
    { cause },
  );
}

/** Names beyond ASCII are written in Punycode; an address stays as it is. */
function asciiHost(host: string): string {
  return isIP(host) === 0 ? domainToASCII(host) || host : host;
}

/** Finds what would break out of the proxy's dialogue, or not fit into it. */
function check(proxy: ProxySetting, host: string): void {
  const { kind, username = "", password = "" } = proxy;
  if (proxy.host === "" || !Number.isInteger(proxy.port) || proxy.port < 1 || proxy.port > 65_535)
    refuse("the proxy needs a host and a port from 1 to 65535");
  if (!/^[\x21-\x7e]{1,255}$/.test(asciiHost(host)) || host.includes("%"))
    refuse("the host's name cannot be given to a proxy");
  if (kind === "http" && username.includes(":"))
    refuse("the user name for an HTTP proxy contains a colon (RFC 7617 §2)");
  if (kind === "socks5" && Math.max(Buffer.byteLength(username), Buffer.byteLength(password)) > 255)
    refuse("user name or password for a SOCKS5 proxy is over 255 bytes (RFC 1929 §2)");
}

function refuse(message: string): never {
  throw dialFailure(message, { stage: "settings", kind: "local", code: "BAD_INPUT" });
}
