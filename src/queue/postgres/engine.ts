// What the operations of the engine work with.
import type { Database } from "./database.ts";
import type { Notices } from "./notices.ts";
import type { Streams } from "./streams.ts";

export interface Engine {
  readonly database: Database;
  readonly notices: Notices;
  readonly streams: Streams;
  /** This node. */
  readonly owner: string;
  newLease(): string;
  /** Milliseconds. */
  pause(duration: number): Promise<void>;
}
