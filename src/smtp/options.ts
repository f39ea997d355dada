// What a caller may set; checked once, where it enters.
import type { LookupAddress } from "node:dns";
import type { Endpoint } from "./endpoint.ts";
import type { Step } from "./steps.ts";
import type { TranscriptLine } from "./transcript.ts";

export type Mechanism = "SCRAM-SHA-256" | "PLAIN" | "LOGIN" | "CRAM-MD5" | "XOAUTH2" | "OAUTHBEARER";

/** A password signs in by SCRAM-SHA-256, PLAIN, LOGIN or CRAM-MD5; an access token by OAUTHBEARER or XOAUTH2. */
export type Credentials =
  | { readonly username: string; readonly password: string; readonly mechanisms?: readonly Mechanism[] }
  | { readonly username: string; readonly accessToken: string; readonly mechanisms?: readonly Mechanism[] };

/** Milliseconds. The defaults follow the classes of RFC 5321 §4.5.3.2. */
export interface Timeouts {
  /** Name resolution and connecting, all addresses together. Default 30 s. */
  readonly connect: number;
  /** TLS handshake. Default 30 s. */
  readonly tls: number;
  /** 220 greeting. Default 5 min (RFC 5321 §4.5.3.2.1). */
  readonly greeting: number;
  /** Each command (EHLO, AUTH, MAIL, RCPT, RSET ...). Default 5 min (§4.5.3.2.2, .3). */
  readonly command: number;
  /** The 354 after DATA. Default 2 min (§4.5.3.2.4). */
  readonly data: number;
  /** Each block of content that the peer must take before the next. Default 3 min (§4.5.3.2.5). */
  readonly block: number;
  /** The reply after the final dot. Default 10 min (§4.5.3.2.6). */
  readonly final: number;
}

export const defaultTimeouts: Timeouts = {
  connect: 30_000,
  tls: 30_000,
  greeting: 300_000,
  command: 300_000,
  data: 120_000,
  block: 180_000,
  final: 600_000,
};

export type ProxySetting = {
  readonly kind: "http" | "socks5";
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
};

export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

export interface ConnectOptions {
  readonly endpoint: Endpoint;
  readonly credentials?: Credentials;
  /** The name given in EHLO (RFC 5321 §4.1.4). Default: this machine's name when it is a domain, else its address literal. */
  readonly clientName?: string;
  /** Talk to this address instead of resolving `endpoint.host`; the certificate is still checked against `serverName`. */
  readonly serverName?: string;
  /** Certificates to trust beside the usual roots, PEM. There is no way to turn verification off. */
  readonly ca?: readonly string[];
  readonly proxy?: ProxySetting;
  readonly timeouts?: Partial<Timeouts>;
  readonly onStep?: (step: Step) => void;
  readonly onLine?: (line: TranscriptLine) => void;
  readonly signal?: AbortSignal;
  /** Name resolution. Default: the system's. */
  readonly lookup?: Lookup;
  /** Asked of each address to connect to, `192.0.2.1` or `2001:db8::1`: those it says yes to are tried after all others. */
  readonly avoid?: (address: string) => boolean;
}

/** RFC 3461. */
export interface DsnRequest {
  readonly ret?: "FULL" | "HDRS";
  readonly envid?: string;
}

export interface EnvelopeRecipient {
  readonly address: string;
  readonly notify?: readonly ("NEVER" | "SUCCESS" | "FAILURE" | "DELAY")[];
  /** Original recipient, RFC 3461 §4.2; written as `rfc822;` with xtext. */
  readonly orcpt?: string;
}

export interface Envelope {
  /** Empty for the null reverse-path `<>` (RFC 5321 §4.5.5). */
  readonly from: string;
  readonly to: readonly EnvelopeRecipient[];
  readonly dsn?: DsnRequest;
}
