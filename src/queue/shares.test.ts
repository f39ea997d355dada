import fc from "fast-check";
import { expect, test } from "vitest";
import { now } from "./conformance/harness.ts";
import { expectWithinShares, shareRuns } from "./conformance/share-runs.ts";
import { decideShare, type Holder, lastHeld, letGo } from "./shares.ts";
import type { ShareRequest, Shares } from "./store.ts";

/** The rows of one account, as an engine keeps them. */
function kept(): Shares {
  let rows: readonly Holder[] = [];
  const keep = (row: Holder) => {
    rows = [...rows.filter(({ owner }) => owner !== row.owner), row];
  };
  return {
    async hold(request) {
      rows = rows.filter(({ until }) => until > lastHeld(request.now));
      const { share, row } = decideShare(request, rows);
      keep(row);
      return share;
    },
    async release({ owner, now: at }) {
      const own = rows.find((row) => row.owner === owner);
      if (own !== undefined) keep(letGo(own, at));
    },
  };
}

test("whoever asks, sends, lets go and dies, no more is used than the limits", async () => {
  await fc.assert(
    fc.asyncProperty(shareRuns, (run) => expectWithinShares(run, kept())),
    { numRuns: 1_000 },
  );
});

test("those who go on asking come to even parts, none too small to keep something for urgent mail, and all of it is used", async () => {
  const given = fc.record({
    nodes: fc.integer({ min: 1, max: 9 }),
    connections: fc.integer({ min: 1, max: 50 }),
    perSecond: fc.option(fc.integer({ min: 1, max: 50 })),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ nodes, connections, perSecond }) => {
      const shares = kept();
      const held = Array.from({ length: nodes }, () => ({ connections: 0, perSecond: 0 as number | null }));
      for (let round = 0; round < 20; round++) {
        for (let node = 0; node < nodes; node++) {
          const { connections: openNow, perSecond: rate } = held[node]!;
          const owner = `node ${node}`;
          const limits = { connections, perSecond, open: openNow, rate };
          const request: ShareRequest = {
            account: "main",
            owner,
            now: now + round * 1_000,
            holdMs: 9_000,
            ...limits,
          };
          held[node] = await shares.hold(request);
        }
      }
      for (const [name, whole] of [
        ["connections", connections],
        ["perSecond", perSecond],
      ] as const) {
        if (whole === null) continue;
        const parts = held.map((each) => each[name]!).filter((part) => part > 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
        if (whole > 1) expect(Math.min(...parts)).toBeGreaterThan(1);
        const most = Math.max(
          1,
          Math.min(nodes, Math.floor(connections / 2), Math.floor((perSecond ?? 99) / 2)),
        );
        expect(parts).toHaveLength(most);
      }
    }),
  );
});
