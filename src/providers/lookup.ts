// Finding an entry by the name a person gave it, and what they may have meant when there is none.
import { distance } from "fastest-levenshtein";
import { providers } from "./catalogue/all.ts";
import type { Provider } from "./provider.ts";

/** No provider has that id or alias. */
export class UnknownProvider extends Error {
  readonly id: string;
  /** Ids of the nearest entries, best first; empty when nothing comes near. */
  readonly suggestions: readonly string[];

  constructor(id: string, suggestions: readonly string[]) {
    const shown = JSON.stringify(id.slice(0, 100));
    const hint = suggestions.length === 0 ? "" : ` Did you mean ${suggestions.join(" or ")}?`;
    super(
      `There is no provider ${shown} in the catalogue.${hint} For any other server, give its host and port.`,
    );
    this.name = "UnknownProvider";
    this.id = id;
    this.suggestions = suggestions;
  }
}

/** The entry with this id or alias, in any letter case. Throws UnknownProvider. */
export function provider(id: string): Provider {
  const wanted = id.trim().toLowerCase();
  const found =
    providers.find((entry) => entry.id === wanted) ??
    providers.find((entry) => entry.aliases.includes(wanted));
  if (found === undefined) throw new UnknownProvider(id, nearest(id));
  return found;
}

/** Longer input is no name that someone mistyped, and comparing it would only take time. */
const longestName = 60;

/**
 * Ids of at most three entries whose id, name, alias or domain is close to `text`, best first. Close is: two
 * edits in five characters at most, or the beginning of one; and hardly farther than the best.
 */
export function nearest(text: string): readonly string[] {
  const wanted = plain(text);
  if (wanted === "" || wanted.length > longestName) return [];
  const limit = Math.max(1, Math.round(wanted.length * 0.4));
  const near = providers
    .map((entry) => ({ id: entry.id, away: Math.min(...namesOf(entry).map((name) => away(wanted, name))) }))
    .filter((candidate) => candidate.away <= limit)
    .sort((a, b) => a.away - b.away);
  const first = near[0]?.away ?? 0;
  return near
    .filter((candidate) => candidate.away <= first + 1)
    .slice(0, 3)
    .map((candidate) => candidate.id);
}

function namesOf({ id, name, nameZh = name, aliases, domains }: Provider): readonly string[] {
  return [id, name, nameZh, ...aliases, ...domains].map(plain);
}

function away(wanted: string, name: string): number {
  return wanted.length >= 3 && name.startsWith(wanted) ? 0.5 : distance(wanted, name);
}

/** What people leave out or write differently plays no part: case, blanks, dashes, dots. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[\s._-]+/g, "");
}
