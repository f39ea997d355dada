// Where a server listens and how the connection to it is secured.
import { isIPv4 } from "node:net";

/** `tls`: from the first byte (RFC 8314 §3.3); `starttls`: upgraded before sign-in (RFC 3207); `none`: in clear. */
export type Security = "tls" | "starttls" | "none";

export interface Endpoint {
  /** A DNS name or an address literal without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly security: Security;
}

/** Whether a host names this very machine: the only place a secret may go in clear. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^::ffff:(?=\d+\.)/, "");
  return name === "localhost" || name === "::1" || (name.startsWith("127.") && isIPv4(name));
}
