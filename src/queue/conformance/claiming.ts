// Claiming: what is taken, in which order, within which bounds.
import { describe, expect, test } from "vitest";
import { begin, claimAll, contentOf, id, message, minute, now, type Open, states } from "./harness.ts";

export function claiming(open: Open): void {
  const ids = (claims: readonly { readonly id: string }[]) => claims.map((c) => c.id);

  describe("claim", () => {
    test("gives what delivery needs, and marks it as being sent", async () => {
      const { store } = await begin(open);
      await store.accept([
        message(1, { route: "main", recipients: ["ada@example.net", "bob@example.net"], sensitive: true }),
      ]);
      const [claim] = await claimAll(store);
      const { lease, content, ...rest } = claim!;
      expect(rest).toEqual({
        id: id(1),
        origin: "library",
        lane: "normal",
        route: "main",
        envelopeFrom: "app@example.com",
        sensitive: true,
        createdAt: now,
        expiresAt: now + 1000 * minute,
        size: contentOf(1).byteLength,
        recipients: [
          { index: 0, address: "ada@example.net", attempts: 0 },
          { index: 1, address: "bob@example.net", attempts: 0 },
        ],
      });
      expect(Buffer.from(content)).toEqual(contentOf(1));
      expect(lease).not.toBe("");
      expect(await states(store, 1)).toEqual(["sending", "sending"]);
      expect(await claimAll(store)).toEqual([]);
    });

    test("takes urgent mail first, and of one origin and route by due time, whatever came in first", async () => {
      const { store } = await begin(open);
      await store.accept([
        message(1, { lane: "bulk", createdAt: now - 9 * minute }),
        message(2, { lane: "normal", createdAt: now - minute }),
        message(3, { lane: "normal", createdAt: now - 2 * minute }),
        message(4, { lane: "urgent" }),
        message(5, { lane: "urgent", createdAt: now - 1 }),
      ]);
      expect(ids(await claimAll(store))).toEqual([5, 4, 3, 2, 1].map(id));
    });

    test("takes equal times in the order of acceptance", async () => {
      const { store } = await begin(open);
      for (const n of [1, 2, 3, 4]) await store.accept([message(n)]);
      expect(ids(await claimAll(store, { limit: 3 }))).toEqual([1, 2, 3].map(id));
    });

    test("takes only from the lanes asked for", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { lane: "bulk" }), message(2), message(3, { lane: "urgent" })]);
      expect(ids(await claimAll(store, { lanes: ["bulk", "urgent"] }))).toEqual([id(3), id(1)]);
      expect(await claimAll(store, { lanes: [] })).toEqual([]);
    });

    test("keeps to the limit", async () => {
      const { store } = await begin(open);
      await store.accept(Array.from({ length: 10 }, (_, n) => message(n + 1)));
      expect(await claimAll(store, { limit: 4 })).toHaveLength(4);
      expect(await claimAll(store, { limit: 4 })).toHaveLength(4);
      expect(await claimAll(store, { limit: 4 })).toHaveLength(2);
    });

    test("keeps to the bytes, and lets a larger message come alone", async () => {
      const { store } = await begin(open);
      const size = (n: number, bytes: number) => message(n, { content: new Uint8Array(bytes) });
      await store.accept([size(1, 900), size(2, 50), size(3, 50), size(4, 60), size(5, 900)]);
      const claimed: string[][] = [];
      for (let round = 0; round < 5; round++) claimed.push(ids(await claimAll(store, { maxBytes: 100 })));
      expect(claimed).toEqual([[id(1)], [id(2), id(3)], [id(4)], [id(5)], []]);
    });

    test("leaves a scheduled message until its time", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { notBefore: now + minute })]);
      expect(await states(store, 1)).toEqual(["scheduled"]);
      expect(await claimAll(store)).toEqual([]);
      expect(await claimAll(store, { now: now + minute - 1 })).toEqual([]);
      expect(await claimAll(store, { now: now + minute })).toHaveLength(1);
    });

    test("never gives one message to two owners", async () => {
      const { store, other } = await begin(open);
      await store.accept(Array.from({ length: 200 }, (_, n) => message(n + 1)));
      const drain = async (queue: typeof store, owner: string) => {
        const taken: string[] = [];
        for (;;) {
          const claims = await claimAll(queue, { owner, limit: 7 });
          if (claims.length === 0) return taken;
          taken.push(...ids(claims));
        }
      };
      const taken = await Promise.all([
        drain(store, "one"),
        drain(other ?? store, "two"),
        drain(store, "three"),
        drain(other ?? store, "four"),
      ]);
      expect(taken.flat()).toHaveLength(200);
      expect(new Set(taken.flat()).size).toBe(200);
    });
  });
}
