// How many messages can be in doubt when a process dies: as many as delivery lets be under way at a time.

/** Kept for urgent mail, of an account's connections. */
const reserved = 1;
/** On each of the others, one written behind the other. */
const depth = 2;
/** Answered and not yet on stable storage, above which no further dialogue begins; one more where two end in one moment. */
const unrecorded = 32 + 1;

/** Of an account with so many connections, two or more. */
export function mostInFlight(connections: number): number {
  const [others, urgent] = [(connections - reserved) * depth, connections];
  return others + urgent + unrecorded;
}
