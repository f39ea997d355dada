// What delivery asks the queue for: as much as there is room for, of routes that take something now.
import type { ClaimRequest } from "../queue/store.ts";
import type { Line } from "./line.ts";
import type { Openings } from "./openings.ts";

export interface Room {
  /** Messages that may be in hand at a time. */
  readonly concurrency: number;
  /** Places that are free. */
  readonly free: number;
  /** Bytes of content that may come. */
  readonly bytes: number;
}

export interface Plan {
  /** To be made in this order; none when there is no room. */
  readonly requests: readonly Pick<ClaimRequest, "limit" | "maxBytes" | "lanes" | "except">[];
  /** Whether something is left for lack of places in hand. */
  readonly packed: boolean;
  /** Lines for which something is left, as they have as much in hand as they can use. */
  readonly full: readonly Line[];
  /** When a route that takes nothing now does again; null when none does by itself. */
  readonly opensAt: number | null;
}

/** The part of the places in hand that only urgent messages may take. */
export const urgentPlaces = 1 / 4;
/** Messages in one claim: enough for one commit to pay, few enough to be started at once. */
export const claimLimit = 64;

export function planClaims({ concurrency, free, bytes }: Room, openings: Openings): Plan {
  if (free <= 0 || bytes <= 0) return { requests: [], packed: true, full: [], opensAt: null };
  const general = free - Math.floor(concurrency * urgentPlaces);
  const urgent = openings.shutters("urgent");
  const others = openings.shutters("normal");
  const { full } = others;
  const opensAt = earliest(urgent.opensAt, others.opensAt);
  const packed = general <= 0;
  const limit = (places: number) => Math.min(places, claimLimit);
  const ofUrgent = { limit: limit(free), maxBytes: bytes, lanes: ["urgent"], except: urgent.except } as const;
  if (packed) return { requests: [ofUrgent], packed, full, opensAt };
  const common = { limit: limit(general), maxBytes: bytes, except: others.except };
  if (sameRoutes(urgent.except, others.except)) return { requests: [common], packed, full, opensAt };
  const ofOthers = { ...common, lanes: ["normal", "bulk"] } as const;
  return { requests: [ofUrgent, ofOthers], packed, full, opensAt };
}

export function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** Both come in the same order. */
function sameRoutes(some: readonly (string | null)[], others: readonly (string | null)[]): boolean {
  return some.length === others.length && some.every((name, at) => name === others[at]);
}
