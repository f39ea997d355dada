// From the queue to the providers: claims what is due, hands it over, records what became of it.
import { isDeepStrictEqual } from "node:util";
import { type AccountBook, type AccountChange, AccountError } from "../accounts/accounts.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import type { Routes } from "../accounts/routes.ts";
import type { Duties } from "../queue/duties.ts";
import type { Claim, Ended, QueueStore, Shares } from "../queue/store.ts";
import { claimLimit, earliest, type Plan, planClaims, urgentPlaces } from "./claims.ts";
import { type Clock, SystemClock } from "./clock.ts";
import { Conditions } from "./conditions.ts";
import type { CommonOptions } from "./connecting.ts";
import type { DeliveryEvent } from "./events.ts";
import { type Flight, Handover } from "./handover.ts";
import { Lines } from "./lines.ts";
import { Openings } from "./openings.ts";
import { type OpenPool, openSmtpPool } from "./pools.ts";
import { Recorder } from "./recorder.ts";
import { type AccountState, accountState } from "./states.ts";
import { type Judge, verdictOn } from "./verdicts.ts";

export interface DeliveryOptions {
  readonly store: Pick<
    QueueStore,
    "claim" | "extend" | "record" | "unpark" | "clockSetBack" | "budgets" | "documents" | "watch"
  >;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly credentials: CredentialSource;
  /** Names this process in leases. */
  readonly owner: string;
  /** Where other processes send through the same accounts: what they have to agree on. Absent where this one is alone. */
  readonly shared?: { readonly shares: Shares; readonly duties: Duties };
  /** Told after what it tells is stored. */
  readonly onEvent?: (event: DeliveryEvent) => void;
  /** Messages in hand at a time, waiting for their turn included. Default 256. */
  readonly concurrency?: number;
  /** Bytes of content in hand at a time; one larger message still goes alone. Default 64 MiB. */
  readonly maxBytes?: number;
  /** How long a message stays ours when this process dies. Default 30 s; renewed while it lives. */
  readonly leaseMs?: number;
  /** What all connections have in common. */
  readonly connecting?: CommonOptions;
  readonly judge?: Judge;
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly openPool?: OpenPool;
}

const defaults = { concurrency: 256, maxBytes: 64 * 1024 * 1024, leaseMs: 30_000 };

