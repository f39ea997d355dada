// The model of a store: what each call does to messages that lie in memory, compared with what the store says.
import { expect } from "vitest";
import { type Lane, lanes } from "../../messages/lanes.ts";
import { isFinal, move, type RecipientState } from "../../messages/states.ts";
import type { Claim, ClaimFilter, Depth, QueueStore, RecipientOutcome } from "../store.ts";
import { attempt, claimed, id, message, minute, now, verdict } from "./harness.ts";

interface ModelRecipient {
  readonly address: string;
  state: RecipientState;
  due: number;
  changed: number;
}

interface ModelMessage {
  readonly number: number;
  readonly lane: Lane;
  readonly origin: string;
  readonly route: string | null;
  readonly sensitive: boolean;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly recipients: ModelRecipient[];
  lease: { token: string; until: number } | null;
  hasContent: boolean;
}

const leaseMs = 3 * minute;
const address = (n: number) => `r${n}@example.net`;
const waits = (state: RecipientState) => state === "scheduled" || state === "queued" || state === "deferred";
const isOver = (one: ModelMessage) => one.recipients.every((r) => isFinal(r.state));
const streamOf = ({ lane, origin, route }: ModelMessage) => JSON.stringify([lane, origin, route]);

/** When a claim has something to take of it or to rescue; infinite for never. */
function dueOf(one: ModelMessage): number {
  if (isOver(one)) return Number.POSITIVE_INFINITY;
  if (one.lease !== null) return one.lease.until;
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...one.recipients.filter((r) => waits(r.state)).map((r) => r.due),
  );
}

/** When a claim ends it; infinite for never. */
function endOf(one: ModelMessage): number {
  if (isOver(one)) return Number.POSITIVE_INFINITY;
  return Math.max(one.expiresAt, one.lease?.until ?? 0);
}

export class Course {
  messages: ModelMessage[] = [];
  readonly claims: Claim[] = [];
  readonly listed = new Set<string>();
  time = now;
  #accepted = 0;
  /** The turn in which a stream was served last; one that is not here may be in any place before those that are. */
  #served = new Map<string, number>();
  #turn = 0;

  forgetTurns(): void {
    this.#served.clear();
  }

  async accept(
    store: QueueStore,
    given: Pick<ModelMessage, "lane" | "origin" | "route" | "sensitive"> & {
      readonly recipients: readonly number[];
      readonly wait: number;
      readonly life: number;
    },
  ) {
    const number = ++this.#accepted;
    const { lane, origin, route, sensitive, wait, life } = given;
    const due = this.time + wait * minute;
    const notBefore = wait === 0 ? null : due;
    const expiresAt = due + life * minute;
    const recipients = given.recipients.map(address);
    const common = { lane, origin, route, sensitive, expiresAt, createdAt: this.time };
    const [answer] = await store.accept([message(number, { ...common, recipients, notBefore })]);
    const suppressed = recipients.filter((one) => this.listed.has(one));
    expect(answer).toEqual({ status: "accepted", id: id(number), suppressed });
    const one: ModelMessage = {
      ...common,
      number,
      recipients: recipients.map((one) => ({
        address: one,
        state: this.listed.has(one) ? "suppressed" : notBefore === null ? "queued" : "scheduled",
        due,
        changed: this.time,
      })),
      lease: null,
      hasContent: true,
    };
    this.messages.push(one);
    this.#settle(one);
  }

