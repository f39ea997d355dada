// What is shared among those who send: parts of an account, documents compared and set, news of what others did.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QueueStore, Share, ShareRequest } from "../store.ts";
import { begin, message, now, type Open } from "./harness.ts";
import { expectWithinShares, shareRuns } from "./share-runs.ts";

const ask = (store: QueueStore, owner: string, given: Partial<ShareRequest> = {}): Promise<Share> =>
  store.shares.hold({
    account: "main",
    owner,
    now,
    connections: 10,
    perSecond: null,
    open: 0,
    rate: 0,
    holdMs: 10_000,
    ...given,
  });

export function sharing(open: Open): void {
  describe("a document", () => {
    test("is replaced only by who has seen its last body", async () => {
      const { store, other = store } = await begin(open);
      expect(await store.documents.replace("account", "main", "one", "two")).toBe(false);
      expect(await store.documents.get("account", "main")).toBeNull();
      await store.documents.put("account", "main", "one");
      expect(await other.documents.replace("account", "main", "one", "two")).toBe(true);
      expect(await store.documents.replace("account", "main", "one", "three")).toBe(false);
      expect(await store.documents.get("account", "main")).toBe("two");
      expect(await store.documents.replace("route", "main", "two", "three")).toBe(false);
      await store.documents.delete("account", "main");
      expect(await other.documents.replace("account", "main", "two", "three")).toBe(false);
    });

    test("is replaced by one of many who have seen the same", async () => {
      const { store, other = store } = await begin(open);
      await store.documents.put("setting", "turn", "nobody");
      const tries = Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? store : other).documents.replace("setting", "turn", "nobody", `number ${n}`),
      );
      const won = (await Promise.all(tries)).flatMap((replaced, n) => (replaced ? [`number ${n}`] : []));
      expect(won).toHaveLength(1);
      expect(await store.documents.get("setting", "turn")).toBe(won[0]);
    });
  });

  describe("a part of an account", () => {
    test("is all of it for who asks alone, and an even one for each of two", async () => {
      const { store, other = store } = await begin(open);
      const limits = { connections: 11, perSecond: 5 };
      const until = now + 10_000;
      expect(await ask(store, "one", limits)).toEqual({ connections: 11, perSecond: 5, until });
      // Nothing is free until the first has done with less.
      expect(await ask(other, "two", limits)).toEqual({ connections: 0, perSecond: 0, until });
      expect(await ask(store, "one", { ...limits, open: 11, rate: 5 })).toMatchObject({
        connections: 6,
        perSecond: 3,
      });
      expect(await ask(other, "two", limits)).toMatchObject({ connections: 0, perSecond: 0 });
      await ask(store, "one", { ...limits, open: 6, rate: 3 });
      // Of the rate, what was sent a moment ago counts.
      expect(await ask(other, "two", limits)).toMatchObject({ connections: 0, perSecond: 0 });
      const later = now + 1_000;
      expect(await ask(other, "two", { ...limits, now: later })).toMatchObject({
        connections: 5,
        perSecond: 2,
      });
    });

    test("never grows by what another still uses", async () => {
      const { store } = await begin(open);
      await ask(store, "one");
      await ask(store, "two");
      expect(await ask(store, "one", { open: 10 })).toMatchObject({ connections: 5 });
      expect(await ask(store, "one", { open: 8 })).toMatchObject({ connections: 5 });
      expect(await ask(store, "two")).toMatchObject({ connections: 2 });
      await ask(store, "one", { open: 5 });
      expect(await ask(store, "two", { open: 2 })).toMatchObject({ connections: 5 });
    });

    test("goes to few where it would be too small for many, and to another when one lets go", async () => {
      const { store, other = store } = await begin(open);
      const limits = { connections: 20, perSecond: 3 };
      expect(await ask(store, "one", limits)).toMatchObject({ connections: 20, perSecond: 3 });
      for (const owner of ["two", "three"])
        expect(await ask(other, owner, limits)).toMatchObject({ connections: 0 });
      expect(await ask(store, "one", { ...limits, open: 20, rate: 3 })).toMatchObject({
        connections: 20,
        perSecond: 3,
      });
      await store.shares.release({ account: "main", owner: "one", now });
      expect(await ask(other, "two", limits)).toMatchObject({ connections: 0, perSecond: 0 });
      expect(await ask(other, "two", { ...limits, now: now + 1_000 })).toMatchObject({
        connections: 20,
        perSecond: 3,
      });
    });

    test("of a process that died is free when its time is over", async () => {
      const { store, other = store } = await begin(open);
      const limits = { perSecond: 4 };
      await ask(store, "one", limits);
      expect(await ask(other, "two", { ...limits, now: now + 9_999 })).toMatchObject({ connections: 0 });
      expect(await ask(other, "two", { ...limits, now: now + 10_000 })).toMatchObject({ connections: 0 });
      expect(await ask(other, "two", { ...limits, now: now + 11_000 })).toMatchObject({
        connections: 10,
        perSecond: 4,
      });
    });

    test("is each account's own, and letting go what is not held does nothing", async () => {
      const { store } = await begin(open);
      await ask(store, "one");
      expect(await ask(store, "two", { account: "other" })).toMatchObject({ connections: 10 });
      await store.shares.release({ account: "main", owner: "two", now });
      await store.shares.release({ account: "nobody's", owner: "two", now });
      expect(await ask(store, "two")).toMatchObject({ connections: 0 });
    });

    test("is no more than the whole with all others', however many ask at the same moment", async () => {
      const { store, other = store } = await begin(open);
      const asked = Array.from({ length: 12 }, (_, n) => ask(n % 2 === 0 ? store : other, `node ${n}`));
      const held = (await Promise.all(asked)).reduce((sum, { connections }) => sum + connections, 0);
      expect(held).toBeGreaterThan(0);
      expect(held).toBeLessThanOrEqual(10);
    });

    test("keeps the limits, whoever asks, sends, lets go and dies", async () => {
      await fc.assert(
        fc.asyncProperty(shareRuns, async (run) => {
          const { store, cleanup } = await open();
          try {
            await expectWithinShares(run, store.shares);
          } finally {
            await cleanup();
          }
        }),
        { numRuns: 3, endOnFailure: true },
      );
    });
  });

  describe("what another node does", () => {
    test("is told to who watches, until it no longer does", async ({ skip }) => {
      const { store, other } = await begin(open);
      if (other === undefined) return skip();
      const heard: string[] = [];
      let tell: () => void = () => undefined;
      const watcher = {
        onWork: () => {
          heard.push("work");
          tell();
        },
        onDocuments: (changed: readonly { readonly kind: string; readonly name: string }[] | null) => {
          for (const { kind, name } of changed ?? []) heard.push(`${kind} ${name}`);
          tell();
        },
      };
      const until = async (what: string) => {
        while (!heard.includes(what)) await new Promise<void>((resolve) => (tell = resolve));
      };
      const end = store.watch(watcher);
      await other.documents.put("account", "written", "a body");
      await until("account written");
      await other.accept([message(1)]);
      await until("work");
      await other.documents.insert("account", "inserted", "a body");
      await other.documents.replace("account", "inserted", "a body", "another");
      await until("account inserted");
      await other.documents.delete("account", "written");
      heard.length = 0;
      await until("account written");
      end();
      heard.length = 0;
      // Another who watches hears it, so the first would have as well.
      const again = new Promise<void>((resolve) => {
        const endToo = store.watch({
          onDocuments: (changed) => {
            if (changed !== null && !changed.some(({ name }) => name === "last")) return;
            endToo();
            resolve();
          },
        });
      });
      await other.documents.put("account", "last", "a body");
      await again;
      expect(heard).toEqual([]);
    });

    test("goes by the storage's clock, which is the same for all", async ({ skip }) => {
      const { store, other } = await begin(open);
      if (other === undefined) {
        expect(await store.time()).toBeNull();
        return skip();
      }
      const first = await store.time();
      const second = await other.time();
      const third = await store.time();
      expect(first).not.toBeNull();
      expect(second!).toBeGreaterThanOrEqual(first!);
      expect(third!).toBeGreaterThanOrEqual(second!);
    });
  });
}
