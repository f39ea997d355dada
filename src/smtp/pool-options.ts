// What a pool may be told, checked once where it enters.
import { maxTimeout } from "./check.ts";
import { maxInFlight } from "./connection.ts";
import type { ConnectOptions } from "./options.ts";

export interface PoolOptions {
  /** A function is asked before each connection: for settings that change, such as an access token. */
  readonly connect: ConnectOptions | (() => Promise<ConnectOptions>);
  /** Default 5. */
  readonly maxConnections?: number;
  /** So many of `maxConnections` that messages which are not urgent never occupy, 0 to `maxConnections` - 1. Default 0. */
  readonly reserved?: number;
  /** A connection is replaced after so many messages. Default 100. */
  readonly maxMessagesPerConnection?: number;
  /** An unused connection is closed after so many milliseconds. Default 15,000: shorter than servers wait. */
  readonly idleMs?: number;
  /** An unused connection is not closed: so often, in milliseconds, NOOP keeps it. Null, the default, for `idleMs` to hold. */
  readonly keepAliveMs?: number | null;
  /** Messages that are not urgent on one connection at a time: 1, or 2 to write an envelope behind the content before it. Default 2. */
  readonly pipeline?: 1 | 2;
  /** After a connection beside others was refused, so many milliseconds no further one is tried: the server has its reasons. Default 5,000. */
  readonly refusalPauseMs?: number;
  /** Urgent messages that may wait for a connection, and as many others. Default 10,000. */
  readonly maxWaiting?: number;
}

export type PoolSettings = Required<PoolOptions>;

const defaults = {
  maxConnections: 5,
  reserved: 0,
  maxMessagesPerConnection: 100,
  idleMs: 15_000,
  keepAliveMs: null,
  pipeline: 2,
  refusalPauseMs: 5_000,
  maxWaiting: 10_000,
} as const;

/** With defaults for what is left out. @throws RangeError that names what is out of range. */
export function checkedPoolOptions(options: PoolOptions): PoolSettings {
  const settings: PoolSettings = { ...defaults, ...options };
  const { maxConnections } = settings;
  const check = (name: keyof typeof defaults, least: number, most: number) => {
    const value = settings[name];
    if (value === null || (value >= least && value <= most)) return;
    throw new RangeError(`${name} must be ${least} to ${most}, not ${value}`);
  };
  check("maxConnections", 1, Number.MAX_SAFE_INTEGER);
  check("reserved", 0, maxConnections - 1);
  check("maxMessagesPerConnection", 1, Number.MAX_SAFE_INTEGER);
  check("idleMs", 1, maxTimeout);
  check("keepAliveMs", 1, maxTimeout);
  check("pipeline", 1, maxInFlight);
  check("refusalPauseMs", 1, maxTimeout);
  check("maxWaiting", 1, Number.MAX_SAFE_INTEGER);
  return settings;
}
