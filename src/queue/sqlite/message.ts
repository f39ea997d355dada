// What does not change of a message, as it is stored.
import { type Lane, lanes } from "../../messages/lanes.ts";
import type { Instant } from "../store.ts";
import type { Engine } from "./statements.ts";

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

export const laneNumber = (lane: Lane): number => lanes.indexOf(lane);

function toMessage(row: Readonly<Record<string, unknown>>): Message {
  return {
    seq: row.seq as number,
    id: row.id as string,
    messageId: row.message_id as string,
    lane: lanes[row.lane as number]!,
    route: row.route as string | null,
    envelopeFrom: row.envelope_from as string,
    size: row.size as number,
    sensitive: row.sensitive === 1,
    createdAt: row.created_at as number,
    notBefore: row.not_before as number | null,
    expiresAt: row.expires_at as number,
    origin: row.origin as string,
  };
}

export function messageById({ statements }: Engine, id: string): Message | null {
  const row = statements.messageById.get(id);
  return row === undefined ? null : toMessage(row);
}

/** For a number that another row just named. */
export function messageBySeq({ statements }: Engine, seq: number): Message {
  return toMessage(statements.messageBySeq.get(seq)!);
}
