// Connection pools of the SMTP client, one for each endpoint of an account that is in use.
import type { Account } from "../accounts/account.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import {
  type SendOptions,
  type SendResult,
  type SmtpFailure,
  SmtpPool,
  type TranscriptLine,
} from "../smtp/client.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { ConnectOptions, Envelope } from "../smtp/options.ts";
import { type CommonOptions, connectOptions } from "./connecting.ts";

/** What messages leave through; `SmtpPool` is one. */
export interface Pool {
  send(envelope: Envelope, content: Uint8Array, options?: SendOptions): Promise<SendResult>;
  /** Lets dialogues under way end, for `graceMs` at most, and closes every connection. */
  close(options: { readonly graceMs: number }): Promise<void>;
  /** Another size from now on; connections beyond it end when nothing is under way on them. */
  resize(size: PoolSize): void;
  /** Connections that stand. */
  readonly connections: number;
  /** Those that are being opened included. */
  readonly taken: number;
}

export interface PoolSize {
  /** 1 or more. */
  readonly connections: number;
  /** Of them, those that only urgent messages may use. */
  readonly reserved: number;
}

export interface PoolLimits extends PoolSize {
  readonly messagesPerConnection: number | null;
  readonly keepAliveMs: number | null;
  /** Messages that are not urgent on one connection at a time. */
  readonly depth: 1 | 2;
}

/** What a pool asks and tells while it connects. */
export interface Addresses {
  /** Whether an address is to be tried after all others. */
  avoid(address: string): boolean;
  /** What the name resolved to. */
  found(addresses: readonly string[]): void;
}

export type OpenPool = (
  account: Account,
  endpoint: Endpoint,
  limits: PoolLimits,
  addresses: Addresses,
) => Pool;

/** Greeting, EHLO, STARTTLS, EHLO, sign-in: what is longer is no dialogue that leads anywhere. */
const openingLines = 100;

export function openSmtpPool(credentials: CredentialSource, common: CommonOptions): OpenPool {
  return (account, endpoint, limits, addresses) => {
    const openings = new Openings(addresses);
    const { connections, reserved, messagesPerConnection, keepAliveMs, depth } = limits;
    const pool = new SmtpPool({
      connect: async () => openings.watch(await connectOptions(account, endpoint, credentials, common)),
      maxConnections: connections,
      reserved,
      pipeline: depth,
      ...(keepAliveMs === null ? {} : { keepAliveMs }),
      maxMessagesPerConnection: messagesPerConnection ?? Number.MAX_SAFE_INTEGER,
    });
    return {
      get connections() {
        return pool.connections;
      },
      get taken() {
        return pool.taken;
      },
      resize: (size) => pool.resize({ maxConnections: size.connections, reserved: size.reserved }),
      send: async (envelope, content, options) =>
        openings.explain(await pool.send(envelope, content, options)),
      close: (options) => pool.close(options),
    };
  };
}

/** Remembers how a connection came to fail, for the messages that were waiting for it. */
class Openings {
  readonly #addresses: Addresses;
  readonly #dialogues = new WeakMap<SmtpFailure, readonly TranscriptLine[]>();

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  watch(options: ConnectOptions): ConnectOptions {
    const lines: TranscriptLine[] = [];
    return {
      ...options,
      avoid: (address) => this.#addresses.avoid(address),
      onLine: (line) => {
        if (lines.length < openingLines) lines.push(line);
      },
      onStep: (step) => {
        if (step.addresses !== undefined) this.#addresses.found(step.addresses);
        if (step.failure !== undefined) this.#dialogues.set(step.failure, lines);
      },
    };
  }

  explain(result: SendResult): SendResult {
    if (result.transcript.length > 0) return result;
    const failed = result.recipients.find((recipient) => !recipient.ok);
    const dialogue = failed === undefined ? undefined : this.#dialogues.get(failed.failure);
    return dialogue === undefined ? result : { ...result, transcript: [...dialogue] };
  }
}
