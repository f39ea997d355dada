// What TLS connections to the same server share: trust settings, costly to build, and session tickets.
import { createHash, X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { codeOf, dialFailure, textOf } from "./deadline.ts";
import type { CertificateFacts } from "./failure.ts";

/** A ticket of a session whose certificate was verified, and the chain that was seen then. */
export interface StoredSession {
  readonly ticket: Buffer;
  readonly chain: readonly CertificateFacts[];
}

/** Sessions are found again only for the same host, port, name and trust. */
export interface SessionScope {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly ca: readonly string[];
}

/** A ticket is not used for longer: RFC 8446 §4.6.1 allows seven days, servers keep far less, and trust may change. */
const maxAgeMs = 60 * 60 * 1000;

/** Bounded: the server not used for longest is forgotten first. Share one among connections to resume their sessions. */
export class TlsSessions {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #sessions = new Map<string, StoredSession & { readonly until: number }>();
  readonly #contexts = new Map<string, SecureContext>();

  constructor(limit = 256, now: () => number = Date.now) {
    this.#limit = limit;
    this.#now = now;
  }

  get(scope: SessionScope): StoredSession | undefined {
    const key = keyOf(scope);
    const found = this.#sessions.get(key);
    if (found !== undefined && found.until > this.#now()) return found;
    this.#sessions.delete(key);
    return undefined;
  }

  /** Keeps the newest ticket, for an hour and never beyond the certificate's own end. */
  set(scope: SessionScope, session: StoredSession): void {
    const ends = session.chain.map(({ validTo }) => Date.parse(validTo)).filter((end) => !Number.isNaN(end));
    const until = Math.min(this.#now() + maxAgeMs, ...ends);
    keep(this.#sessions, keyOf(scope), { ...session, until }, this.#limit);
  }

  delete(scope: SessionScope): void {
    this.#sessions.delete(keyOf(scope));
  }

  /** The usual roots and `ca`; reading the roots again for each connection would take tens of milliseconds. */
  contextFor(ca: readonly string[]): SecureContext {
    const key = fingerprint(ca);
    const context = this.#contexts.get(key) ?? contextFor(ca);
    keep(this.#contexts, key, context, this.#limit);
    return context;
  }

  get size(): number {
    return this.#sessions.size;
  }
}

/**
 * Trust in Node's roots (with `NODE_EXTRA_CA_CERTS`) and in `ca`. @throws SmtpFailure when one cannot be read, which Node
 * passes over in silence, and when Node is started with TLS options that OpenSSL does not take (`--tls-cipher-list`).
 */
export function contextFor(ca: readonly string[]): SecureContext {
  for (const pem of ca) check(pem);
  try {
    return createSecureContext(ca.length === 0 ? {} : { ca: [...getCACertificates("default"), ...ca] });
  } catch (error) {
    throw dialFailure(
      `TLS cannot be set up on this machine: ${textOf(error)}`,
      { stage: "tls", kind: "tls", code: codeOf(error) },
      error,
    );
  }
}

function check(pem: string): void {
  try {
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs);
    if (certificates === null) throw new TypeError("no certificate in PEM");
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    throw dialFailure(
      `a certificate to trust cannot be read: ${textOf(error)}`,
      { stage: "settings", kind: "local", code: "BAD_INPUT" },
      error,
    );
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function keyOf({ host, port, serverName, ca }: SessionScope): string {
  return JSON.stringify([host, port, serverName, fingerprint(ca)]);
}

function fingerprint(ca: readonly string[]): string {
  if (ca.length === 0) return "";
  const hash = createHash("sha256");
  for (const pem of ca) hash.update(`${pem.length}:`).update(pem);
  return hash.digest("base64");
}
