// What an account may still send: by the second from memory; by the minute, hour and day from tokens that storage keeps.
import type { EffectiveLimits } from "../accounts/limits.ts";
import type { Budgets, BudgetWindow, Spent } from "../queue/store.ts";
import type { Clock } from "./clock.ts";
import type { Meter } from "./gate.ts";
import { Throttle } from "./throttle.ts";
import { SlidingWindow } from "./window.ts";

export interface BudgetOptions {
  readonly account: string;
  readonly limits: EffectiveLimits;
  readonly store: Budgets;
  readonly clock: Clock;
  /** Something may be spent that could not be before. */
  readonly onRoom: () => void;
  /** Nothing can be spent until that instant, a while away: by nobody, or by nothing but urgent mail. */
  readonly onSpent: (who: "all" | "others", until: number) => void;
  /** What was told by `onSpent` holds no more. */
  readonly onReopen: () => void;
  readonly onNews: (news: BudgetNews) => void;
}

export type BudgetNews =
  | {
      readonly type: "budget-low";
      readonly window: BudgetWindow;
      readonly limit: number;
      readonly spent: number;
    }
  | { readonly type: "budget-spent"; readonly window: BudgetWindow; readonly until: number };

/** Tokens in hand. They count for the buckets of the instant at which they were taken, and serve until the smallest of these ends. */
interface Parcel {
  readonly takenAt: number;
  readonly validUntil: number;
  urgent: number;
  others: number;
}

/** A wait that messages in hand may sit out; for a longer one they go back to the queue, or to another account. Milliseconds. */
export const patience = 5_000;
/** The part of the smallest limit that is taken ahead: what a process that dies may waste. */
const parcelShare = 1 / 50;
const largestParcel = 200;
/** When storage could not be asked. Milliseconds. */
const askAgain = 1_000;
/** From this part on a budget is said to be low; below the other it may be said again. */
export const low = 0.9;
const lowAgain = 0.8;
/** How often it is looked at how much is spent. Milliseconds. */
const lookEvery = 10_000;
const second = 1_000;

type Kind = "urgent" | "others";

export class Budget implements Meter {
  readonly #options: BudgetOptions;
  readonly #limits: Partial<Readonly<Record<BudgetWindow, number>>>;
  readonly #window: SlidingWindow | null;
  readonly #throttle = new Throttle();
  readonly #parcelSize: number;
  #parcel: Parcel | null = null;
  readonly #asking: Record<Kind, boolean> = { urgent: false, others: false };
  /** Storage has nothing before that instant. */
  readonly #blocked: Record<Kind, number> = { urgent: 0, others: 0 };
  #timer: { readonly at: number; readonly callOff: () => void } | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #told = { low: new Set<BudgetWindow>(), spent: false };
  #closed = false;

