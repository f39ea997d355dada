// One account's way out: who may use it and when, and what is learned on the way.
import type { Account } from "../accounts/account.ts";
import type { EffectiveLimits } from "../accounts/limits.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Lane } from "../messages/lanes.ts";
import type { Breaker } from "./breaker.ts";
import type { Budget } from "./budget.ts";
import type { Setback } from "./conditions.ts";
import { needsPerson } from "./decide.ts";
import { Gate } from "./gate.ts";
import { restMs } from "./rest.ts";
import { type LineShare, nothing, type Part, type ShareListener } from "./share.ts";
import type { Way } from "./way.ts";

export interface LineOptions {
  readonly account: Account;
  readonly limits: EffectiveLimits;
  /** Best first; at least one. */
  readonly ways: readonly Way[];
  /** Made for the line: `onRoom` and `onSpent` are its gate's. */
  readonly budget: (gate: () => Gate) => Budget;
  /** Its part of what the account may do at one time; null where nobody else sends through it. */
  readonly share: (listener: ShareListener) => LineShare | null;
  /** It rests, or for longer; null when that is over. Not told of what was adopted. */
  readonly onRest: (setback: Setback | null) => void;
  /** What was closed takes messages again before its time. */
  readonly onOpen: () => void;
}

/** Why nothing goes for a while. */
export interface Closed {
  readonly until: number;
  /** `elsewhere`: other nodes have all that the account may do at one time. */
  readonly kind: "resting" | "down" | "spent" | "elsewhere";
  /** Null when no server said so. */
  readonly verdict: Verdict | null;
}

/** A limit that urgent mail may try its luck against: rates are counted in spans that end soon. */
const urgentMayTry = "envelope.rate-limited";
/** While another account is finding out whether the endpoint is back. Milliseconds. */
const probeWait = 1_000;
/** Messages in hand for an account whose way out is not known to work. */
const fewInHand = 4;
/** Messages in hand beside those on the way: enough that no connection waits for a claim. */
const spareInHand = 32;
/** Where the rate is known: what goes within so long, so that nobody waits long in hand. Milliseconds. */
const sentSoon = 5_000;

/**
 * Until a first message has passed, and after each failure, one message at a time goes ahead of the others: a wrong
 * password is tried once and not on every connection, and an endpoint that is down is asked by one.
 */
export class Line {
  readonly account: Account;
  readonly limits: EffectiveLimits;
  readonly gate: Gate;
  readonly budget: Budget;
  readonly ways: readonly Way[];
  /** Whether a server refused an access token that should have been good, and no message has passed since. */
  tokenRefused = false;
  /** Its account has changed since, or nothing leaves any more: what it still learns concerns no one. */
  retired = false;
  #inHand = 0;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #resting: { readonly until: number; readonly verdict: Verdict } | null = null;
  /** What may be used of the account's limits. */
  #part: Part;
  readonly #share: LineShare | null;
  readonly #onRest: LineOptions["onRest"];
  readonly #onOpen: () => void;

