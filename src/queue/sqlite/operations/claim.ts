// Leases what is due to a worker.
import { lanes } from "../../../messages/lanes.ts";
import type { Claim, Claimed, ClaimRequest, Expired, Instant } from "../../store.ts";
import {
  advance,
  isWaiting,
  laneNumber,
  leaseOf,
  type Message,
  messageById,
  messageBySeq,
  recipientsOf,
  settle,
} from "../progress.ts";
import type { Engine } from "../statements.ts";

/**
 * Messages that one claim may look at beyond its limit, because they turn out to be expired: enough to
 * clear a backlog quickly, few enough (some tens of milliseconds) not to hold up others' commits.
 */
const spareLooks = 1000;

export function claim(engine: Engine, request: ClaimRequest): Claimed {
  const claims: Claim[] = [];
  const expired: Expired[] = [];
  let bytes = 0;
  let looks = request.limit + spareLooks;
  for (const lane of lanes) {
    if (request.lanes !== undefined && !request.lanes.includes(lane)) continue;
    while (claims.length < request.limit && looks > 0) {
      const wanted = Math.min(request.limit - claims.length, looks);
      const due = engine.statements.dueWork.all(laneNumber(lane), request.now, wanted);
      for (const row of due) {
        const message = messageBySeq(engine, row.message as number);
        if (claims.length > 0 && bytes + message.size > request.maxBytes && message.expiresAt > request.now) {
          return { claims, expired };
        }
        const taken = take(engine, message, request, expired);
        if (taken !== null) {
          claims.push(taken);
          bytes += taken.size;
        }
      }
      looks -= due.length;
      if (due.length < wanted) break;
    }
  }
  return { claims, expired };
}

/** Null when nothing of it was to be had; what had expired is added to `expired`. */
function take(engine: Engine, message: Message, request: ClaimRequest, expired: Expired[]): Claim | null {
  const { now } = request;
  const recipients = recipientsOf(engine, message.seq);
  for (const r of recipients) if (r.state === "sending") advance(r, "release", now);
  if (message.expiresAt <= now) {
    const over = recipients.filter((r) => advance(r, "expire", now));
    settle(engine, message, recipients, null);
    if (over.length > 0) {
      const { id, lane } = message;
      expired.push({ id, lane, recipients: over.map((r) => ({ index: r.position, address: r.address })) });
    }
    return null;
  }
  const due = recipients.filter((r) => isWaiting(r.state) && r.dueAt !== null && r.dueAt <= now);
  if (due.length === 0) {
    settle(engine, message, recipients, null);
    return null;
  }
  for (const r of due) advance(r, "claim", now);
  const lease = { token: engine.newLease(), until: now + request.leaseMs };
  settle(engine, message, recipients, lease);
  return {
    id: message.id,
    lane: message.lane,
    route: message.route,
    envelopeFrom: message.envelopeFrom,
    sensitive: message.sensitive,
    createdAt: message.createdAt,
    expiresAt: message.expiresAt,
    size: message.size,
    content: engine.statements.content.get(message.seq)!.body as Uint8Array,
    recipients: due.map((r) => ({ index: r.position, address: r.address, attempts: r.attempts })),
    lease: lease.token,
  };
}

export function extend(
  engine: Engine,
  claims: readonly { readonly id: string; readonly lease: string }[],
  until: Instant,
): void {
  for (const { id, lease } of claims) {
    const message = messageById(engine, id);
    if (message === null || leaseOf(engine, message.seq)?.token !== lease) continue;
    engine.statements.putWork.run(message.seq, laneNumber(message.lane), until, lease);
  }
}
