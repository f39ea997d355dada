// An SMTP server that behaves as its rules say. Our own and not the smtp-server package, because a replica
// has to show what that one hides: a provider's banner and capabilities word for word, before TLS and after,
// replies of any shape at any stage, and faults below the protocol (half a reply, a silent socket, a close
// after the final dot). It serves tests and the sandbox; mail that matters comes in by the SMTP door.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { Endpoint, Security } from "../smtp/endpoint.ts";
import type { Counts, SessionBounds } from "./dialogue.ts";
import type { Rules } from "./rules.ts";
import { Session } from "./session.ts";

export interface Listener {
  readonly security: Security;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
}

export interface ServerTls {
  readonly keyPem: string;
  /** What is presented, leaf first. */
  readonly chain: string;
  /** Default `TLSv1.2`. Older ones work only with `maxVersion` set as well. */
  readonly minVersion?: SecureContextOptions["minVersion"];
  readonly maxVersion?: SecureContextOptions["maxVersion"];
}

export interface ServerOptions {
  readonly rules: Rules;
  /** At least one. */
  readonly listeners: readonly Listener[];
  /** Needed for `tls` and `starttls`. */
  readonly tls?: ServerTls;
  readonly bounds?: Partial<ServerBounds>;
}

export interface ServerBounds extends SessionBounds {
  /** At the same time; one more is greeted with 421 and closed. */
  readonly connections: number;
}

export const defaultBounds: ServerBounds = {
  lineBytes: 16_384,
  messageBytes: 64 * 1024 * 1024,
  recipients: 1_000,
  mistakes: 20,
  idleMs: 300_000,
  connections: 1_000,
};

export interface SmtpServer {
  /** Where it listens, in the order of the listeners asked for. */
  readonly endpoints: readonly Endpoint[];
  readonly counts: Readonly<Counts>;
  /** Stops listening, ends each connection with 421, and resolves when all are closed. */
  close(): Promise<void>;
}

/**
 * Starts a server on each of the listeners.
 * @throws when an address is taken or a listener wants TLS and there is no certificate; nothing listens then.
 */
export async function startServer(options: ServerOptions): Promise<SmtpServer> {
  const bounds = { ...defaultBounds, ...options.bounds };
  const secureContext = options.tls === undefined ? null : secureContextOf(options.tls);
  const counts: Counts = {
    connections: 0,
    open: 0,
    turnedAway: 0,
    tlsFailures: 0,
    signIns: 0,
    signInFailures: 0,
    messages: 0,
    recipients: 0,
    bytes: 0,
  };
  const sessions = new Set<Session>();
  const welcome = (socket: Socket, security: Security) => {
    counts.connections++;
    if (sessions.size >= bounds.connections) {
      counts.turnedAway++;
      socket.on("error", () => undefined);
      socket.end("421 4.7.0 Too many connections\r\n", () => socket.destroy());
      return;
    }
    const session = new Session(socket, {
      id: counts.connections,
      rules: options.rules,
      bounds,
      counts,
      secureContext: security === "none" ? null : secureContext,
      implicitTls: security === "tls",
    });
    sessions.add(session);
    counts.open++;
    socket.once("close", () => {
      sessions.delete(session);
      counts.open--;
    });
    session.start();
  };
  const servers: Server[] = [];
  const close = async () => {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const session of sessions) session.shutDown();
    const impatience = setTimeout(() => {
      for (const session of sessions) session.drop();
    }, 1_000);
    await Promise.all(closed);
    clearTimeout(impatience);
  };
  const endpoints: Endpoint[] = [];
  try {
    for (const listener of options.listeners) {
      if (listener.security !== "none" && secureContext === null) {
        throw new TypeError(`a listener with security "${listener.security}" needs a certificate`);
      }
      const server = createServer({ noDelay: true }, (socket) => welcome(socket, listener.security));
      const host = listener.host ?? "127.0.0.1";
      await listen(server, host, listener.port ?? 0);
      servers.push(server);
      endpoints.push({ host, port: (server.address() as AddressInfo).port, security: listener.security });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, counts, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

function secureContextOf(tls: ServerTls): SecureContext {
  const old = tls.maxVersion === "TLSv1" || tls.maxVersion === "TLSv1.1";
  return createSecureContext({
    key: tls.keyPem,
    cert: tls.chain,
    minVersion: old ? "TLSv1" : (tls.minVersion ?? "TLSv1.2"),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    // OpenSSL's default security level has no cipher left for versions before 1.2.
    ...(old ? { ciphers: "DEFAULT@SECLEVEL=0" } : {}),
    // Without a context name no session can be resumed, and each connection costs a whole handshake.
    sessionIdContext: "postrider-sandbox",
  });
}
