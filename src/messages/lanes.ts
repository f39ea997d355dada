// The three lanes a message can travel in.

/** `urgent`: password recovery, sign-in codes; `normal`; `bulk`: newsletters and other long runs. In order of precedence. */
export const lanes = ["urgent", "normal", "bulk"] as const;

export type Lane = (typeof lanes)[number];

const hour = 3_600_000;

/**
 * How long a message is tried when nobody says, in milliseconds. A sign-in code an hour late helps no one;
 * five days is what RFC 5321 §4.5.4.1 asks for as the longest.
 */
export const defaultLifetime: Readonly<Record<Lane, number>> = {
  urgent: hour,
  normal: 48 * hour,
  bulk: 120 * hour,
};
