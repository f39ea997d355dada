// What does not change of a message, as it is stored.
import { type Lane, lanes } from "../../messages/lanes.ts";
import type { Instant } from "../store.ts";

export interface Message {
  /** The order of acceptance, and the key everything else of it hangs on. */
  readonly seq: number;
  readonly id: string;
  readonly messageId: string;
  readonly lane: Lane;
  readonly route: string | null;
  readonly envelopeFrom: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly createdAt: Instant;
  readonly notBefore: Instant | null;
  readonly expiresAt: Instant;
  readonly origin: string;
}

export interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly message_id: string;
  readonly lane: number;
  readonly route: string | null;
  readonly envelope_from: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly created_at: Instant;
  readonly not_before: Instant | null;
  readonly expires_at: Instant;
  readonly origin: string;
}

export function toMessage(row: MessageRow): Message {
  return {
    seq: row.seq,
    id: row.id,
    messageId: row.message_id,
    lane: lanes[row.lane]!,
    route: row.route,
    envelopeFrom: row.envelope_from,
    size: row.size,
    sensitive: row.sensitive,
    createdAt: row.created_at,
    notBefore: row.not_before,
    expiresAt: row.expires_at,
    origin: row.origin,
  };
}

/** Whether it can be the id of a message at all: PostgreSQL refuses to compare anything else with one. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