/** When something was due at the time of a claim that did not find it: clocks disagree, or a lease is just ending. Milliseconds. */
const shortestWait = 250;
/** Messages handed over and not yet recorded, above which no dialogue begins: so many could go out twice if this process died now. */
const mostUnrecorded = 32;
/** By how much an accepted message may be ahead of our time before it is a clock set back. Milliseconds. */
const clockTolerance = 1_000;
/** Pauses after a claim that failed; each is twice the one before. Milliseconds. */
const firstPause = 500;
const longestPause = 30_000;
/** How long a node that died in the middle of looking through the queue keeps the others from it, and when they look again. Milliseconds. */
const dutyMs = 30_000;
const dutyAgain = 1_000;
/** What recording the last outcomes may take on stopping, when the store is in trouble. Milliseconds. */
const lastWritesMs = 5_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #maxBytes: number;
  readonly #leaseMs: number;
  readonly #conditions: Conditions;
  readonly #lines: Lines;
  readonly #recorder: Recorder;
  readonly #handover: Handover;
  readonly #openings: Openings;
  readonly #unsubscribe: () => void;
  readonly #flights = new Map<string, Flight>();
  #bytes = 0;
  #running = false;
  #unwatch: () => void = () => undefined;
  /** Whether it is known what others, or this process before it was started again, found out. */
  #loaded = false;
  #pumping: Promise<void> | null = null;
  #again = false;
  /** What kept the last claim from taking more: places in hand, or these lines, or both. Null when nothing did. */
  #crowded: Pick<Plan, "packed" | "full"> | null = null;
  #claimPause = 0;
  /** What the store is in trouble with; while it is not empty, nothing is handed over. */
  readonly #troubles = new Set<"claim" | "record">();
  #callOffWake: (() => void) | null = null;
  #wakeAt = 0;
  #callOffLeases: (() => void) | null = null;
  #emptied: (() => void)[] = [];
  /** Whether parked mail may have a good account again that it was not let go for: one mended while nobody delivered, at least. */
  #overlooked = true;
  /** Whether the clock may have been set back: while we ran, or before we started. */
  #setBack = true;
  #releasing: Promise<number> = Promise.resolve(0);

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const clock = options.clock ?? new SystemClock();
    this.#clock = clock;
    this.#concurrency = options.concurrency ?? defaults.concurrency;
    this.#maxBytes = options.maxBytes ?? defaults.maxBytes;
    this.#leaseMs = options.leaseMs ?? defaults.leaseMs;
    const { accounts, credentials, routes, store } = options;
    const openPool = options.openPool ?? openSmtpPool(credentials, options.connecting ?? {});
    this.#conditions = new Conditions({
      documents: store.documents,
      owner: options.owner,
      now: () => clock.now(),
      onChange: (name, condition) => this.#lines.adopt(name, condition),
    });
    this.#lines = new Lines({
      conditions: this.#conditions,
      owner: options.owner,
      openPool,
      budgets: store.budgets,
      shares: options.shared?.shares ?? null,
      clock,
      onBudget: ({ name }, news) => this.#emit({ ...news, at: clock.now(), account: name }),
      onOpen: () => this.wake(),
    });
    this.#openings = new Openings({ routes, lines: this.#lines, now: () => clock.now() });
    this.#recorder = new Recorder({
      store,
      clock,
      onTrouble: (error) => this.#trouble("record", error),
      onRecovered: () => this.#recovered("record"),
      onCount: () => this.#holdOrLetGo(),
    });
    this.#handover = new Handover({
      resolve: (route, id) => routes.resolve(route, id),
      find: (name) => accounts.find(name),
      park: (name, verdict) => accounts.park(name, verdict),
      hasGoodAccount: (route) => this.#hasGoodAccount(route),
      isClosed: (route, lane) => this.#openings.isClosed(route, lane),
      parkedInVain: () => {
        this.#overlooked = true;
        this.wake();
      },
      line: (account) => this.#lines.of(account),
      forgetToken: (name) => credentials.forget(name),
      judge: (failure, attempted) => verdictOn(failure, attempted, options.judge),
      record: (record) => this.#recorder.record(record),
      clock,
      random: options.random ?? Math.random,
      emit: (event) => this.#emit(event),
    });
    const unsubscribe = [
      accounts.onChange((change) => this.#accountChanged(change)),
      clock.onJump((by) => this.#clockJumped(by)),
    ];
    this.#unsubscribe = () => {
      for (const end of unsubscribe) end();
    };
  }

  start(): void {
    this.#running = true;
    this.#unwatch = this.#options.store.watch({
      onWork: () => this.wake(),
      onDocuments: this.#conditions.changed,
    });
    this.wake();
  }

  /**
   * A message was accepted at that time by the wall's clock. A time to come means that the clock has been set back
   * since: the message would wait for it.
   */
  accepted(at: number): void {
    if (at > this.#clock.now() + clockTolerance) this.#setBack = true;
    this.wake();
  }

  /** There may be something to do. Costs nothing when there is not. */
  wake(): void {
    if (!this.#running) return;
    this.#again = true;
    this.#pumping ??= this.#pump().then(() => {
      this.#pumping = null;
      if (this.#again) this.wake();
    });
  }

  /**
   * Lets an account that was at fault, rests or cannot be reached go again, with all parked mail; how many recipients.
   * Throws AccountError when there is none.
   */
  async resumeAccount(name: string): Promise<number> {
    if (await this.#options.accounts.resume(name)) return this.#releasing;
    this.#lines.forgive(this.#options.accounts.get(name));
    return this.releaseParked();
  }

  /** Lets all parked mail go again, as after a change of routes; what still has no good account parks anew. How many recipients. */
  async releaseParked(): Promise<number> {
    const released = await this.#options.store.unpark(null, this.#clock.now());
    this.wake();
    return released;
  }

  /** Another process has changed routes or accounts: what this one parked before it knew may have a good account. */
  reconsiderParked(): void {
    this.#overlooked = true;
    this.wake();
  }

  /** How each account stands, as far as this process knows, from others too; by name. */
  accountStates(): readonly AccountState[] {
    const now = this.#clock.now();
    return this.#options.accounts
      .list()
      .map((account) =>
        accountState(account, this.#lines.find(account.name), this.#lines.known(account), now),
      );
  }

  /** How many messages are in hand. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /**
   * Claims nothing more, gives back what has not begun, and lets dialogues under way end for `graceMs`; then cuts
   * them. What cannot be recorded any more is found by its lease later.
   */
  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    if (!this.#running && this.#flights.size === 0) {
      this.#unsubscribe();
      return this.#lines.close();
    }
    this.#running = false;
    this.#unwatch();
    this.#callOffWake?.();
    this.#lines.shut();
    await this.#pumping;
    await this.#within(options.graceMs ?? 10_000);
    await this.#lines.close();
    await this.#within(lastWritesMs);
    await this.#conditions.settled();
    this.#recorder.abandon();
    this.#callOffLeases?.();
    this.#unsubscribe();
  }

  /** Resolves when nothing is in hand any more, or when the time is over. */
  #within(ms: number): Promise<void> {
    if (this.#flights.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.#clock.after(ms, resolve);
      this.#emptied.push(() => {
        callOff();
        resolve();
      });
    });
  }

  async #pump(): Promise<void> {
    let wait: number | null = null;
    while (this.#again && this.#running) {
      this.#again = false;
      // What was armed for is stored by now, so the claim will find it.
      this.#callOffWake?.();
      this.#callOffWake = null;
      try {
        wait = await this.#claimWhatFits();
        this.#claimPause = 0;
        this.#recovered("claim");
      } catch (error) {
        this.#trouble("claim", error);
        this.#claimPause = Math.min(this.#claimPause === 0 ? firstPause : this.#claimPause * 2, longestPause);
        wait = this.#claimPause;
      }
    }
    if (wait !== null) this.#wakeIn(wait);
  }

  /** Wakes by then, or earlier where something earlier is known of. */
  #wakeIn(ms: number): void {
    if (!this.#running) return;
    const at = this.#clock.elapsed() + ms;
    if (this.#callOffWake !== null) {
      if (this.#wakeAt <= at) return;
      this.#callOffWake();
    }
    this.#wakeAt = at;
    this.#callOffWake = this.#clock.after(ms, () => {
      this.#callOffWake = null;
      this.wake();
    });
  }

  /** Takes all that is due and that there is room for. Returns after how many milliseconds to look again; null for not before a signal. */
  async #claimWhatFits(): Promise<number | null> {
    if (!this.#loaded) await this.#conditions.load();
    this.#loaded = true;
    if (this.#setBack) void this.#followClock();
    if (this.#overlooked) await this.#releaseOverlooked();
    while (this.#running && !this.#troubles.has("record")) {
      const free = this.#concurrency - this.#flights.size;
      const bytes = this.#maxBytes - this.#bytes;
      const plan = planClaims({ concurrency: this.#concurrency, free, bytes }, this.#openings);
      this.#crowded = plan.packed || plan.full.length > 0 ? plan : null;
      const asked = this.#clock.now();
      let found = false;
      let next = plan.opensAt;
      for (const request of plan.requests) {
        const claimed = await this.#claim(request);
        found ||= claimed.found;
        next = earliest(next, claimed.next);
      }
      if (found) continue;
      if (next === null) return null;
      if (next <= asked) return shortestWait;
      const now = this.#clock.now();
      if (next > now) return next - now;
    }
    return null;
  }

  /** `found`: something came to hand, or to an end. */
  async #claim(
    request: Plan["requests"][number],
  ): Promise<{ readonly found: boolean; readonly next: number | null }> {
    const { store, owner } = this.#options;
    const now = this.#clock.now();
    const { claims, expired, suppressed, next } = await store.claim({
      ...request,
      now,
      leaseMs: this.#leaseMs,
      owner,
    });
    for (const one of expired) this.#tellEnded(one, now, { type: "expired", verdict: null });
    for (const one of suppressed) this.#tellEnded(one, now, { type: "suppressed" });
    for (const claim of claims) this.#take(claim, now + this.#leaseMs);
    return { found: claims.length + expired.length + suppressed.length > 0, next };
  }

  /** What came to its end while it waited: the queue found it, nobody had it in hand. */
  #tellEnded(
    { id, lane, recipients }: Ended,
    at: number,
    what: { readonly type: "expired"; readonly verdict: null } | { readonly type: "suppressed" },
  ): void {
    for (const { index, address } of recipients)
      this.#emit({ ...what, at, id, lane, index, address, account: null });
  }

  #take(claim: Claim, heldUntil: number): void {
    const held = this.#flights.get(claim.id);
    if (held !== undefined) {
      // The dialogue under way goes on, under the new lease; what it does not serve is taken up after it.
      held.lease = claim.lease;
      held.heldUntil = heldUntil;
      held.again = { claim, answered: new Set() };
      return;
    }
    const flight: Flight = { claim, lease: claim.lease, heldUntil, again: null };
    this.#flights.set(claim.id, flight);
    this.#bytes += claim.size;
    this.#keepLeases();
    void this.#handover.deliver(flight).then((dueAt) => {
      this.#flights.delete(claim.id);
      this.#bytes -= claim.size;
      this.#takeAgain(flight);
      this.#landed(dueAt);
    });
  }

  /** What the store had handed out once more, before the end of the first time was known here. */
  #takeAgain({ again, heldUntil }: Flight): void {
    if (again === null) return;
    const { claim, answered } = again;
    const recipients = claim.recipients.filter(({ index }) => !answered.has(index));
    if (recipients.length > 0) this.#take({ ...claim, recipients }, heldUntil);
  }

  /** `dueAt`: when some of it is due again. */
  #landed(dueAt: number | null): void {
    if (dueAt !== null) this.#wakeIn(Math.max(dueAt - this.#clock.now(), 0));
    if (this.#flights.size === 0) {
      this.#callOffLeases?.();
      this.#callOffLeases = null;
      for (const tell of this.#emptied.splice(0)) tell();
    }
    if (this.#crowded === null) return;
    // While more waits, a claim for each freed place would be a commit for each message.
    const free = this.#concurrency - this.#flights.size - Math.floor(this.#concurrency * urgentPlaces);
    const { packed, full } = this.#crowded;
    const hasPlaces = free >= Math.min(claimLimit, this.#concurrency / 4) || this.#flights.size === 0;
    // A line whose server says nothing has no room for long: the places that others leave are not kept for it.
    const pays = packed ? hasPlaces : full.some((line) => line.hasRoom);
    if (!pays) return;
    this.#crowded = null;
    this.wake();
  }

  #keepLeases(): void {
    if (this.#callOffLeases !== null) return;
    this.#callOffLeases = this.#clock.after(this.#leaseMs / 3, () => {
      this.#callOffLeases = null;
      if (this.#flights.size === 0) return;
      this.#keepLeases();
      this.#extendLeases();
    });
  }

  #extendLeases(): void {
    const held = [...this.#flights.values()].map((flight) => {
      const { claim, lease, heldUntil } = flight;
      return { flight, id: claim.id, lease, heldUntil };
    });
    const until = this.#clock.now() + this.#leaseMs;
    this.#options.store.extend(held, until).then(
      () => {
        const now = this.#clock.now();
        // One that had run out by now may have been another's when it was to be extended.
        for (const { flight, lease, heldUntil } of held)
          if (now < heldUntil && flight.lease === lease) flight.heldUntil = until;
      },
      // When it fails, so does recording, which says so; a lease that runs out is taken up again by a claim.
      () => undefined,
    );
  }

  /** Somebody set the clock, or the machine slept. */
  #clockJumped(by: number): void {
    this.#lines.shift(by);
    // A lease that is told in the new time ends no later than it did; others go by a clock that did not jump.
    if (by < 0) for (const flight of this.#flights.values()) flight.heldUntil += by;
    this.#setBack ||= by < 0;
    this.#extendLeases();
    this.wake();
  }

  /** What was put off under a later time than now would wait for that time. Nothing else waits for this: the whole queue is looked through. */
  async #followClock(): Promise<void> {
    this.#setBack = false;
    try {
      const { store } = this.#options;
      const done = await this.#alone("follow-clock", () => store.clockSetBack(this.#clock.now()));
      if (done === null) {
        this.#setBack = true;
        return;
      }
      // A budget that was asked for on the way counted what was spent under the later time as yet to come.
      this.#lines.reconsider();
      this.wake();
    } catch {
      // Claims meet the same trouble and tell of it; after it, this is tried again.
      this.#setBack = true;
    }
  }

  #accountChanged({ name, before, after, secretChanged, remote }: AccountChange): void {
    const mended = before?.parked != null && after !== null && after.parked === null;
    const added = before === null;
    if (mended) this.#lines.find(name)?.forgive();
    if (secretChanged || mended || after === null || !sameSettings(before, after)) {
      this.#lines.retire(name);
      if (!remote) this.#lines.forget(name);
    }
    // Who made the change lets all go, once.
    if ((mended || added) && remote) this.reconsiderParked();
    else if (mended || added) this.#releasing = this.#release(name, mended);
    else this.wake();
  }

  /** Lets go what is parked though its route has a good account. */
  async #releaseOverlooked(): Promise<void> {
    const { accounts, routes, store } = this.#options;
    const names = [...accounts.list(), ...routes.list()].map(({ name }) => name);
    const good = this.#hasGoodAccount(null) ? [null] : names.filter((name) => this.#hasGoodAccount(name));
    const release = async () => {
      for (const route of good) await store.unpark(route, this.#clock.now());
      return true;
    };
    this.#overlooked = false;
    let released: boolean | null = null;
    try {
      released = await this.#alone("release-parked", release);
    } finally {
      this.#overlooked ||= released === null;
    }
  }

  /** What looks through the queue is done by one node at a time; null when another is about it: it may have begun too early for us, so it is tried again. */
  async #alone<T>(duty: string, work: () => Promise<T>): Promise<T | null> {
    const { shared } = this.#options;
    if (shared === undefined) return work();
    const done = await shared.duties.do(duty, work, { forMs: dutyMs });
    if (done === null) this.#wakeIn(dutyAgain);
    return done;
  }

  #hasGoodAccount(route: string | null): boolean {
    try {
      return this.#options.routes.resolve(route).accounts.some(({ parked }) => parked === null);
    } catch (error) {
      if (error instanceof AccountError) return false;
      throw error;
    }
  }

  async #release(account: string, mended: boolean): Promise<number> {
    const released = await this.releaseParked().catch(() => {
      this.#overlooked = true;
      this.wake();
      return 0;
    });
    if (mended) this.#emit({ type: "account-resumed", at: this.#clock.now(), account, released });
    return released;
  }

  #trouble(kind: "claim" | "record", error: unknown): void {
    const first = this.#troubles.size === 0;
    this.#troubles.add(kind);
    this.#holdOrLetGo();
    const reason = error instanceof Error ? error.message : String(error);
    if (first) this.#emit({ type: "delivery-paused", at: this.#clock.now(), reason });
  }

  #recovered(kind: "claim" | "record"): void {
    if (!this.#troubles.delete(kind) || this.#troubles.size > 0) return;
    this.#holdOrLetGo();
    this.#emit({ type: "delivery-resumed", at: this.#clock.now() });
    this.wake();
  }

  #holdOrLetGo(): void {
    this.#lines.hold(this.#troubles.size > 0 || this.#recorder.unrecorded >= mostUnrecorded);
  }

  #emit(event: DeliveryEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      // A listener's mistake is its own: it must not leave a message half accounted for.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Whether what was learned and opened for one serves the other. */
function sameSettings(one: AccountChange["before"], other: AccountChange["after"]): boolean {
  const settings = (account: typeof one) => account && { ...account, parked: null };
  return isDeepStrictEqual(settings(one), settings(other));
}
