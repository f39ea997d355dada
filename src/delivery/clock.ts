// Time as delivery sees it, so that tests can hold it still, and set it.
export interface Clock {
  /** Milliseconds since 1970, UTC. Somebody may set it, ahead or back. */
  now(): number;
  /** Milliseconds since some moment; goes on evenly, whatever becomes of `now`. */
  elapsed(): number;
  /** Calls once, `ms` from now; returns what calls it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls with the milliseconds, negative for back, by which `now` went otherwise than `elapsed`; returns what ends the calls. */
  onJump(call: (by: number) => void): () => void;
}

/** Beyond this setTimeout fires at once. */
const longestTimer = 2_147_483_647;

/** Nothing tells that the clock was set, or that the machine slept: somebody has to look. Milliseconds. */
const lookEvery = 5_000;
/** What clocks are corrected by in normal running is less. Milliseconds. */
const smallestJump = 2_000;

export const systemClock: Clock = {
  // Looked up at each call: whoever replaces Date.now means us as well.
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), longestTimer));
    return () => clearTimeout(timer);
  },
  onJump(call) {
    let offset = Date.now() - performance.now();
    const timer = setInterval(() => {
      const by = Date.now() - performance.now() - offset;
      offset += by;
      if (Math.abs(by) >= smallestJump) call(Math.round(by));
    }, lookEvery);
    timer.unref();
    return () => clearInterval(timer);
  },
};
