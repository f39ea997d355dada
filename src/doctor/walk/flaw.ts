// One thing that looks wrong with a setting, and what the walk would have to meet or pass for it to be true or not.
import type { CauseId } from "../../causes/book.ts";
import type { Layer } from "../../causes/entry.ts";
import type { EvidenceValues } from "../../causes/placeholders.ts";
import type { Text } from "../../providers/provider.ts";
import type { Stage } from "../../smtp/stage.ts";

/** Something that is wrong with a setting, as far as its looks go. */
export interface Flaw {
  readonly cause?: CauseId;
  /** That of the cause. Default `config`. */
  readonly layer?: Layer;
  readonly detail: Text;
  readonly evidence: readonly Text[];
  /** Causes that the walk would meet for it. */
  readonly explains: readonly CauseId[];
  readonly values?: EvidenceValues;
  /** The walk has shown that all is well with it once it has passed this stage. */
  readonly disprovedBy: Stage | "delivery";
  /** It cannot work, whatever the server does. */
  readonly hopeless?: true;
  /** Too weak a sign to be told unless the walk has failed for such a reason. */
  readonly onlyIfFailed?: true;
  /** Told as a hint where the walk met one of these, and never as the cause. */
  readonly hintAt?: readonly CauseId[];
}
