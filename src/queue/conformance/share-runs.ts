// Any course of processes that ask for parts of an account, use them and die, and what must hold of it.
import fc from "fast-check";
import { expect } from "vitest";
import type { Share, Shares } from "../store.ts";
import { now } from "./harness.ts";

const owners = ["a", "b", "c", "d"] as const;
const holdMs = 5_000;

const of = { owner: fc.constantFrom(...owners) };
const step = fc.oneof(
  { arbitrary: fc.record({ step: fc.constant("ask" as const), ...of }), weight: 10 },
  {
    arbitrary: fc.record({
      step: fc.constant("send" as const),
      ...of,
      count: fc.integer({ min: 1, max: 9 }),
    }),
    weight: 10,
  },
  { arbitrary: fc.record({ step: fc.constant("close" as const), ...of }), weight: 4 },
  { arbitrary: fc.record({ step: fc.constant("release" as const), ...of }), weight: 2 },
  { arbitrary: fc.record({ step: fc.constant("die" as const), ...of }), weight: 1 },
  {
    arbitrary: fc.record({
      step: fc.constant("pass" as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 7_000 })),
    }),
    weight: 10,
  },
);

export const shareRuns = fc.record({
  connections: fc.integer({ min: 1, max: 12 }),
  perSecond: fc.option(fc.integer({ min: 1, max: 12 })),
  steps: fc.array(step, { minLength: 40, maxLength: 80, size: "max" }),
});

type ShareRun = typeof shareRuns extends fc.Arbitrary<infer Run> ? Run : never;

/** A process as it should be: it does with less first, and then says so. */
interface Process {
  share: Share | null;
  open: number;
  /** When it sent, within its own last second. */
  sends: number[];
}

/** Each process uses all that it may, at all times. */
export async function expectWithinShares(
  { connections, perSecond, steps }: ShareRun,
  shares: Shares,
): Promise<void> {
  const fresh = (): Process => ({ share: null, open: 0, sends: [] });
  const processes = new Map<string, Process>(owners.map((owner) => [owner, fresh()]));
  const sends: number[] = [];
  let at = now;
  for (const one of steps) {
    if (one.step === "pass") {
      at += one.ms;
      for (const process of processes.values()) {
        if (process.share === null || at < process.share.until) continue;
        process.share = null;
        process.open = 0;
      }
      continue;
    }
    const process = processes.get(one.owner)!;
    const { share } = process;
    const request = { account: "main", owner: one.owner, now: at };
    if (one.step === "ask") {
      const open = Math.max(process.open, share?.connections ?? 0);
      const rate = share === null ? 0 : share.perSecond;
      process.share = await shares.hold({ ...request, connections, perSecond, open, rate, holdMs });
      expect(process.share.until).toBe(at + holdMs);
      process.open = Math.max(process.open, process.share.connections);
    } else if (one.step === "send" && share !== null) {
      const recent = process.sends.filter((sent) => sent > at - 1_000);
      const room = (share.perSecond ?? Number.POSITIVE_INFINITY) - recent.length;
      const count = share.connections === 0 ? 0 : Math.max(0, Math.min(one.count, room));
      for (let n = 0; n < count; n++) sends.push(at);
      process.sends = [...recent, ...Array<number>(count).fill(at)];
    } else if (one.step === "close") {
      process.open = share?.connections ?? 0;
    } else if (one.step === "release") {
      process.share = null;
      process.open = 0;
      await shares.release(request);
    } else if (one.step === "die") {
      processes.set(one.owner, fresh());
    }
    const open = [...processes.values()].reduce((sum, each) => sum + each.open, 0);
    expect(open, "connections open at one time").toBeLessThanOrEqual(connections);
  }
  if (perSecond === null) return;
  for (const start of sends) {
    const within = sends.filter((sent) => sent >= start && sent < start + 1_000);
    expect(within.length, "sent in one second").toBeLessThanOrEqual(perSecond);
  }
}
