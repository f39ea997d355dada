// What the bench wants of every relay.
import type { Group } from "./group.ts";
import type { Entrance } from "./submitter-process.ts";

export const relayNames = [
  "postrider",
  "postrider-http",
  "postfix",
  "postfix-lanes",
  "bullmq",
  "bullmq-lanes",
] as const;
export type RelayName = (typeof relayNames)[number];

export interface Place {
  readonly group: Group;
  /** Empty but for what the group writes; on the disk that is measured. */
  readonly directory: string;
  readonly sinkPort: number;
  readonly signal: AbortSignal;
  /** Where Postrider leaves CPU profiles of its threads; null for none. */
  readonly profile: string | null;
}

export interface Relay {
  readonly label: string;
  /** Why it cannot run here; null when it can. */
  missing(): string | null;
  /** Resolves when it takes mail. */
  start(place: Place): Promise<Entrance>;
  /** Before its processes are asked to end. */
  stop?(place: Place): Promise<void> | void;
}

/** Connections to the sink that each relay may have: Postfix's default for one destination. */
export const connections = 20;
