// A line's part of what its account may do at one time, where several nodes send through it.
import type { Share, Shares } from "../queue/store.ts";
import type { Clock } from "./clock.ts";

export interface LineShareOptions {
  readonly shares: Shares;
  readonly account: string;
  /** Names the line among all that send through the account, one that is retiring included. */
  readonly owner: string;
  readonly clock: Clock;
  /** Of all nodes together. */
  readonly limits: {
    readonly connections: number;
    readonly perSecond: number | null;
    readonly keepAliveMs: number | null;
  };
  readonly on: ShareListener;
}

export interface ShareListener {
  /** Connections that stand or are being opened. */
  taken(): number;
  /** What may be used from now on; nothing of it is in use when it first asks. */
  changed(part: Part): void;
  /** Nothing may be used for a while: who waits is to be sent away. */
  refused(): void;
  /** It was refused, and has something now, or may be asked for it again. */
  reopened(): void;
  /** Ends connections without work; resolves when they have ended. */
  dismiss(): Promise<void>;
}

export type Part = Pick<Share, "connections" | "perSecond">;

export const nothing: Part = { connections: 0, perSecond: 0 };

/** How long a part outlives its node. Milliseconds. */
const holdMs = 10_000;
/** How soon others hear that something is wanted, or free. Milliseconds. */
const askEvery = 1_000;
/** Of who has nothing, and mail that waits for it. Milliseconds. */
const askForFirst = 500;
/** After doing with less: others wait for it. Milliseconds. */
const tellSoon = 100;
/** It is not used so long before its end: clocks of two nodes are not quite the same. Milliseconds. */
const marginMs = 500;
/** Without a message in hand for so long, the others can have it. Milliseconds. */
const idleMs = 5_000;

/**
 * Asked for when the first message comes to hand, again each second, and let go when none has been for a while. Who is
 * refused goes on asking for as long; then the next message that comes to hand shows whether there is still something
 * to send.
 */
export class LineShare {
  readonly #options: LineShareOptions;
  #held: Share | null = null;
  #refused = false;
  /** Asking, or letting go: one after the other, so that none overtakes another. */
  #talking: Promise<void> | null = null;
  /** Whether storage may know of us. */
  #known = false;
  #inHand = 0;
  #idleSince = 0;
  #callOffAsk: (() => void) | null = null;
  #callOffEnd: () => void = () => undefined;
  #closed = false;

  constructor(options: LineShareOptions) {
    this.#options = options;
  }

  /** Whether a dialogue may begin. */
  get held(): boolean {
    return this.#held !== null && this.#held.until - marginMs > this.#options.clock.now();
  }

  /** Until when it is asked for in vain, at the latest; null while it is not known to be in vain. */
  refusedUntil(now: number): number | null {
    if (!this.#refused) return null;
    const idle = this.#inHand > 0 ? 0 : this.#options.clock.elapsed() - this.#idleSince;
    return now + Math.max(idleMs - idle, 0) + askEvery;
  }

  /** A message came to hand. */
  need(): void {
    this.#inHand += 1;
    if (this.#callOffAsk === null) this.#ask();
  }

  /** One has left. */
  done(): void {
    this.#inHand -= 1;
    if (this.#inHand === 0) this.#idleSince = this.#options.clock.elapsed();
  }

  /** The clock was set: what was said of instants may hold no more. */
  reconsider(): void {
    if (this.#held !== null && !this.held) this.#lose();
    if (this.#callOffAsk !== null) this.#askIn(0);
  }

  /** Lets it go for good; to be called when every connection has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOffAsk?.();
    this.#callOffEnd();
    await this.#talking;
    if (this.#known) await this.#release();
  }

  #askIn(ms: number): void {
    this.#callOffAsk?.();
    this.#callOffAsk = this.#options.clock.after(ms, () => {
      this.#callOffAsk = null;
      if (this.#isIdle) this.#letGo();
      else this.#ask();
    });
  }

  get #isIdle(): boolean {
    const { clock, limits, on } = this.#options;
    if (this.#inHand > 0 || clock.elapsed() - this.#idleSince < idleMs) return false;
    // Connections that are to be kept warm need their part.
    return limits.keepAliveMs === null || this.#held === null || on.taken() === 0;
  }

  #ask(): void {
    if (this.#talking !== null || this.#closed) return;
    const { shares, account, owner, clock, limits, on } = this.#options;
    const { connections, perSecond } = limits;
    const held = this.#held;
    const open = Math.max(on.taken(), held?.connections ?? 0);
    const rate = held === null ? 0 : held.perSecond;
    this.#known = true;
    this.#talking = shares
      .hold({ account, owner, now: clock.now(), connections, perSecond, open, rate, holdMs })
      .then(
        (share) => this.#answered(share),
        // What is held is used to its end; claims and records meet the same trouble, and tell of it.
        () => this.#answered(null),
      );
  }

  #answered(share: Share | null): void {
    this.#talking = null;
    if (this.#closed) return;
    const before = this.#held;
    this.#askIn(before === null ? askForFirst : askEvery);
    if (share === null || share.until - marginMs <= this.#options.clock.now()) {
      if (before === null) this.#refuse();
      return;
    }
    if (share.connections === 0) {
      if (before === null) this.#refuse();
      else this.#lose();
      return;
    }
    this.#held = share;
    this.#endAt(share);
    this.#askIn(askEvery);
    if (before === null || before.connections !== share.connections || before.perSecond !== share.perSecond)
      this.#options.on.changed(share);
    if (before !== null && isLess(share, before)) this.#askIn(tellSoon);
    const reopens = this.#refused;
    this.#refused = false;
    if (reopens) this.#options.on.reopened();
  }

  #endAt({ until }: Share): void {
    const { clock } = this.#options;
    this.#callOffEnd();
    this.#callOffEnd = clock.after(Math.max(until - marginMs - clock.now(), 0), () => this.#lose());
  }

  #lose(): void {
    this.#held = null;
    this.#callOffEnd();
    this.#options.on.changed(nothing);
    void this.#options.on.dismiss();
    this.#refuse();
  }

  #refuse(): void {
    this.#refused = true;
    this.#options.on.refused();
  }

  /** Nothing has been in hand for a while. */
  #letGo(): void {
    const { on } = this.#options;
    const reopens = this.#refused;
    this.#held = null;
    this.#refused = false;
    this.#callOffEnd();
    on.changed(nothing);
    this.#talking = on
      .dismiss()
      .then(() => this.#release())
      .then(() => {
        this.#talking = null;
        if (this.#inHand > 0) this.#ask();
      });
    if (reopens) on.reopened();
  }

  async #release(): Promise<void> {
    const { shares, account, owner, clock } = this.#options;
    this.#known = false;
    // What cannot be let go ends by itself.
    await shares.release({ account, owner, now: clock.now() }).catch(() => undefined);
  }
}

function isLess(one: Part, other: Part): boolean {
  return (
    one.connections < other.connections ||
    (one.perSecond ?? Number.POSITIVE_INFINITY) < (other.perSecond ?? Number.POSITIVE_INFINITY)
  );
}
