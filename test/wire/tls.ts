// A scripted peer that speaks inside TLS, and can be cut off without the closing word that TLS asks for.
import { createSecureContext, type SecureVersion, TLSSocket } from "node:tls";
import { issue, makeAuthority } from "../../src/sandbox/certificates.ts";
import type { ConnectOptions } from "../../src/smtp/options.ts";
import { Peer, settings } from "./server.ts";

export interface TlsServing {
  /** The same peer, speaking inside TLS. */
  secured(peer: Peer): Peer & { readonly socket: TLSSocket };
  /** That of a client that trusts it. */
  trusting(port: number, security: "tls" | "starttls", more?: Partial<ConnectOptions>): ConnectOptions;
}

export async function serveTls(version: SecureVersion = "TLSv1.3"): Promise<TlsServing> {
  const authority = await makeAuthority();
  const { keyPem, chain } = await issue(authority, { names: ["mail.wire.test", "127.0.0.1"] });
  const context = createSecureContext({ key: keyPem, cert: chain, maxVersion: version });
  return {
    secured(peer) {
      const socket = new TLSSocket(peer.release(), { isServer: true, secureContext: context });
      return new Peer(socket) as Peer & { readonly socket: TLSSocket };
    },
    trusting: (port, security, more = {}) =>
      settings(port, {
        endpoint: { host: "127.0.0.1", port, security },
        ca: [authority.certPem],
        credentials: { username: "me", password: "secret" },
        ...more,
      }),
  };
}
