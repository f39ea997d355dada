// What accounts may do at one time. One process holds the data directory, so its memory is where all who send meet.
import { decideShare, type Holder, lastHeld, letGo } from "../shares.ts";
import { type Shares, StoreError } from "../store.ts";

export class MemoryShares implements Shares {
  readonly #accounts = new Map<string, readonly Holder[]>();
  #closed = false;

  async hold(request: Parameters<Shares["hold"]>[0]): ReturnType<Shares["hold"]> {
    this.#refuseClosed();
    const rows = this.#rows(request.account, request.now);
    const { share, row } = decideShare(request, rows);
    this.#keep(rows, row);
    return share;
  }

  async release({ account, owner, now }: Parameters<Shares["release"]>[0]): Promise<void> {
    this.#refuseClosed();
    const rows = this.#rows(account, now);
    const own = rows.find((row) => row.owner === owner);
    if (own !== undefined) this.#keep(rows, letGo(own, now));
  }

  close(): void {
    this.#closed = true;
  }

  #rows(account: string, now: number): readonly Holder[] {
    return (this.#accounts.get(account) ?? []).filter((row) => row.until > lastHeld(now));
  }

  #keep(rows: readonly Holder[], row: Holder): void {
    this.#accounts.set(row.account, [...rows.filter(({ owner }) => owner !== row.owner), row]);
  }

  #refuseClosed(): void {
    if (this.#closed) throw new StoreError("closed", "The queue is closed.");
  }
}
