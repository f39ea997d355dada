// Time as delivery sees it, so that tests can hold it still.
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Calls once, `ms` from now; returns what calls it off. */
  after(ms: number, call: () => void): () => void;
}

/** Beyond this setTimeout fires at once. */
const longestTimer = 2_147_483_647;

export const systemClock: Clock = {
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestTimer));
    return () => clearTimeout(timer);
  },
};
