// The suppression list as a person reads and edits it: addresses that nothing is sent to any more.
import { PostriderError } from "./error.ts";
import { parseAddress } from "./messages/addresses.ts";
import { MessageError, quoted, unfit } from "./messages/error.ts";
import type { Suppression, Suppressions } from "./queue/store.ts";

export type { Suppression } from "./queue/store.ts";

export const suppressionReasons = ["hard-bounce", "complaint", "manual"] as const;

export interface SuppressionInput {
  readonly address: string;
  /** Default `manual`; the others are for a list that comes from elsewhere. */
  readonly reason?: Suppression["reason"];
  /** What a person wants to know of it later, on one line of up to 500 characters. */
  readonly detail?: string;
}

const longestDetail = 500;

export class SuppressionList {
  readonly #store: Suppressions;
  readonly #now: () => number;

  /** @internal */
  constructor(store: Suppressions, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** In order of address; `limit` from 1 to 1000. */
  list(
    request: Parameters<Suppressions["list"]>[0],
  ): Promise<{ readonly entries: readonly Suppression[]; readonly more: boolean }> {
    const { limit, after } = request;
    return this.#store.list(after === undefined ? { limit } : { limit, after: after.toLowerCase() });
  }

  /** @throws PostriderError when it is not on the list; MessageError for what is no address. */
  async get(address: string): Promise<Suppression> {
    const key = keyOf(address);
    const entry = await this.#store.get(key);
    if (entry === null) throw notListed(key);
    return entry;
  }

  /** Adds an address, or replaces its entry; mail that waits for it is not sent. @throws MessageError. */
  async add({ address, reason = "manual", detail = "" }: SuppressionInput): Promise<Suppression> {
    const entry = { address: keyOf(address), reason, detail, messageId: null, at: this.#now() };
    const problem = unfit(detail);
    if (problem !== null)
      throw new MessageError("detail", `${quoted(detail)} cannot be a detail: ${problem}`);
    if (detail.length > longestDetail)
      throw new MessageError(
        "detail",
        `it is ${detail.length} characters long; ${longestDetail} are allowed`,
      );
    await this.#store.put(entry);
    return entry;
  }

  /**
   * Takes an address from the list. What was not sent to it stays so until it is tried again.
   * @throws PostriderError when it is not there; MessageError for what is no address.
   */
  async remove(address: string): Promise<void> {
    const key = keyOf(address);
    if (!(await this.#store.delete(key))) throw notListed(key);
  }
}

/** As the list has it: the envelope's form, in lower case. */
const keyOf = (address: string) => parseAddress(address, "address").address.toLowerCase();

const notListed = (address: string) =>
  new PostriderError(
    "not-suppressed",
    `${address} is not on the suppression list. \`postrider suppression list\` shows it.`,
  );