  constructor({ account, limits, ways, budget, share, onRest, onOpen }: LineOptions) {
    this.#onRest = onRest;
    this.#onOpen = onOpen;
    this.account = account;
    this.limits = limits;
    this.ways = ways;
    this.budget = budget(() => this.gate);
    this.gate = new Gate(
      { ...limits, reserved: limits.reservedConnections, depth: depthOf(limits) },
      this.budget,
    );
    this.#part = limits;
    this.#share = share({
      taken: () => ways.reduce((sum, way) => sum + way.taken, 0),
      changed: (part) => this.#resize(part),
      refused: () => this.gate.turnAway("all"),
      reopened: onOpen,
      dismiss: async () => {
        await Promise.all(ways.map((way) => way.dismiss()));
      },
    });
    if (this.#share !== null) this.#resize(nothing);
  }

  /** What a transaction to so many recipients costs the budget. */
  cost(recipients: number): number {
    return this.limits.unit === "recipients" ? recipients : Math.min(recipients, 1);
  }

  /** Null while messages may come. */
  closed(lane: Lane, now: number): Closed | null {
    const urgent = lane === "urgent";
    const resting = this.resting(now);
    if (
      resting !== null &&
      !(urgent && resting.verdict.cause === urgentMayTry && resting.verdict.waitMs === null)
    )
      return { kind: "resting", ...resting };
    const down = this.#down(now);
    if (down !== null) return down;
    const spent = this.budget.blockedUntil(urgent);
    if (spent !== null) return { kind: "spent", until: spent, verdict: null };
    const elsewhere = this.#share?.refusedUntil(now) ?? null;
    return elsewhere === null ? null : { kind: "elsewhere", until: elsewhere, verdict: null };
  }

  /** Whether a dialogue may begin now, as far as other nodes are concerned. */
  get mayBegin(): boolean {
    return this.#share === null || this.#share.held;
  }

  /** Whether it has as much in hand as it can use. */
  get full(): boolean {
    return this.#inHand >= this.#most;
  }

  /** Whether so much has left its hands since it was full that a claim pays. */
  get hasRoom(): boolean {
    return this.#inHand <= this.#most / 2;
  }

  get inHand(): number {
    return this.#inHand;
  }

  /** A message is in hand for this account until the returned function is called. */
  hold(): () => void {
    this.#inHand += 1;
    this.#share?.need();
    return () => {
      this.#inHand -= 1;
      this.#share?.done();
    };
  }

  /** The account's rest; null when there is none. */
  resting(now: number): { readonly until: number; readonly verdict: Verdict } | null {
    return this.#resting !== null && this.#resting.until > now ? this.#resting : null;
  }

  /** The way to try next, beside those tried already; null when there is none to try now. */
  way(now: number, tried: ReadonlySet<Way>, isPointless: (way: Way) => boolean = () => false): Way | null {
    const allowed = this.ways.filter(
      (way) => !tried.has(way) && way.breaker.allows(now) && !isPointless(way),
    );
    // One that is not proven is tried by one message at a time; the others take one that is.
    return allowed.find((way) => way.proven || way.trying === 0) ?? allowed[0] ?? null;
  }

  /**
   * The server took a message, or refused one for reasons of its own: account and endpoint work, if none of them has
   * failed since that dialogue began, at `startedAt`. Whether the endpoint had been down.
   */
  passed(way: Way, startedAt: number): boolean {
    const failedSince = this.#failures > 0 && this.#failedAt > startedAt;
    if (failedSince || way.breaker.failedSince(startedAt)) return false;
    const rested = this.#endRest();
    this.tokenRefused = false;
    way.passed();
    const wasDown = way.breaker.passed();
    this.gate.single = false;
    if (rested || wasDown) this.#onOpen();
    return wasDown;
  }

  /** The server had something against the account: the endpoint works. Whether it had been down. */
  answered(way: Way, startedAt: number): boolean {
    if (way.breaker.failedSince(startedAt) || !way.breaker.passed()) return false;
    this.#onOpen();
    return true;
  }

  /** The account's fault at `now`, in a dialogue that began at `startedAt`; those that ran side by side count as one. Whether it rests from now on. */
  failed(verdict: Verdict, startedAt: number, now: number): boolean {
    const before = this.resting(now);
    if (verdict.cause === urgentMayTry) this.budget.slow();
    // A try of the urgent lane during a rest tells nothing new.
    if (before !== null && verdict.waitMs === null) return false;
    if (startedAt >= this.#failedAt) this.#failures += 1;
    this.#failedAt = now;
    const rest = restMs(verdict, this.#failures);
    if (rest > 0) {
      this.#resting = { until: now + rest, verdict };
      // What waits for a person is told by the parked account itself.
      if (!needsPerson(verdict))
        this.#onRest({ failures: this.#failures, failedAt: now, until: now + rest, verdict });
    }
    this.#goSingly();
    this.#turnAway(now);
    return before === null && rest > 0;
  }

  /** The way's endpoint failed at `peer`. `down`: for the first time nothing is tried there for a while; `freshAddress`: there is another address to try. */
  wayFailed(
    way: Way,
    verdict: Verdict,
    peer: string | null,
    startedAt: number,
    now: number,
  ): { readonly down: boolean; readonly freshAddress: boolean } {
    const freshAddress = way.failed(peer);
    const down = way.breaker.failed(verdict, startedAt, now);
    this.#goSingly();
    this.#turnAway(now);
    return { down, freshAddress };
  }

  /** A person says that it should go: what was held against account and endpoints is forgotten. */
  forgive(): void {
    this.#endRest();
    for (const { breaker } of this.ways) breaker.reset();
    this.#onOpen();
  }

  /** Another node has met a limit of the account's, or this one before it was started again; null when that is over. */
  adoptRest(setback: Setback | null, now: number): void {
    if (setback === null) {
      if (this.#resting === null) return;
      this.#failures = 0;
      this.#resting = null;
      this.#onOpen();
      return;
    }
    const { failures, failedAt, until, verdict } = setback;
    this.#failures = Math.max(this.#failures, failures);
    this.#failedAt = Math.max(this.#failedAt, failedAt);
    if (this.#resting === null || until > this.#resting.until) this.#resting = { until, verdict };
    this.#turnAway(now);
  }

  /** The breaker of one of its ways has learned something from another node. */
  breakerAdopted({ down }: Breaker, way: Way, now: number): void {
    if (down === null) {
      this.#onOpen();
      return;
    }
    way.unproven();
    this.#goSingly();
    this.#turnAway(now);
  }

  /** The clock was set otherwise by so many milliseconds. */
  shift(by: number): void {
    this.#failedAt += by;
    if (this.#resting !== null) this.#resting = { ...this.#resting, until: this.#resting.until + by };
    this.budget.reconsider();
    this.#share?.reconsider();
  }

  /** Sends away all who wait, lets dialogues under way end, and closes every connection. */
  async retire(): Promise<void> {
    this.retired = true;
    this.gate.shut();
    await this.gate.empty();
    await this.cut();
  }

  /** Cuts dialogues under way as well. */
  async cut(): Promise<void> {
    this.gate.shut();
    await Promise.all([this.budget.close(), ...this.ways.map((way) => way.close(0))]);
    await this.#share?.close();
  }

  get #most(): number {
    const { connections, perSecond } = this.#part;
    if (!this.#proven || connections === 0) return fewInHand;
    const perMinute = this.budget.slowedTo ?? Number.POSITIVE_INFINITY;
    const rate = Math.min(perSecond ?? Number.POSITIVE_INFINITY, perMinute / 60) / 1_000;
    return Math.min(
      (connections - this.#reserved) * depthOf(this.limits) + spareInHand,
      fewInHand + Math.ceil(rate * sentSoon),
    );
  }

  /** As large a part of the connections as it is of the account's. */
  get #reserved(): number {
    const { connections: whole, reservedConnections } = this.limits;
    const { connections } = this.#part;
    if (reservedConnections === 0 || connections < 2) return 0;
    return Math.min(connections - 1, Math.max(1, Math.round((reservedConnections * connections) / whole)));
  }

  #resize(part: Part): void {
    this.#part = part;
    const { connections, perSecond } = part;
    const reserved = this.#reserved;
    // Without any, what is under way ends in peace, and nothing more comes through the gate.
    if (connections > 0) for (const way of this.ways) way.resize({ connections, reserved });
    this.budget.perSecond = perSecond;
    this.gate.resize({ connections, reserved, depth: depthOf(this.limits) });
  }

  get #proven(): boolean {
    return this.ways.some(({ proven, breaker }) => proven && breaker.down === null);
  }

  /** Whether there was one. */
  #endRest(): boolean {
    const rested = this.#resting !== null;
    this.#failures = 0;
    this.#resting = null;
    if (rested) this.#onRest(null);
    return rested;
  }

  #goSingly(): void {
    if (!this.#proven) this.gate.single = true;
  }

  /** Who waits at the gate would learn it at its turn only, and a complaint about the rate makes turns rare. */
  #turnAway(now: number): void {
    if (this.closed("urgent", now) !== null) this.gate.turnAway("all");
    else if (this.closed("normal", now) !== null) this.gate.turnAway("others");
  }

  #down(now: number): Closed | null {
    let first: Closed | null = null;
    for (const { breaker } of this.ways) {
      if (breaker.allows(now)) return null;
      const { until, verdict } = breaker.down!;
      const closed: Closed = {
        kind: "down",
        until: Math.max(until, breaker.leftUntil, now + probeWait),
        verdict,
      };
      if (first === null || closed.until < first.until) first = closed;
    }
    return first;
  }
}

/** With a connection kept for it, an urgent message never stands behind a content: others may be written one behind the other. */
export function depthOf({ reservedConnections }: EffectiveLimits): 1 | 2 {
  return reservedConnections > 0 ? 2 : 1;
}
