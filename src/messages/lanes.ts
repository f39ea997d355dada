// The three lanes a message can travel in.

/** `urgent`: password recovery, sign-in codes; `normal`; `bulk`: newsletters and other long runs. In order of precedence. */
export const lanes = ["urgent", "normal", "bulk"] as const;

export type Lane = (typeof lanes)[number];
