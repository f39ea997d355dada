// Any sequence of calls: the store does what a model of a few lines does, in which nothing is stored.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lane, lanes } from "../../messages/lanes.ts";
import { isFinal, move, type RecipientState } from "../../messages/states.ts";
import type { Claim, QueueStore, RecipientOutcome } from "../store.ts";
import { attempt, id, message, minute, now, type Open, verdict } from "./harness.ts";

interface ModelRecipient {
  state: RecipientState;
  due: number;
}

interface ModelMessage {
  readonly number: number;
  readonly lane: Lane;
  readonly expiresAt: number;
  readonly recipients: ModelRecipient[];
  lease: { token: string; until: number } | null;
}

const waits = (state: RecipientState) => state === "scheduled" || state === "queued" || state === "deferred";

/** When a claim has something to do with the message; null when never. */
function dueOf(one: ModelMessage): number | null {
  if (one.recipients.every((r) => isFinal(r.state))) return null;
  if (one.lease !== null) return one.lease.until;
  return Math.min(one.expiresAt, ...one.recipients.filter((r) => waits(r.state)).map((r) => r.due));
}

const outcomeEvents = ["accept", "defer", "park", "lose", "bounce", "fail", "release"] as const;

const call = fc.oneof(
  fc.record({
    call: fc.constant("accept" as const),
    lane: fc.constantFrom(...lanes),
    recipients: fc.integer({ min: 1, max: 3 }),
    wait: fc.constantFrom(0, 0, 2, 9),
    life: fc.constantFrom(1, 5, 30),
  }),
  fc.record({ call: fc.constant("pass" as const), minutes: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ call: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    call: fc.constant("record" as const),
    claim: fc.nat({ max: 5 }),
    events: fc.array(fc.constantFrom(...outcomeEvents), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ call: fc.constantFrom("cancel" as const, "retry" as const), message: fc.nat({ max: 8 }) }),
  fc.record({ call: fc.constant("unpark" as const) }),
);

const command = fc.oneof(
  { arbitrary: call, weight: 40 },
  { arbitrary: fc.record({ call: fc.constant("reopen" as const) }), weight: 1 },
);

class Run {
  readonly messages: ModelMessage[] = [];
  readonly claims: Claim[] = [];
  time = now;

  async accept(store: QueueStore, given: { lane: Lane; recipients: number; wait: number; life: number }) {
    const number = this.messages.length + 1;
    const due = this.time + given.wait * minute;
    const expiresAt = this.time + (given.wait + given.life) * minute;
    const recipients = Array.from({ length: given.recipients }, (_, i) => `r${i}@example.net`);
    const notBefore = given.wait === 0 ? null : due;
    const { lane } = given;
    await store.accept([message(number, { lane, recipients, notBefore, expiresAt, createdAt: this.time })]);
    const state = notBefore === null ? "queued" : "scheduled";
    this.messages.push({
      number,
      lane,
      expiresAt,
      recipients: recipients.map(() => ({ state, due })),
      lease: null,
    });
  }

  async claim(store: QueueStore, limit: number) {
    const leaseMs = 3 * minute;
    const request = { now: this.time, limit, maxBytes: 1e6, leaseMs, owner: "model" };
    const { claims, expired } = await store.claim(request);
    const over: { id: string; indices: number[] }[] = [];
    const due = this.messages
      .filter((one) => (dueOf(one) ?? Number.POSITIVE_INFINITY) <= this.time)
      .sort(
        (a, b) =>
          lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || dueOf(a)! - dueOf(b)! || a.number - b.number,
      );
    const taken: { number: number; indices: number[] }[] = [];
    for (const one of due) {
      if (taken.length === limit) break;
      one.lease = null;
      for (const r of one.recipients) if (r.state === "sending") r.state = "queued";
      if (one.expiresAt <= this.time) {
        const indices = one.recipients.flatMap((r, i) => (move(r.state, "expire") === null ? [] : [i]));
        for (const i of indices) one.recipients[i]!.state = "expired";
        if (indices.length > 0) over.push({ id: id(one.number), indices });
        continue;
      }
      const indices = one.recipients.flatMap((r, i) => (waits(r.state) && r.due <= this.time ? [i] : []));
      if (indices.length === 0) continue;
      for (const i of indices) one.recipients[i]!.state = "sending";
      const token = claims[taken.length]?.lease ?? "none";
      one.lease = { token, until: this.time + leaseMs };
      taken.push({ number: one.number, indices });
    }
    expect(claims.map((c) => ({ id: c.id, indices: c.recipients.map((r) => r.index) }))).toEqual(
      taken.map(({ number, indices }) => ({ id: id(number), indices })),
    );
    expect(expired.map((e) => ({ id: e.id, indices: e.recipients.map((r) => r.index) }))).toEqual(over);
    this.claims.push(...claims);
  }

  async record(store: QueueStore, which: number, events: readonly (typeof outcomeEvents)[number][]) {
    const claim = this.claims.at(-1 - (which % Math.max(1, this.claims.length)));
    if (claim === undefined) return;
    const dueAt = this.time + 2 * minute;
    const outcomes = events.map((event, index): RecipientOutcome => {
      if (event === "accept" || event === "release") return { index, event };
      return event === "defer" ? { index, event, dueAt, verdict } : { index, event, verdict };
    });
    const [answer] = await store.record([attempt(claim, outcomes, { endedAt: this.time })]);
    const one = this.messages.find((m) => id(m.number) === claim.id)!;
    const held = one.lease?.token === claim.lease;
    expect(answer!.applied).toBe(held);
    if (!held) return;
    events.forEach((event, index) => {
      const r = one.recipients[index];
      if (r?.state !== "sending") return;
      r.state = move(r.state, event)!;
      if (event === "defer") r.due = dueAt;
    });
    if (!one.recipients.some((r) => r.state === "sending")) one.lease = null;
  }

  async steer(store: QueueStore, event: "cancel" | "retry", number: number) {
    const moved = await store[event](id(number), this.time);
    const one = this.messages.find((m) => m.number === number);
    expect(moved).toBe(one === undefined ? 0 : this.moveAll(one, event, () => true));
  }

  async unpark(store: QueueStore) {
    const moved = this.messages.map((one) => this.moveAll(one, "retry", (state) => state === "parked"));
    expect(await store.unpark(null, this.time)).toBe(moved.reduce((sum, n) => sum + n, 0));
  }

  moveAll(one: ModelMessage, event: "cancel" | "retry", wanted: (state: RecipientState) => boolean): number {
    if (event === "retry" && one.expiresAt <= this.time) return 0;
    let moved = 0;
    for (const r of one.recipients) {
      const next = wanted(r.state) ? move(r.state, event) : null;
      if (next === null || next === r.state) continue;
      r.state = next;
      if (event === "retry") r.due = this.time;
      moved++;
    }
    return moved;
  }

  async compare(store: QueueStore) {
    const stored = await Promise.all(this.messages.map((one) => store.get(id(one.number))));
    expect(stored.map((one) => one!.recipients.map((r) => r.state))).toEqual(
      this.messages.map((one) => one.recipients.map((r) => r.state)),
    );
    const dues = this.messages.flatMap((one) => dueOf(one) ?? []);
    expect(await store.nextDue(this.time)).toBe(dues.length === 0 ? null : Math.min(...dues));
    const waiting = this.messages.flatMap((one) => one.recipients.filter((r) => !isFinal(r.state)));
    expect((await store.depth()).reduce((sum, d) => sum + d.recipients, 0)).toBe(waiting.length);
  }
}

export function modelled(open: Open): void {
  describe("any sequence of calls", () => {
    test("does what the model does", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(command, { minLength: 20, maxLength: 60, size: "max" }),
          async (commands) => {
            const harness = await open();
            let { store } = harness;
            try {
              const run = new Run();
              for (const one of commands) {
                if (one.call === "accept") await run.accept(store, one);
                else if (one.call === "pass") run.time += one.minutes * minute;
                else if (one.call === "claim") await run.claim(store, one.limit);
                else if (one.call === "record") await run.record(store, one.claim, one.events);
                else if (one.call === "unpark") await run.unpark(store);
                else if (one.call === "reopen") store = await harness.reopen();
                else await run.steer(store, one.call, one.message);
                await run.compare(store);
              }
            } finally {
              await harness.cleanup();
            }
          },
        ),
        { numRuns: 5, endOnFailure: true },
      );
    });
  });
}
