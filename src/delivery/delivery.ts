// From the queue to the providers: claims what is due, hands it over, records what became of it.
import { type AccountBook, type AccountChange, AccountError } from "../accounts/accounts.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import type { Routes } from "../accounts/routes.ts";
import type { Claim, ClaimRequest, Expired, QueueStore } from "../queue/store.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { CommonOptions } from "./connecting.ts";
import type { DeliveryEvent } from "./events.ts";
import { type Flight, Handover } from "./handover.ts";
import { Lines, type OpenPool } from "./lines.ts";
import { openSmtpPool } from "./pools.ts";
import { Recorder } from "./recorder.ts";
import { type Judge, knownProvider, verdictOn } from "./verdicts.ts";

export interface DeliveryOptions {
  readonly store: Pick<QueueStore, "claim" | "extend" | "record" | "nextDue" | "unpark">;
  readonly accounts: AccountBook;
  readonly routes: Routes;
  readonly credentials: CredentialSource;
  /** Names this process in leases. */
  readonly owner: string;
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

/** The part of the places in hand that only urgent messages may take. */
const urgentShare = 1 / 4;
/** Messages in one claim: enough for one commit to pay, few enough to be started at once. */
const claimLimit = 64;
/** When something was due at the time of a claim that did not find it: clocks disagree, or a lease is just ending. Milliseconds. */
const shortestWait = 250;
/** While all places are taken, urgent messages that fall due are looked for this often. Milliseconds. */
const fullWait = 1_000;
/** Messages handed over and not yet recorded, above which no dialogue begins: so many could go out twice if this process died now. */
const mostUnrecorded = 32;
/** Pauses after a claim that failed; each is twice the one before. Milliseconds. */
const firstPause = 500;
const longestPause = 30_000;
/** What recording the last outcomes may take on stopping, when the store is in trouble. Milliseconds. */
const lastWritesMs = 5_000;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #maxBytes: number;
  readonly #leaseMs: number;
  readonly #lines: Lines;
  readonly #recorder: Recorder;
  readonly #handover: Handover;
  readonly #unsubscribe: () => void;
  readonly #flights = new Map<string, Flight>();
  #bytes = 0;
  #running = false;
  #pumping: Promise<void> | null = null;
  #again = false;
  /** Whether the last claim left something that there was no room for. */
  #backlog = false;
  #claimPause = 0;
  /** What the store is in trouble with; while it is not empty, nothing is handed over. */
  readonly #troubles = new Set<"claim" | "record">();
  #callOffWake: (() => void) | null = null;
  #wakeAt = 0;
  #callOffLeases: (() => void) | null = null;
  #emptied: (() => void)[] = [];
  /** Whether parked mail may have a good account again that it was not let go for: one mended while nobody delivered, at least. */
  #overlooked = true;
  #releasing: Promise<number> = Promise.resolve(0);

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#concurrency = options.concurrency ?? defaults.concurrency;
    this.#maxBytes = options.maxBytes ?? defaults.maxBytes;
    this.#leaseMs = options.leaseMs ?? defaults.leaseMs;
    const { accounts, credentials, routes, store } = options;
    const openPool = options.openPool ?? openSmtpPool(credentials, options.connecting ?? {});
    this.#lines = new Lines(openPool, (account) => knownProvider(account)?.limits ?? {});
    this.#recorder = new Recorder({
      store,
      clock,
      onTrouble: (error) => this.#trouble("record", error),
      onRecovered: () => this.#recovered("record"),
      onCount: () => this.#holdOrLetGo(),
    });
    this.#handover = new Handover({
      resolve: (route) => routes.resolve(route),
      find: (name) => accounts.find(name),
      park: (name, verdict) => accounts.park(name, verdict),
      hasGoodAccount: (route) => this.#hasGoodAccount(route),
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
    this.#unsubscribe = accounts.onChange((change) => this.#accountChanged(change));
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  /** There may be something to do: call it after each accepted message. Costs nothing when there is not. */
  wake(): void {
    if (!this.#running) return;
    this.#again = true;
    this.#pumping ??= this.#pump().then(() => {
      this.#pumping = null;
      if (this.#again) this.wake();
    });
  }

  /** Lets an account that was at fault go again, with all parked mail; how many recipients. Throws AccountError when there is none. */
  async resumeAccount(name: string): Promise<number> {
    return (await this.#options.accounts.resume(name)) ? this.#releasing : this.releaseParked();
  }

  /** Lets all parked mail go again, as after a change of routes; what still has no good account parks anew. How many recipients. */
  async releaseParked(): Promise<number> {
    const released = await this.#options.store.unpark(null, this.#clock.now());
    this.wake();
    return released;
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
    this.#callOffWake?.();
    this.#lines.shut();
    await this.#pumping;
    await this.#within(options.graceMs ?? 10_000);
    await this.#lines.close();
    await this.#within(lastWritesMs);
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
      // What was armed for is stored by now, so the claim or the look at the next due time will find it.
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
    const at = this.#clock.now() + ms;
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
    const { store } = this.#options;
    if (this.#overlooked) await this.#releaseOverlooked();
    while (this.#running && !this.#troubles.has("record")) {
      const request = this.#nextRequest();
      if (request === null) {
        this.#backlog = true;
        return fullWait;
      }
      const { claims, expired } = await store.claim(request);
      for (const one of expired) this.#tellExpired(one, request.now);
      for (const claim of claims) this.#take(claim);
      if (claims.length > 0) continue;
      if (request.lanes !== undefined) {
        this.#backlog = true;
        return fullWait;
      }
      this.#backlog = false;
      const due = await store.nextDue(this.#clock.now());
      if (due === null) return null;
      return due <= request.now ? shortestWait : Math.max(due - this.#clock.now(), 0);
    }
    return null;
  }

  /** What waited too long: the queue found it, nobody had it in hand. */
  #tellExpired({ id, lane, recipients }: Expired, at: number): void {
    for (const { index, address } of recipients)
      this.#emit({ type: "expired", at, id, lane, index, address, account: null, verdict: null });
  }

  /** Null when there is no room at all. The last places are for urgent messages. */
  #nextRequest(): ClaimRequest | null {
    const free = this.#concurrency - this.#flights.size;
    const room = this.#maxBytes - this.#bytes;
    if (free <= 0 || room <= 0) return null;
    const general = free - Math.floor(this.#concurrency * urgentShare);
    const { owner } = this.#options;
    const common = { now: this.#clock.now(), maxBytes: room, leaseMs: this.#leaseMs, owner };
    if (general <= 0) return { ...common, limit: Math.min(free, claimLimit), lanes: ["urgent"] };
    return { ...common, limit: Math.min(general, claimLimit) };
  }

  #take(claim: Claim): void {
    const held = this.#flights.get(claim.id);
    if (held !== undefined) {
      // Our own lease ran out while the store could not be reached. The dialogue under way goes on, under the new one.
      held.lease = claim.lease;
      return;
    }
    const flight: Flight = { claim, lease: claim.lease };
    this.#flights.set(claim.id, flight);
    this.#bytes += claim.size;
    this.#keepLeases();
    void this.#handover.deliver(flight).then((dueAt) => {
      this.#flights.delete(claim.id);
      this.#bytes -= claim.size;
      this.#landed(dueAt);
    });
  }

  /** `dueAt`: when some of it is due again. */
  #landed(dueAt: number | null): void {
    if (dueAt !== null) this.#wakeIn(Math.max(dueAt - this.#clock.now(), 0));
    if (this.#flights.size === 0) {
      this.#callOffLeases?.();
      this.#callOffLeases = null;
      for (const tell of this.#emptied.splice(0)) tell();
    }
    if (!this.#backlog) return;
    // With a backlog, a claim for each freed place would be a commit for each message.
    const free = this.#concurrency - this.#flights.size - Math.floor(this.#concurrency * urgentShare);
    if (free >= Math.min(claimLimit, this.#concurrency / 4) || this.#flights.size === 0) this.wake();
  }

  #keepLeases(): void {
    if (this.#callOffLeases !== null) return;
    this.#callOffLeases = this.#clock.after(this.#leaseMs / 3, () => {
      this.#callOffLeases = null;
      if (this.#flights.size === 0) return;
      this.#keepLeases();
      const held = [...this.#flights.values()].map(({ claim, lease }) => ({ id: claim.id, lease }));
      // When it fails, so does recording, which says so; a lease that runs out is taken up again by our own claim.
      this.#options.store.extend(held, this.#clock.now() + this.#leaseMs).catch(() => undefined);
    });
  }

  #accountChanged({ name, before, after, secretChanged }: AccountChange): void {
    const mended = before?.parked != null && after !== null && after.parked === null;
    const added = before === null;
    if (secretChanged || mended || after === null || !sameLogin(before, after)) this.#lines.retire(name);
    if (mended || added) this.#releasing = this.#release(name, mended);
  }

  /** Lets go what is parked though its route has a good account. */
  async #releaseOverlooked(): Promise<void> {
    const { accounts, routes, store } = this.#options;
    const names = [...accounts.list(), ...routes.list()].map(({ name }) => name);
    const good = this.#hasGoodAccount(null) ? [null] : names.filter((name) => this.#hasGoodAccount(name));
    this.#overlooked = false;
    try {
      for (const route of good) await store.unpark(route, this.#clock.now());
    } catch (error) {
      this.#overlooked = true;
      throw error;
    }
  }

  #hasGoodAccount(route: string | null): boolean {
    try {
      return this.#options.routes.resolve(route).some(({ parked }) => parked === null);
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

/** Whether connections made for one serve the other. */
function sameLogin(one: AccountChange["before"], other: AccountChange["after"]): boolean {
  const login = (account: typeof one) =>
    account === null
      ? null
      : [
          account.endpoint,
          account.serverName,
          account.username,
          account.mechanisms,
          account.ca,
          account.proxy,
          account.provider,
        ];
  return JSON.stringify(login(one)) === JSON.stringify(login(other));
}