  async claim(store: QueueStore, limit: number, filter: ClaimFilter) {
    const request = { now: this.time, limit, leaseMs, owner: "model", ...filter };
    const answer = await claimed(store, request);
    const indices = (one: { readonly recipients: readonly { readonly index: number }[] }) =>
      one.recipients.map((r) => r.index);

    const over = this.messages.filter((one) => endOf(one) <= this.time);
    const expired = over.map((one) => ({ id: id(one.number), indices: this.#moveAll(one, "expire") }));
    expect(sorted(answer.expired.map((one) => ({ id: one.id, indices: indices(one) })))).toEqual(
      sorted(expired),
    );

    let left = answer.suppressed.map((one) => ({ id: one.id, indices: indices(one) }));
    const suppressIn = (one: ModelMessage) => {
      this.#release(one);
      const met = one.recipients.flatMap((r, i) => (this.#due(r) && this.listed.has(r.address) ? [i] : []));
      for (const i of met) this.#move(one.recipients[i]!, "suppress");
      if (met.length === 0) return;
      expect(left).toContainEqual({ id: id(one.number), indices: met });
      left = left.filter((told) => told.id !== id(one.number));
    };
    for (const claim of answer.claims) {
      const one = this.#nextOf(claim, filter);
      suppressIn(one);
      const taken = one.recipients.flatMap((r, i) => (this.#due(r) ? [i] : []));
      expect(indices(claim)).toEqual(taken);
      for (const i of taken) this.#move(one.recipients[i]!, "claim");
      one.lease = { token: claim.lease, until: this.time + leaseMs };
    }
    const complete = answer.claims.length < limit;
    for (const one of this.messages) {
      if (!this.#passes(one, filter) || dueOf(one) > this.time) continue;
      // Nothing of it can be handed over, so that it counts for no limit: it may have been met or not.
      if (!complete && !left.some((told) => told.id === id(one.number))) continue;
      expect(complete && this.#takeable(one)).toBe(false);
      suppressIn(one);
      this.#settle(one);
    }
    expect(left).toEqual([]);
    this.claims.push(...answer.claims);
    expect(answer.next).toBe(this.#next(filter));
  }

  async record(store: QueueStore, which: number, events: readonly string[]) {
    const claim = this.claims.at(-1 - (which % Math.max(1, this.claims.length)));
    if (claim === undefined) return;
    const dueAt = this.time + 2 * minute;
    const outcomes = events.map((event, index): RecipientOutcome => {
      if (event === "accept" || event === "release") return { index, event };
      if (event === "defer") return { index, event, dueAt, verdict };
      if (event === "bounce for good") return { index, event: "bounce", verdict, suppress: true };
      return { index, event: event as "park" | "lose" | "bounce" | "fail", verdict };
    });
    const [answer] = await store.record([attempt(claim, outcomes, { endedAt: this.time })]);
    const one = this.messages.find((m) => id(m.number) === claim.id);
    const held = one?.lease?.token === claim.lease;
    expect(answer!.applied).toBe(held);
    if (one === undefined || !held) return;
    for (const outcome of outcomes) {
      const r = one.recipients[outcome.index];
      if (r?.state !== "sending") continue;
      this.#move(r, outcome.event);
      if (outcome.event === "defer") r.due = dueAt;
      if (outcome.event === "bounce" && outcome.suppress) this.listed.add(r.address);
    }
    this.#settle(one);
  }

  async extend(store: QueueStore, which: number) {
    const claim = this.claims.at(-1 - (which % Math.max(1, this.claims.length)));
    if (claim === undefined) return;
    const until = this.time + leaseMs;
    await store.extend([claim], until);
    const one = this.messages.find((m) => id(m.number) === claim.id);
    if (one?.lease?.token === claim.lease) one.lease.until = until;
  }

  async steer(store: QueueStore, how: "cancel" | "retry" | "confirm", number: number) {
    const moved = await store[how](id(number), this.time);
    const one = this.messages.find((m) => m.number === number);
    if (one === undefined) return expect(moved).toBe(0);
    if (how === "cancel") expect(moved).toBe(this.#moveAll(one, "cancel").length);
    else if (how === "retry") expect(moved).toBe(this.#again(one, (state) => state !== "queued"));
    else expect(moved).toBe(this.#moveAll(one, "accept", (state) => state === "unknown").length);
  }

  async unpark(store: QueueStore, route: string | null) {
    const moved = this.messages
      .filter((one) => route === null || one.route === route)
      .map((one) => this.#again(one, (state) => state === "parked"));
    expect(await store.unpark(route, this.time)).toBe(moved.reduce((sum, n) => sum + n, 0));
  }

  async list(store: QueueStore, n: number, add: boolean) {
    const entry = { reason: "manual", detail: "", messageId: null, at: this.time } as const;
    if (add) await store.suppressions.put({ ...entry, address: address(n).toUpperCase() });
    else expect(await store.suppressions.delete(address(n))).toBe(this.listed.has(address(n)));
    if (add) this.listed.add(address(n));
    else this.listed.delete(address(n));
  }

  /** Ages in minutes. */
  async prune(store: QueueStore, content: number, whole: number) {
    const ago = (minutes: number) => this.time - minutes * minute;
    const done = await store.prune({
      now: this.time,
      contentBefore: ago(content),
      transcriptBefore: ago(content),
      messageBefore: ago(whole),
      idempotencyBefore: this.time,
      limit: 1000,
    });
    const endedBefore = (at: number) => (one: ModelMessage) =>
      isOver(one) && one.recipients.every((r) => r.changed < at);
    const gone = this.messages.filter(endedBefore(ago(whole)));
    this.messages = this.messages.filter((one) => !gone.includes(one));
    const emptied = this.messages.filter((one) => one.hasContent && endedBefore(ago(content))(one));
    for (const one of emptied) one.hasContent = false;
    expect(done).toMatchObject({ messages: gone.length, contents: emptied.length, more: false });
  }

  async setBack(store: QueueStore, minutes: number) {
    this.time -= minutes * minute;
    let moved = 0;
    for (const one of this.messages) {
      const leasedAhead = one.lease !== null && one.lease.until > this.time + leaseMs;
      if (leasedAhead) one.lease!.until = this.time + leaseMs;
      for (const r of one.recipients) {
        const putOff = (r.state === "queued" || r.state === "deferred") && r.changed > this.time;
        const held = r.state === "sending" && leasedAhead;
        if (!(putOff && r.due > this.time) && !held) continue;
        if (r.due > this.time) r.due = this.time + Math.max(r.due - r.changed, 0);
        r.changed = Math.min(r.changed, this.time);
        moved++;
      }
    }
    expect(await store.clockSetBack(this.time)).toBe(moved);
  }

  async compare(store: QueueStore) {
    const { messages } = await store.list({ limit: 100 });
    const seen = messages.toReversed().map((one) => ({
      id: one.id,
      recipients: one.recipients.map(({ state, dueAt, changedAt }) => [state, dueAt, changedAt]),
    }));
    expect(seen).toEqual(
      this.messages.map((one) => ({
        id: id(one.number),
        recipients: one.recipients.map((r) => [r.state, waits(r.state) ? r.due : null, r.changed]),
      })),
    );
    const depth = await store.depth();
    expect(depth.map((one) => JSON.stringify(one)).sort()).toEqual(
      this.#depth()
        .map((one) => JSON.stringify(one))
        .sort(),
    );
    const last = this.messages.at(-1);
    if (last !== undefined) expect((await store.content(id(last.number))) !== null).toBe(last.hasContent);
  }

  #depth(): readonly Depth[] {
    const depths = new Map<string, Depth>();
    for (const { lane, createdAt, recipients } of this.messages) {
      for (const { state } of recipients) {
        if (isFinal(state)) continue;
        const before = depths.get(`${lane} ${state}`);
        const counted = { recipients: (before?.recipients ?? 0) + 1, oldest: before?.oldest ?? createdAt };
        depths.set(`${lane} ${state}`, { lane, state, ...counted });
      }
    }
    return [...depths.values()];
  }

  /** The claimed message, which must be the first of a stream whose turn it may be. */
  #nextOf(claim: Claim, filter: ClaimFilter): ModelMessage {
    const due = this.messages.filter((one) => this.#passes(one, filter) && this.#takeable(one));
    const lane = lanes.find((each) => due.some((one) => one.lane === each));
    const first = new Map<string, ModelMessage>();
    for (const one of due) {
      if (one.lane !== lane) continue;
      const before = first.get(streamOf(one));
      if (before === undefined || dueOf(one) < dueOf(before)) first.set(streamOf(one), one);
    }
    const one = [...first.values()].find((each) => id(each.number) === claim.id);
    expect(one, `${claim.id} is the first of its stream and lane`).toBeDefined();
    const stream = streamOf(one!);
    const turn = this.#served.get(stream);
    for (const other of first.keys()) {
      if (turn === undefined || other === stream) continue;
      expect(this.#served.get(other) ?? 0, `${other} waited longer than ${stream}`).toBeGreaterThan(turn);
    }
    this.#served.set(stream, ++this.#turn);
    return one!;
  }

  #passes(one: ModelMessage, { lanes: wanted = lanes, except = [] }: ClaimFilter): boolean {
    return wanted.includes(one.lane) && !except.includes(one.route);
  }

  #takeable(one: ModelMessage): boolean {
    if (dueOf(one) > this.time) return false;
    // Its lease, if it has one, is over: what it holds is released.
    return one.recipients.some(
      (r) => (r.state === "sending" ? r.due <= this.time : this.#due(r)) && !this.listed.has(r.address),
    );
  }

  #due(r: ModelRecipient): boolean {
    return waits(r.state) && r.due <= this.time;
  }

  #next(filter: ClaimFilter): number | null {
    const dues = this.messages.filter((one) => this.#passes(one, filter)).map(dueOf);
    const next = Math.min(Number.POSITIVE_INFINITY, ...dues, ...this.messages.map(endOf));
    return Number.isFinite(next) ? next : null;
  }

  #move(r: ModelRecipient, event: Parameters<typeof move>[1]): boolean {
    const to = move(r.state, event);
    if (to === null) return false;
    r.state = to;
    r.changed = this.time;
    return true;
  }

  #release(one: ModelMessage): void {
    one.lease = null;
    for (const r of one.recipients) if (r.state === "sending") this.#move(r, "release");
  }

  /** The indices of those that were moved. */
  #moveAll(
    one: ModelMessage,
    event: Parameters<typeof move>[1],
    wanted: (state: RecipientState) => boolean = () => true,
  ): number[] {
    const moved = one.recipients.flatMap((r, i) => (wanted(r.state) && this.#move(r, event) ? [i] : []));
    this.#settle(one);
    return moved;
  }

  #again(one: ModelMessage, wanted: (state: RecipientState) => boolean): number {
    if (one.expiresAt <= this.time || !one.hasContent) return 0;
    const moved = this.#moveAll(one, "retry", wanted);
    for (const i of moved) one.recipients[i]!.due = this.time;
    return moved.length;
  }

  #settle(one: ModelMessage): void {
    if (!one.recipients.some((r) => r.state === "sending")) one.lease = null;
    if (isOver(one) && one.sensitive) one.hasContent = false;
  }
}

function sorted<One extends { readonly id: string }>(all: readonly One[]): readonly One[] {
  return all.toSorted((a, b) => a.id.localeCompare(b.id));
}
