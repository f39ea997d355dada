// The certificate and TLS versions that a server of the sandbox presents, faults of TLS included.
import { type Authority, issue, selfSigned } from "./certificates.ts";
import type { FaultName } from "./fault.ts";
import type { ServerTls } from "./server.ts";

const day = 24 * 60 * 60 * 1000;

/** The names under which a client of this machine reaches a server here. */
export const localNames = ["localhost", "127.0.0.1", "::1"] as const;

/** A certificate for these names, signed by the authority; with a fault of TLS, one that has it. */
export async function serverTls(
  authority: Authority,
  names: readonly string[],
  fault?: FaultName,
): Promise<ServerTls> {
  const now = Date.now();
  switch (fault) {
    case "certificate-expired":
      return issue(authority, { names, notBefore: new Date(now - 366 * day), notAfter: new Date(now - day) });
    case "certificate-self-signed":
      return selfSigned({ names });
    case "certificate-wrong-name":
      return issue(authority, { names: ["another-host.invalid"] });
    case "tls-old":
      return { ...(await issue(authority, { names })), maxVersion: "TLSv1.1" };
    default:
      return issue(authority, { names });
  }
}
