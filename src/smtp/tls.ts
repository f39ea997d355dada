// TLS on a connection that stands, with the certificate always verified.
import { isIP, type Socket } from "node:net";
import { checkServerIdentity, type TLSSocket, connect as tlsConnect } from "node:tls";
import { domainToASCII } from "node:url";
import { chainFacts } from "./certificate-facts.ts";
import { codeOf, Deadline, dialFailure, metAt, textOf } from "./deadline.ts";
import { type CertificateFacts, SmtpFailure } from "./failure.ts";
import type { ConnectOptions, Timeouts } from "./options.ts";
import { printable } from "./printable.ts";
import type { TlsFacts } from "./steps.ts";
import { contextFor, type SessionScope, type TlsSessions } from "./tls-sessions.ts";

export interface SecureOptions
  extends Pick<ConnectOptions, "endpoint" | "serverName" | "ca" | "signal" | "onStep"> {
  readonly timeouts: Pick<Timeouts, "tls">;
  /** What the connection leads to, for the failure; see `SmtpFailureFacts.peer`. */
  readonly peer?: string;
  /** Takes the transcript's notes. */
  readonly note?: (text: string) => void;
  /** Shared among connections so that TLS sessions are resumed. */
  readonly sessions?: TlsSessions;
}

export interface Secured {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Turns a connection into a TLS one: the whole step, also for STARTTLS, after its 220. The certificate must
 * be trusted and name `serverName` (else the endpoint's host); nothing can turn that off. Bytes that came in
 * clear before the handshake end it (RFC 3207 §4.2). Emits the step `tls`; rejects with an SmtpFailure
 * of that stage, the connection destroyed. `error` has a listener on the socket from the beginning:
 * look at `destroyed` and `errored` when taking it over.
 */
export async function secure(socket: Socket, options: SecureOptions): Promise<Secured> {
  const began = performance.now();
  const before = { sent: socket.bytesWritten, received: socket.bytesRead };
  const report = (end: { ok: true; tls: TlsFacts } | { ok: false; failure: SmtpFailure }) =>
    options.onStep?.({
      stage: "tls",
      ms: performance.now() - began,
      bytesSent: socket.bytesWritten - before.sent,
      bytesReceived: socket.bytesRead - before.received,
      detail: end.ok ? describe(end.tls) : end.failure.message,
      ...end,
    });
  try {
    const secured = await handshake(socket, options);
    options.note?.(`TLS: ${describe(secured.facts)}`);
    report({ ok: true, tls: secured.facts });
    return secured;
  } catch (error) {
    socket.destroy();
    if (!(error instanceof SmtpFailure)) throw error;
    const failure = options.peer === undefined ? error : metAt(options.peer, error);
    report({ ok: false, failure });
    throw failure;
  }
}

function describe({ protocol, cipher, resumed, chain }: TlsFacts): string {
  const [leaf] = chain;
  return [protocol, cipher, resumed ? "resumed" : leaf?.subject].filter(Boolean).join(", ");
}

function handshake(socket: Socket, options: SecureOptions): Promise<Secured> {
  const { endpoint, sessions, ca = [] } = options;
  const serverName = asciiName(options.serverName ?? endpoint.host);
  const scope: SessionScope = { host: endpoint.host, port: endpoint.port, serverName, ca };

  const early: Buffer | null = socket.readableLength > 0 ? socket.read() : null;
  if (early !== null)
    return Promise.reject(
      dialFailure("the server sent data in clear where the TLS handshake begins", {
        stage: "tls",
        kind: "protocol",
        code: "DATA_BEFORE_TLS",
        received: printable(early),
      }),
    );

  const stored = sessions?.get(scope);
  const deadline = new Deadline(options.timeouts.tls, options.signal);
  return new Promise<Secured>((resolve, reject) => {
    let chain: readonly CertificateFacts[] = [];
    let ticket: Buffer | undefined;
    let state: "shaking" | "verified" | "failed" = "shaking";
    const tls = tlsConnect({
      socket,
      secureContext: sessions?.contextFor(ca) ?? contextFor(ca),
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...(stored === undefined ? {} : { session: stored.ticket }),
    });
    const keepTicket = () => {
      if (state === "verified" && ticket !== undefined) sessions?.set(scope, { ticket, chain });
    };
    const fail = (failure: SmtpFailure) => {
      if (state !== "shaking") return;
      state = "failed";
      deadline.end();
      // Whatever went wrong, the next try begins without the ticket.
      sessions?.delete(scope);
      tls.destroy();
      reject(failure);
    };
    // Runs before Node judges the certificate: once it has refused it, the chain can no longer be read.
    tls.prependListener("secure", () => {
      chain = tls.isSessionReused() ? (stored?.chain ?? []) : chainFacts(tls.getPeerCertificate(true));
    });
    // TLS 1.3 sends tickets after the handshake, 1.2 within it and before the certificate is judged.
    tls.on("session", (session: Buffer) => {
      ticket = session;
      keepTicket();
    });
    tls.on("error", (error) => fail(tlsFailure(error, serverName, chain[0])));
    tls.once("close", () => fail(tlsFailure(undefined, serverName, undefined)));
    tls.once("secureConnect", () => {
      if (state !== "shaking") return;
      if (!tls.authorized) return fail(tlsFailure(tls.authorizationError, serverName, chain[0]));
      state = "verified";
      deadline.end();
      keepTicket();
      const facts: TlsFacts = {
        protocol: tls.getProtocol() ?? "unknown",
        cipher: tls.getCipher().standardName,
        resumed: tls.isSessionReused(),
        chain,
      };
      resolve({ socket: tls, facts });
    });
    deadline.onOver(() => fail(deadline.failure("tls", "TLS handshake")));
  });
}

/** What a certificate is checked against and SNI carries: the ASCII form, without the root's dot. */
function asciiName(name: string): string {
  const bare = name.replace(/\.$/, "");
  return isIP(bare) === 0 ? domainToASCII(bare) || bare : bare;
}

/** Errors that the peer or the system caused without a word of TLS. */
const socketCodes = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

function tlsFailure(error: unknown, serverName: string, leaf: CertificateFacts | undefined): SmtpFailure {
  if (error === undefined)
    return dialFailure("the peer closed the connection in the TLS handshake", {
      stage: "tls",
      kind: "socket",
      code: "CLOSED",
    });
  const code = codeOf(error);
  if (socketCodes.has(code))
    return dialFailure(
      `the connection broke in the TLS handshake: ${textOf(error)}`,
      { stage: "tls", kind: "socket", code },
      error,
    );
  if (leaf === undefined)
    return dialFailure(
      `the TLS handshake failed: ${textOf(error)}`,
      { stage: "tls", kind: "tls", code },
      error,
    );
  return dialFailure(
    `the certificate is not valid for ${serverName}: ${textOf(error)}`,
    { stage: "tls", kind: "tls", code, certificate: leaf },
    error,
  );
}
