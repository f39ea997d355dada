// How many messages can be in doubt when a process dies: as many as delivery lets be under way at a time.

/** Kept for urgent mail, of an account's connections. */
const reserved = 1;
/** On each of the others, one written behind the other. */
const depth = 2;
/** Answered and not yet on stable storage, above which no further dialogue begins; one more where two end in one moment. */
const unrecorded = 32 + 1;

/** Begun and not yet answered, on an account's connections, two or more; of all processes that share them. */
export function mostUnanswered(connections: number): number {
  return (connections - reserved) * depth + connections;
}

/** Of an account with so many connections, two or more, by so many processes together. */
export function mostInFlight(connections: number, processes = 1): number {
  return mostUnanswered(connections) + processes * unrecorded;
}
