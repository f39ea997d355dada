// Accepting: what is stored, all or none, repeated requests.
import { describe, expect, test } from "vitest";
import { begin, claimAll, contentOf, id, message, minute, now, type Open, stored } from "./harness.ts";

export function acceptance(open: Open): void {
  describe("accept", () => {
    test("stores a message as it was given", async () => {
      const { store } = await begin(open);
      const given = message(1, {
        lane: "bulk",
        route: "newsletters",
        recipients: ["ada@example.net", "grüße@bücher.example"],
        notBefore: now + minute,
        sensitive: true,
      });
      expect(await store.accept([given])).toEqual([{ status: "accepted", id: id(1), suppressed: [] }]);
      const { content: _, recipients: __, idempotency: ___, ...rest } = given;
      expect(await store.get(id(1))).toEqual({
        ...rest,
        size: contentOf(1).byteLength,
        recipients: ["ada@example.net", "grüße@bücher.example"].map((address, index) => ({
          index,
          address,
          state: "scheduled",
          attempts: 0,
          dueAt: now + minute,
          changedAt: now,
          verdict: null,
        })),
      });
      expect(Buffer.from((await store.content(id(1)))!)).toEqual(contentOf(1));
    });

    test("keeps every byte of the content", async () => {
      const { store } = await begin(open);
      const bytes = Buffer.alloc(300_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
      await store.accept([
        message(1, { content: new Uint8Array(bytes) }),
        message(2, { content: new Uint8Array(0) }),
      ]);
      expect(Buffer.compare((await store.content(id(1)))!, bytes)).toBe(0);
      expect((await store.content(id(2)))!.byteLength).toBe(0);
    });

    test("takes the same bytes for two messages, and a view on a larger buffer", async () => {
      const { store } = await begin(open);
      const shared = new Uint8Array([1, 2, 3, 4]);
      await store.accept([
        message(1, { content: shared }),
        message(2, { content: shared.subarray(1, 3) }),
        message(3, { content: shared }),
      ]);
      expect([...(await store.content(id(1)))!]).toEqual([1, 2, 3, 4]);
      expect([...(await store.content(id(2)))!]).toEqual([2, 3]);
      expect([...(await store.content(id(3)))!]).toEqual([1, 2, 3, 4]);
    });

    test("stores nothing of a request when one of its messages cannot be stored", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      await expect(store.accept([message(2), message(1), message(3)])).rejects.toThrow();
      expect(await store.get(id(2))).toBeNull();
      expect(await store.get(id(3))).toBeNull();
      expect((await claimAll(store)).map((c) => c.id)).toEqual([id(1)]);
    });

    test("one request that fails leaves those made at the same time alone", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const results = await Promise.allSettled([
        store.accept([message(2)]),
        store.accept([message(3), message(1)]),
        store.accept([message(4)]),
      ]);
      expect(results.map((r) => r.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await store.get(id(2))).not.toBeNull();
      expect(await store.get(id(3))).toBeNull();
      expect(await store.get(id(4))).not.toBeNull();
    });

    test("is there again after a restart", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([message(1), message(2)]);
      const again = await reopen();
      expect((await stored(again, 2)).view.subject).toBe("Message 2");
      expect(Buffer.from((await again.content(id(1)))!)).toEqual(contentOf(1));
      expect(await claimAll(again)).toHaveLength(2);
    });
  });

  describe("an idempotency key", () => {
    const keyed = (n: number, key: string, bodyHash: string) =>
      message(n, { idempotency: { key, bodyHash } });

    test("makes a repeated request one message", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([keyed(1, "order-7", "aaa")]);
      expect(await store.accept([keyed(2, "order-7", "aaa")])).toEqual([{ status: "repeated", id: id(1) }]);
      const again = await reopen();
      expect(await again.accept([keyed(3, "order-7", "aaa")])).toEqual([{ status: "repeated", id: id(1) }]);
      expect(await again.get(id(2))).toBeNull();
      expect(await claimAll(again)).toHaveLength(1);
    });

    test("with another body is a conflict, and nothing is stored", async () => {
      const { store } = await begin(open);
      await store.accept([keyed(1, "order-7", "aaa")]);
      expect(await store.accept([keyed(2, "order-7", "bbb")])).toEqual([{ status: "conflict", id: id(1) }]);
      expect(await store.get(id(2))).toBeNull();
    });

    test("that conflicts refuses the whole request it is in", async () => {
      const { store } = await begin(open);
      await store.accept([keyed(1, "order-7", "aaa")]);
      expect(
        await store.accept([message(2), keyed(3, "order-7", "aaa"), keyed(4, "order-7", "bbb")]),
      ).toEqual([
        { status: "conflict", id: id(1) },
        { status: "repeated", id: id(1) },
        { status: "conflict", id: id(1) },
      ]);
      expect(await store.get(id(2))).toBeNull();
    });

    test("counts within one request too", async () => {
      const { store } = await begin(open);
      expect(await store.accept([keyed(1, "k", "aaa"), keyed(2, "k", "aaa")])).toEqual([
        { status: "accepted", id: id(1), suppressed: [] },
        { status: "repeated", id: id(1) },
      ]);
      expect(await store.accept([keyed(3, "l", "aaa"), keyed(4, "l", "bbb")])).toEqual([
        { status: "conflict", id: id(3) },
        { status: "conflict", id: id(3) },
      ]);
      expect(await store.get(id(3))).toBeNull();
    });

    test("belongs to its origin: two applications can use the same one", async () => {
      const { store } = await begin(open);
      await store.accept([keyed(1, "1", "aaa")]);
      const other = { ...keyed(2, "1", "bbb"), origin: "another key" };
      expect(await store.accept([other])).toEqual([{ status: "accepted", id: id(2), suppressed: [] }]);
    });

    test("holds when the same request comes many times at once", async () => {
      const { store } = await begin(open);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.accept([keyed(n + 1, "once", "aaa")])),
      );
      const flat = answers.flat();
      expect(flat.filter((a) => a.status === "accepted")).toHaveLength(1);
      expect(new Set(flat.map((a) => a.id)).size).toBe(1);
      expect(await claimAll(store)).toHaveLength(1);
    });
  });
}
