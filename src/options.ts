// What a Postrider is made with.
import type { SecretInput } from "./accounts/entered.ts";
import type { AccountInput } from "./accounts/settings.ts";
import type { CommonOptions } from "./delivery/connecting.ts";
import type { DeliveryEvent } from "./delivery/events.ts";
import type { HousekeepingEvent } from "./housekeeping.ts";
import type { Retention } from "./retention.ts";
import type { DatabaseEvent, DatabaseInput } from "./storage.ts";

/** Everything that happens, in one stream. */
export type PostriderEvent = DeliveryEvent | HousekeepingEvent | DatabaseEvent;

export interface PostriderOptions {
  /** The data directory. Default: `POSTRIDER_DATA`, else `./postrider-data`. */
  readonly data?: string;
  /**
   * A PostgreSQL database that any number of processes share, in place of the embedded engine: its URL, and the schema
   * when it is not `postrider`. Default: `POSTRIDER_DATABASE_URL` and `POSTRIDER_DATABASE_SCHEMA`, else none.
   */
  readonly database?: string | DatabaseInput;
  /** Accounts that have to be there: added when they are new, changed when they differ. The first becomes the default. */
  readonly accounts?: readonly (AccountInput & SecretInput)[];
  /** The built-in mail catcher. Default true; with a database only when it has a port. */
  readonly sandbox?: boolean;
  /** Port of the sandbox on loopback; 0, the default, lets the system choose. With a database it has to be one, the same for all processes. */
  readonly sandboxPort?: number;
  /** Whether this process hands mail over. Default true. */
  readonly deliver?: boolean;
  /**
   * How long mail that this process has in hand stays its own when nothing more is heard of it; then another takes it
   * over. Milliseconds, 3,000 to 600,000. Default 30,000: longer than a process is ever busy with something else.
   */
  readonly leaseMs?: number;
  /** Largest message that is accepted, in bytes. Default 35 MiB: what the most generous of the large providers take. */
  readonly messageBytes?: number;
  /** How long what has ended is kept; what is absent comes from `POSTRIDER_RETENTION_…`, else the defaults. */
  readonly retention?: Partial<Retention>;
  /** What all connections to providers have in common: time limits, the name given in EHLO, name resolution. */
  readonly connecting?: CommonOptions;
  readonly onEvent?: (event: PostriderEvent) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}
