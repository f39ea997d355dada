// Which entry of the book a failure is, by the signs alone.
import { type CauseId, cause, causeIds } from "./book.ts";
import { type EntryScope, type Rank, type Retry, ranks, type Sign } from "./entry.ts";
import type { Observation } from "./observation.ts";

export interface Recognised {
  readonly cause: CauseId;
  /** Of the sign that matched, else of the entry. */
  readonly scope: EntryScope;
  readonly retry: Retry;
  readonly rank: Rank;
}

interface Candidate extends Recognised {
  readonly sign: Sign;
}

/** Every sign of the book, in the order in which they are tried: by rank, and within a rank as they stand in the book. */
const candidates: readonly Candidate[] = causeIds
  .flatMap((id) => {
    const { scope, retry, signs = [] } = cause(id);
    return signs.map((sign) => ({
      cause: id,
      scope: sign.scope ?? scope,
      retry: sign.retry ?? retry,
      rank: sign.rank,
      sign,
    }));
  })
  .sort((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank));

/** Null when no sign of the book fits. */
export function recognise(seen: Observation): Recognised | null {
  return candidates.find(({ sign }) => fits(sign, seen)) ?? null;
}

function fits(sign: Sign, seen: Observation): boolean {
  const { facts, endpoint } = seen;
  const { reply } = facts;
  return (
    holds(sign.stages, facts.stage) &&
    holds(sign.kinds, facts.kind) &&
    holds(sign.codes, seen.code) &&
    holds(sign.replies, reply?.code ?? null) &&
    holds(sign.enhanced, seen.enhanced) &&
    holds(sign.security, endpoint?.security ?? null) &&
    holds(sign.ports, endpoint?.port ?? null) &&
    is(sign.class, reply === null ? null : Math.floor(reply.code / 100)) &&
    is(sign.status, reply?.enhanced?.class ?? null) &&
    is(sign.errno, seen.errno) &&
    is(sign.certainty, facts.certainty) &&
    is(sign.secured, facts.secured) &&
    says(sign.text, seen.text) &&
    says(sign.received, facts.received) &&
    says(sign.issuer, facts.certificate?.issuer) &&
    says(sign.challenge, facts.challenge) &&
    says(sign.host, endpoint?.host) &&
    (sign.earlier === undefined || seen.earlier.some((line) => says(sign.earlier, line))) &&
    (sign.addresses === undefined ||
      (seen.addresses.length > 0 && seen.addresses.every((address) => says(sign.addresses, address))))
  );
}

function holds<T>(wanted: readonly T[] | undefined, value: T | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}

function is<T>(wanted: T | undefined, value: T | null): boolean {
  return wanted === undefined || wanted === value;
}

function says(wanted: RegExp | undefined, text: string | undefined): boolean {
  return wanted === undefined || (text !== undefined && wanted.test(text));
}
