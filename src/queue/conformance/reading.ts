// Reading: lists with cursors, depth, documents.
import { describe, expect, test } from "vitest";
import type { ListRequest, QueueStore } from "../store.ts";
import { begin, claimAll, claimOne, end, id, message, minute, now, type Open } from "./harness.ts";

export function reading(open: Open): void {
  describe("list", () => {
    const page = async (store: QueueStore, request: ListRequest) => {
      const { messages, more } = await store.list(request);
      return { numbers: messages.map((m) => Number(m.id.slice(-12))), more };
    };
    const seven = async () => {
      const { store } = await begin(open);
      for (const n of [1, 2, 3, 4, 5, 6, 7]) await store.accept([message(n)]);
      return store;
    };

    test("is empty, newest first, and says whether there is more", async () => {
      const { store } = await begin(open);
      expect(await page(store, { limit: 10 })).toEqual({ numbers: [], more: false });
      await store.accept([message(1), message(2), message(3)]);
      expect(await page(store, { limit: 10 })).toEqual({ numbers: [3, 2, 1], more: false });
      expect(await page(store, { limit: 3 })).toEqual({ numbers: [3, 2, 1], more: false });
      expect(await page(store, { limit: 2 })).toEqual({ numbers: [3, 2], more: true });
    });

    test("goes on to the older with a cursor", async () => {
      const store = await seven();
      expect(await page(store, { limit: 3, after: id(6) })).toEqual({ numbers: [5, 4, 3], more: true });
      expect(await page(store, { limit: 3, after: id(3) })).toEqual({ numbers: [2, 1], more: false });
      expect(await page(store, { limit: 3, after: id(1) })).toEqual({ numbers: [], more: false });
    });

    test("goes back to the newer with a cursor, still newest first", async () => {
      const store = await seven();
      expect(await page(store, { limit: 3, before: id(2) })).toEqual({ numbers: [5, 4, 3], more: true });
      expect(await page(store, { limit: 3, before: id(5) })).toEqual({ numbers: [7, 6], more: false });
      expect(await page(store, { limit: 3, before: id(7) })).toEqual({ numbers: [], more: false });
    });

    test("takes a cursor of a message that is not there for its place in the order", async () => {
      const { store } = await begin(open);
      await store.accept([message(2), message(4), message(6)]);
      expect(await page(store, { limit: 5, after: id(5) })).toEqual({ numbers: [4, 2], more: false });
      expect(await page(store, { limit: 5, before: id(3) })).toEqual({ numbers: [6, 4], more: false });
      expect(await page(store, { limit: 5, after: id(1) })).toEqual({ numbers: [], more: false });
    });

    test("shows messages with a recipient in a state, each once, with cursors both ways", async () => {
      const { store } = await begin(open);
      const recipients = ["a@example.net", "b@example.net"];
      for (const n of [1, 2, 3, 4, 5, 6]) await store.accept([message(n, { recipients })]);
      for (const claim of await claimAll(store, { limit: 4 })) await end(store, claim, "bounce");
      expect(await page(store, { limit: 9, state: "bounced" })).toEqual({
        numbers: [4, 3, 2, 1],
        more: false,
      });
      expect(await page(store, { limit: 2, state: "bounced" })).toEqual({ numbers: [4, 3], more: true });
      expect(await page(store, { limit: 9, state: "bounced", after: id(3) })).toEqual({
        numbers: [2, 1],
        more: false,
      });
      expect(await page(store, { limit: 1, state: "bounced", before: id(2) })).toEqual({
        numbers: [3],
        more: true,
      });
      expect(await page(store, { limit: 9, state: "queued" })).toEqual({ numbers: [6, 5], more: false });
      expect(await page(store, { limit: 9, state: "sent" })).toEqual({ numbers: [], more: false });
    });
  });

  describe("an id nobody knows", () => {
    test("has no message, no content and no attempts", async () => {
      const { store } = await begin(open);
      expect(await store.get(id(1))).toBeNull();
      expect(await store.content(id(1))).toBeNull();
      expect(await store.attempts(id(1))).toEqual([]);
    });
  });

  describe("depth", () => {
    test("counts what waits by lane and state, with the age of the oldest", async () => {
      const { store } = await begin(open);
      expect(await store.depth()).toEqual([]);
      await store.accept([
        message(1, { lane: "urgent", createdAt: now - minute }),
        message(2, { createdAt: now - 3 * minute }),
        message(3, { recipients: ["a@example.net", "b@example.net"] }),
        message(4, { lane: "bulk", notBefore: now + minute }),
      ]);
      await end(store, await claimOne(store), "accept");
      await claimOne(store);
      const depths = [...(await store.depth())].sort((a, b) => a.state.localeCompare(b.state));
      expect(depths).toEqual([
        { lane: "normal", state: "queued", recipients: 2, oldest: now },
        { lane: "bulk", state: "scheduled", recipients: 1, oldest: now },
        { lane: "normal", state: "sending", recipients: 1, oldest: now - 3 * minute },
      ]);
    });
  });

  describe("documents", () => {
    test("are put, replaced, listed by kind and deleted", async () => {
      const { store, reopen } = await begin(open);
      await store.documents.put("account", "work", '{"a":1}');
      await store.documents.put("account", "home", '{"b":2}');
      await store.documents.put("key", "work", '"k"');
      await store.documents.put("account", "work", '{"a":3}');
      const { documents } = await reopen();
      expect(await documents.get("account", "work")).toBe('{"a":3}');
      expect(await documents.get("account", "none")).toBeNull();
      expect(await documents.list("account")).toEqual([
        { name: "home", body: '{"b":2}' },
        { name: "work", body: '{"a":3}' },
      ]);
      expect(await documents.delete("account", "work")).toBe(true);
      expect(await documents.delete("account", "work")).toBe(false);
      expect(await documents.list("key")).toEqual([{ name: "work", body: '"k"' }]);
      expect(await documents.list("route")).toEqual([]);
    });

    test("are inserted once, however many try", async () => {
      const { store } = await begin(open);
      const { documents } = store;
      const won = await Promise.all(
        ["1", "2", "3", "4"].map((body) => documents.insert("account", "main", body)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await documents.get("account", "main")).toBe(String(won.indexOf(true) + 1));
    });
  });

  describe("close", () => {
    test("lets what was asked finish, refuses what comes after, and can be called twice", async () => {
      const { store, reopen } = await begin(open);
      const accepted = store.accept([message(1)]);
      const [answers] = await Promise.all([accepted, store.close(), store.close()]);
      expect(answers).toEqual([{ status: "accepted", id: id(1), suppressed: [] }]);
      await expect(store.get(id(1))).rejects.toMatchObject({ name: "StoreError", problem: "closed" });
      await expect(store.accept([message(2)])).rejects.toMatchObject({ problem: "closed" });
      expect(await (await reopen()).get(id(1))).not.toBeNull();
    });
  });
}