  constructor(options: BudgetOptions) {
    this.#options = options;
    const { perSecond, perMinute, perHour, perDay } = options.limits;
    this.#window = perSecond === null ? null : new SlidingWindow(perSecond, second);
    this.#limits = {
      ...(perMinute === null ? {} : { minute: perMinute }),
      ...(perHour === null ? {} : { hour: perHour }),
      ...(perDay === null ? {} : { day: perDay }),
    };
    const smallest = Math.min(...Object.values(this.#limits), Number.POSITIVE_INFINITY);
    this.#parcelSize = Math.min(Math.max(1, Math.floor(smallest * parcelShare)), largestParcel);
  }

  /** A ticket to give it back with, or null when it cannot be spent now: then `onRoom` is called when to ask again. */
  take(urgent: boolean, cost: number): number | null {
    const { clock } = this.#options;
    const elapsed = clock.elapsed();
    const wait = this.#rateWait(urgent, elapsed);
    if (wait > 0) {
      this.#askAgainIn(wait);
      return null;
    }
    if (!this.#spend(urgent, cost)) return null;
    this.#window?.spend(elapsed);
    this.#throttle.sent(elapsed);
    return this.#parcel?.validUntil ?? 0;
  }

  /** What was not used after all: nothing was accepted. The rate by the second stays spent: the server was spoken to. */
  giveBack(ticket: number, urgent: boolean, cost: number): void {
    if (ticket === 0) return;
    const { store, clock, account, onReopen } = this.#options;
    const parcel = this.#parcel;
    if (parcel !== null && parcel.validUntil === ticket) parcel[urgent ? "urgent" : "others"] += cost;
    else {
      // Its parcel is gone; what cannot be given back is wasted, which no limit minds.
      const returned = { account, takenAt: ticket - 1, count: cost, urgent };
      store.giveBack(returned).catch(() => undefined);
    }
    // Urgent mail may spend what others leave.
    const kinds: readonly Kind[] = urgent ? ["urgent"] : ["urgent", "others"];
    const now = clock.now();
    const blocked = kinds.filter((kind) => this.#blocked[kind] - now > patience);
    if (blocked.length === 0) return;
    // Not at once: what comes back one by one would each time fetch a handful from the queue in vain.
    for (const kind of blocked) this.#blocked[kind] = now + patience;
    this.#askAgainIn(patience);
    onReopen();
  }

  /** Until when nothing can be spent, when that is longer than messages in hand may wait; else null. */
  blockedUntil(urgent: boolean): number | null {
    const until = this.#blocked[urgent ? "urgent" : "others"];
    return until - this.#options.clock.now() > patience ? until : null;
  }

  /** The server said that we are too fast. */
  slow(): void {
    this.#throttle.slow(this.#options.clock.elapsed());
  }

  /** Messages a minute to which a complaint of the server holds us now; null for none. */
  get slowedTo(): number | null {
    return this.#throttle.rate(this.#options.clock.elapsed());
  }

  /** Messages within any second from now on; from 0 to the account's own limit. */
  set perSecond(limit: number | null) {
    if (this.#window === null || limit === null) return;
    this.#window.limit = limit;
    this.#options.onRoom();
  }

  /** The clock was set, or storage has followed it: what was said of instants may hold no more. */
  reconsider(): void {
    this.#blocked.urgent = 0;
    this.#blocked.others = 0;
    void this.#returnParcel();
    this.#options.onRoom();
  }

  /** Gives back what is in hand. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.callOff();
    await this.#returnParcel();
  }

  #rateWait(urgent: boolean, elapsed: number): number {
    if (urgent) return this.#window?.wait(elapsed) ?? 0;
    const { limit } = this.#window ?? { limit: 0 };
    const kept =
      limit < 2 ? 0 : Math.min(limit - 1, Math.max(1, Math.round(limit * this.#options.limits.urgentShare)));
    return Math.max(this.#window?.wait(elapsed, kept) ?? 0, this.#throttle.wait(elapsed));
  }

  #spend(urgent: boolean, cost: number): boolean {
    if (Object.keys(this.#limits).length === 0) return true;
    if (this.#parcel !== null && this.#parcel.validUntil <= this.#options.clock.now())
      void this.#returnParcel();
    const parcel = this.#parcel;
    const inHand = parcel === null ? 0 : parcel.others + (urgent ? parcel.urgent : 0);
    if (parcel === null || inHand < cost) {
      this.#ask(urgent ? "urgent" : "others", cost - inHand);
      return false;
    }
    const fromOthers = Math.min(parcel.others, cost);
    parcel.others -= fromOthers;
    parcel.urgent -= cost - fromOthers;
    return true;
  }

  #ask(kind: Kind, missing: number): void {
    if (this.#closed || this.#asking[kind]) return;
    const { store, clock, account, limits, onRoom } = this.#options;
    const takenAt = clock.now();
    const wait = this.#blocked[kind] - takenAt;
    if (wait > 0) {
      this.#askAgainIn(wait);
      return;
    }
    this.#asking[kind] = true;
    store
      .take({
        account,
        now: takenAt,
        limits: this.#limits,
        urgentShare: limits.urgentShare,
        urgent: kind === "urgent",
        wanted: Math.max(missing, this.#parcelSize),
      })
      .then(
        ({ granted, validUntil, next }) => {
          this.#asking[kind] = false;
          if (granted > 0) {
            this.#keep(kind, granted, takenAt, validUntil);
            onRoom();
          } else this.#block(kind, next ?? validUntil);
          this.#look(granted === 0);
        },
        () => {
          // Claims and records meet the same trouble, and tell of it.
          this.#asking[kind] = false;
          this.#askAgainIn(askAgain);
        },
      );
  }

  #keep(kind: Kind, granted: number, takenAt: number, validUntil: number): void {
    this.#told.spent = false;
    if (this.#parcel !== null && this.#parcel.validUntil !== validUntil) void this.#returnParcel();
    this.#parcel ??= { takenAt, validUntil, urgent: 0, others: 0 };
    this.#parcel[kind] += granted;
    if (this.#closed) void this.#returnParcel();
  }

  #block(kind: Kind, until: number): void {
    const now = this.#options.clock.now();
    this.#blocked[kind] = until;
    if (kind === "urgent") this.#blocked.others = Math.max(this.#blocked.others, until);
    this.#askAgainIn(Math.max(until - now, 1));
    if (until - now > patience) this.#options.onSpent(kind === "urgent" ? "all" : "others", until);
  }

  async #returnParcel(): Promise<void> {
    const parcel = this.#parcel;
    this.#parcel = null;
    if (parcel === null) return;
    const { store, account } = this.#options;
    const { takenAt, others, urgent } = parcel;
    // What cannot be given back is wasted, which no limit minds.
    await Promise.allSettled([
      others === 0 ? null : store.giveBack({ account, takenAt, count: others, urgent: false }),
      urgent === 0 ? null : store.giveBack({ account, takenAt, count: urgent, urgent: true }),
    ]);
  }

  /** Calls `onRoom` after so long, or earlier where something earlier is known of. */
  #askAgainIn(ms: number): void {
    if (this.#closed) return;
    const { clock, onRoom } = this.#options;
    const at = clock.elapsed() + ms;
    if (this.#timer !== null) {
      if (this.#timer.at <= at) return;
      this.#timer.callOff();
    }
    const callOff = clock.after(ms, () => {
      this.#timer = null;
      onRoom();
    });
    this.#timer = { at, callOff };
  }

  /** Tells of a budget that is nearly spent, or spent. */
  #look(exhausted: boolean): void {
    const { store, clock, account } = this.#options;
    const elapsed = clock.elapsed();
    if (!exhausted && elapsed - this.#lookedAt < lookEvery) return;
    if (this.#limits.hour === undefined && this.#limits.day === undefined) return;
    this.#lookedAt = elapsed;
    // It is news, and no more: what cannot be read now is read another time.
    store.spent(account, clock.now()).then(
      (spent) => this.#tell(spent, exhausted),
      () => undefined,
    );
  }

  #tell(spent: Spent, exhausted: boolean): void {
    const { onNews } = this.#options;
    let fullest: BudgetWindow | null = null;
    let most = 0;
    for (const window of ["hour", "day"] as const) {
      const limit = this.#limits[window];
      if (limit === undefined) continue;
      const part = spent[window].all / limit;
      if (part >= most) {
        most = part;
        fullest = window;
      }
      if (part < lowAgain) this.#told.low.delete(window);
      if (part < low || this.#told.low.has(window)) continue;
      this.#told.low.add(window);
      onNews({ type: "budget-low", window, limit, spent: spent[window].all });
    }
    const until = this.blockedUntil(false);
    if (!exhausted || fullest === null || until === null || this.#told.spent) return;
    this.#told.spent = true;
    onNews({ type: "budget-spent", window: fullest, until });
  }
}
