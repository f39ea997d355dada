// What the names brought about: whether mail passed, or went astray at an address that the name gave.
import { type CauseId, cause, causeIds } from "../../causes/book.ts";
import type { Layer } from "../../causes/entry.ts";
import type { Facts } from "../facts.ts";

/**
 * `passed`: the dialogue went well to its end. `astray`: no connection, or not to a server that could be the right
 * one. `other`: it failed later, for a reason that no address has, or nobody tried.
 */
export type Outcome = "passed" | "astray" | "other";

const ofWrongPlaces: readonly Layer[] = ["tcp", "banner", "ehlo", "tls", "certificate"];

export function outcome({ walk, reach }: Facts): Outcome {
  if (walk.seen?.result.ok) return "passed";
  const verdict = walk.seen?.verdict ?? null;
  if (verdict !== null && ofWrongPlaces.includes(cause(verdict.cause).layer)) return "astray";
  const own = reach.seen?.own ?? [];
  return own.length > 0 && own.every(({ code }) => code !== null) ? "astray" : "other";
}

/** What a dialogue with the wrong machine, or with none, may look like. */
export const effectsOfWrongAddress: readonly CauseId[] = causeIds.filter((id) =>
  ["dns", ...ofWrongPlaces].includes(cause(id).layer),
);

/** What is told at the stage of names, whatever the true reason is. */
export const namesEffects: readonly CauseId[] = [
  ...causeIds.filter((id) => cause(id).layer === "dns"),
  "config.host-typo",
];
