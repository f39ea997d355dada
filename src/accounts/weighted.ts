// The order in which one message tries accounts of different weight: drawn by its id, so that a retry finds the same.
import { hash } from "node:crypto";

/** A hash's first 48 bits; more would not fit an exact number. */
const hashDigits = 12;
const hashValues = 16 ** hashDigits;

/**
 * Each name once. Over many ids a name comes first as often as its weight says, and behind it each next one likewise
 * among those that are left: every name waits for an exponential time of its own, the heavier the shorter (Efraimidis
 * and Spirakis, "Weighted random sampling with a reservoir"). As each name's time depends on nothing but the id and
 * itself, a name that comes or goes leaves the others in their order.
 */
export function weightedOrder(
  entries: readonly { readonly name: string; readonly weight: number }[],
  id: string,
): readonly string[] {
  return entries
    .map(({ name, weight }) => ({ name, time: -Math.log(uniform(`${id}\0${name}`)) / weight }))
    .sort((one, other) => one.time - other.time || (one.name < other.name ? -1 : 1))
    .map(({ name }) => name);
}

/** Above 0 and below 1, evenly spread. */
function uniform(text: string): number {
  const drawn = Number.parseInt(hash("sha256", text, "hex").slice(0, hashDigits), 16);
  return (drawn + 0.5) / hashValues;
}
