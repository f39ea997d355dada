// Knocks that wait for their turn among the four connections that may stand at a time.
import type { LookupAddress } from "node:dns";
import type { Family, Knock } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Door, knock } from "./knock.ts";

export function doorOf({ address, family }: LookupAddress): Omit<Door, "port"> {
  return { address, family: family as Family };
}

/** A knock whose turn comes later than `beginMs` after now is left out, and null. */
export function rounds(
  { connecting, ended }: Pick<Surroundings, "connecting" | "ended">,
  beginMs: number,
): (door: Door, greetingMs?: number) => Promise<Knock | null> {
  const began = performance.now();
  return (door, greetingMs = 0) =>
    connecting(async () => (performance.now() - began > beginMs ? null : knock(door, { ended, greetingMs })));
}

export function present<T>(list: readonly (T | null)[]): readonly T[] {
  return list.filter((one) => one !== null);
}
