// Whom the handshakes go to.
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { Setting } from "../test.ts";
import type { Peer } from "./handshake.ts";

/**
 * Null with a proxy in between: its connections are the walk's. `address` is who was spoken to, `192.0.2.1:465`,
 * where that is known: the same one is asked again.
 */
export function peerOf({ endpoint, serverName, proxy }: Setting, address: string | null): Peer | null {
  if (proxy !== null) return null;
  const bare = (serverName ?? endpoint.host).replace(/\.$/, "");
  return {
    address:
      address === null ? endpoint.host : address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, ""),
    port: endpoint.port,
    name: isIP(bare) === 0 ? domainToASCII(bare) || bare : bare,
    starttls: endpoint.security === "starttls",
  };
}
