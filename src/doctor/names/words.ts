// Lists of addresses and names in a sentence.
import type { Text } from "../../providers/provider.ts";

/** A list that has more than this says no more to a person. */
const most = 4;

/** `a, b and c more`. */
export function listed(values: readonly (string | number)[]): Text {
  const shown = values.slice(0, most);
  const more = values.length - shown.length;
  return {
    en: shown.join(", ") + (more > 0 ? ` and ${more} more` : ""),
    zh: shown.join("、") + (more > 0 ? ` 等 ${values.length} 个` : ""),
  };
}
