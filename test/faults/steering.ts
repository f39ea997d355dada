// What the parent of an application's process can do to the world that the process sees, in all its threads.

/** The channel that the preloads listen on. */
export const steering = "postrider-faults";

export type Steering =
  /** For `moving-clock.ts`: how far its clock is from the true one. */
  | { readonly clockMs: number }
  /** For `failing-resolver.ts`: the code that looking up every name fails with; null for not at all. */
  | { readonly resolverFails: string | null };
