// What `sslmode` in the database URL asks for, with libpq's meaning (https://www.postgresql.org/docs/current/libpq-ssl.html).
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { StoreError } from "../store.ts";

export interface Tls {
  readonly mode: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
  /** Ways to connect, tried in turn: a later one only when the server has no TLS. False is in clear. */
  readonly ways: readonly (ConnectionOptions | false)[];
  /** Whether a connection proves that the server is the right one. A socket of the machine needs no proof. */
  readonly proven: boolean;
  /** Whether sign-in is bound to the TLS connection where the server offers that. */
  readonly channelBinding: boolean;
}

const modes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;

/**
 * - `disable`: in clear. What holds for a server on this machine when nothing is said.
 * - `prefer`: TLS when the server has it, without looking who it is; else in clear. What holds for any other server.
 * - `require`: TLS, without looking who it is; with `sslrootcert` the same as `verify-ca`.
 * - `verify-ca`: the certificate comes from an authority in `sslrootcert`, which has to be given.
 * - `verify-full`: that, or one of the well-known authorities when none is given, and it is the host's.
 */
export function readTls(
  parameters: URLSearchParams,
  host: string,
  unusable: (why: string) => StoreError,
): Tls {
  const here = isLocal(host);
  const given = parameters.get("sslmode");
  const mode = modes.find((one) => one === given) ?? null;
  if (given !== null && mode === null) {
    throw unusable(`its sslmode is ${JSON.stringify(given)} and not one of ${modes.join(", ")}`);
  }
  const file = (name: string): string | undefined => {
    const path = parameters.get(name);
    if (path === null) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw unusable(`its ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const system = parameters.get("sslrootcert") === "system";
  const ca = system ? undefined : file("sslrootcert");
  const [cert, key] = [file("sslcert"), file("sslkey")];
  if ((cert === undefined) !== (key === undefined)) throw unusable("sslcert and sslkey go together");

  const chosen = mode ?? (here ? "disable" : system ? "verify-full" : "prefer");
  const asked = chosen === "require" && ca !== undefined ? "verify-ca" : chosen;
  if (system && asked !== "verify-full")
    throw unusable("sslrootcert=system goes with sslmode=verify-full alone");
  if (asked === "verify-ca" && ca === undefined) {
    throw unusable(
      "sslmode=verify-ca needs sslrootcert; with a well-known authority use sslmode=verify-full",
    );
  }
  const own = cert === undefined || key === undefined ? {} : { cert, key };
  const options: ConnectionOptions =
    asked === "verify-full" || asked === "verify-ca"
      ? {
          ...own,
          ...(ca === undefined ? {} : { ca }),
          rejectUnauthorized: true,
          ...(asked === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
        }
      : { ...own, rejectUnauthorized: false };
  const proven = here || asked === "verify-full" || asked === "verify-ca";
  return {
    mode: asked,
    ways: asked === "disable" ? [false] : asked === "prefer" ? [options, false] : [options],
    proven,
    channelBinding: readBinding(parameters.get("channel_binding"), asked, unusable),
  };
}

/** What the server's identity proves cannot be got by a stranger: only without it does binding add something. */
function readBinding(
  given: string | null,
  mode: Tls["mode"],
  unusable: (why: string) => StoreError,
): boolean {
  switch (given) {
    case null:
    case "prefer":
      return mode !== "disable";
    case "disable":
      return false;
    case "require":
      if (mode === "verify-full") return true;
      throw unusable("channel_binding=require can be kept with sslmode=verify-full alone");
    default:
      throw unusable(`its channel_binding is ${JSON.stringify(given)} and not disable, prefer or require`);
  }
}

/** A Unix socket or a loopback address: who listens there is who runs on this machine. */
export function isLocal(host: string): boolean {
  if (host.startsWith("/") || host === "localhost") return true;
  return isIP(host) === 4 ? host.startsWith("127.") : host === "::1";
}
