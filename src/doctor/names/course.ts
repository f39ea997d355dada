// What the names brought about: whether mail passed, or went astray at an address that the name gave.
import { type CauseId, cause, causeIds } from "../../causes/book.ts";
import type { Layer } from "../../causes/entry.ts";
import type { Facts } from "../facts.ts";

/**
 * `arrived`: the dialogue came as far as signing in, or to its end, so the address was right enough. `astray`: no
 * connection, or not to a server that could be the right one. `untried`: nobody can tell.
 */
export type Outcome = "arrived" | "astray" | "untried";

const ofWrongPlaces: readonly Layer[] = ["tcp", "banner", "ehlo", "tls", "certificate"];
const ofRightPlaces: readonly Layer[] = ["auth", "envelope", "data", "message", "delivery"];

export function outcome({ walk, reach }: Facts): Outcome {
  if (walk.seen?.result.ok) return "arrived";
  const verdict = walk.seen?.verdict ?? null;
  const layer = verdict === null ? null : cause(verdict.cause).layer;
  if (layer !== null && ofRightPlaces.includes(layer)) return "arrived";
  if (layer !== null && ofWrongPlaces.includes(layer)) return "astray";
  const own = reach.seen?.own ?? [];
  return own.length > 0 && own.every(({ code }) => code !== null) ? "astray" : "untried";
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
