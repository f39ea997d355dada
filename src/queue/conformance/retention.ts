// Retention: what is no longer kept goes, and only of messages that have ended.
import { describe, expect, test } from "vitest";
import type { PruneRequest, QueueStore } from "../store.ts";
import {
  attempt,
  begin,
  claimAll,
  claimOne,
  end,
  id,
  message,
  minute,
  now,
  type Open,
  states,
  stored,
  verdict,
} from "./harness.ts";

/** Nothing is old enough, unless a test says so. */
const prune = (store: QueueStore, given: Partial<PruneRequest> = {}) =>
  store.prune({
    now: now + 60 * minute,
    contentBefore: 0,
    transcriptBefore: 0,
    messageBefore: 0,
    idempotencyBefore: 0,
    limit: 1000,
    ...given,
  });

const nothing = { contents: 0, transcripts: 0, messages: 0, idempotencyKeys: 0, more: false };
const ended = now + 2000;

export function retention(open: Open): void {
  /** One that was sent, one that bounced, one that waits for another try, one nobody took yet. */
  const four = async () => {
    const harness = await begin(open);
    const { store } = harness;
    await store.accept([1, 2, 3, 4].map((n) => message(n)));
    const [one, two, three] = await claimAll(store, { limit: 3 });
    await end(store, one!, "accept");
    await end(store, two!, "bounce");
    await store.record([attempt(three!, [{ index: 0, event: "defer", dueAt: now + 9 * minute, verdict }])]);
    return harness;
  };

  describe("prune", () => {
    test("removes nothing that is young enough", async () => {
      const { store } = await four();
      const before = ended;
      const request = { contentBefore: before, transcriptBefore: before, messageBefore: before };
      expect(await prune(store, { ...request, idempotencyBefore: now })).toEqual(nothing);
      expect(await store.content(id(1))).not.toBeNull();
    });

    test("removes the content of messages that ended before, and of no others", async () => {
      const { store, reopen } = await four();
      expect(await prune(store, { contentBefore: ended + 1 })).toEqual({ ...nothing, contents: 2 });
      expect(await prune(store, { contentBefore: ended + 9 })).toEqual(nothing);
      const again = await reopen();
      const kept = await Promise.all([1, 2, 3, 4].map((n) => again.content(id(n))));
      expect(kept.map((content) => content !== null)).toEqual([false, false, true, true]);
      expect((await stored(again, 2)).recipients[0]!.verdict).toEqual(verdict);
      expect((await again.attempts(id(1)))[0]!.transcript).not.toEqual([]);
    });

    test("of its content keeps a message from being tried again", async () => {
      const { store } = await four();
      await prune(store, { contentBefore: ended + 1 });
      expect(await store.retry(id(2), now + minute)).toBe(0);
      expect(await states(store, 2)).toEqual(["bounced"]);
    });

    test("removes transcripts and keeps the attempts", async () => {
      const { store } = await four();
      const [before] = await store.attempts(id(2));
      expect(await prune(store, { transcriptBefore: ended + 1 })).toEqual({ ...nothing, transcripts: 2 });
      expect(await store.attempts(id(2))).toEqual([{ ...before!, transcript: [] }]);
      expect((await store.attempts(id(3)))[0]!.transcript).not.toEqual([]);
      expect(await prune(store, { contentBefore: ended + 1 })).toEqual({ ...nothing, contents: 2 });
      expect(await prune(store, { transcriptBefore: ended + 1, contentBefore: ended + 1 })).toEqual(nothing);
    });

    test("removes messages with all that belongs to them", async () => {
      const { store } = await four();
      await prune(store, { contentBefore: ended + 1 });
      expect(await prune(store, { messageBefore: ended + 1 })).toEqual({ ...nothing, messages: 2 });
      for (const n of [1, 2]) {
        expect(await store.get(id(n))).toBeNull();
        expect(await store.attempts(id(n))).toEqual([]);
      }
      expect((await store.list({ limit: 9 })).messages.map((one) => one.id)).toEqual([id(4), id(3)]);
      expect((await store.list({ limit: 9, state: "sent" })).messages).toEqual([]);
      expect((await claimAll(store, { now: now + 9 * minute })).map((c) => c.id)).toEqual([id(4), id(3)]);
    });

    test("waits until the last recipient has ended, and counts from its last change", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { recipients: ["a@example.net", "b@example.net"] })]);
      const claim = await claimOne(store);
      await store.record([
        attempt(
          claim,
          [
            { index: 0, event: "accept" },
            { index: 1, event: "park", verdict },
          ],
          { endedAt: now },
        ),
      ]);
      const all = { contentBefore: now + minute, messageBefore: now + minute };
      expect(await prune(store, all)).toEqual(nothing);
      await store.cancel(id(1), now + minute);
      expect(await prune(store, all)).toEqual(nothing);
      expect(await prune(store, { messageBefore: now + minute + 1 })).toEqual({ ...nothing, messages: 1 });
    });

    test("leaves alone what was brought back, until it has ended again", async () => {
      const { store } = await four();
      await store.retry(id(2), now + minute);
      expect(await prune(store, { messageBefore: now + 9 * minute })).toEqual({ ...nothing, messages: 1 });
      await end(store, await claimOne(store, { now: now + minute }), "accept");
      await end(store, await claimOne(store, { now: now + minute }), "accept");
      expect(await prune(store, { messageBefore: now + 9 * minute })).toEqual({ ...nothing, messages: 2 });
    });

    test("takes what expired, was canceled, confirmed or suppressed", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { expiresAt: now + 1 }), message(2, { notBefore: now + minute })]);
      await store.accept([message(3)]);
      await store.cancel(id(2), now);
      const [, three] = await claimAll(store);
      await end(store, three!, "lose");
      await store.confirm(id(3), now + 5000);
      const address = "ada@example.net";
      await store.suppressions.put({ address, reason: "manual", detail: "", messageId: null, at: now });
      await store.accept([message(4)]);
      await claimAll(store, { now: now + minute });
      expect(await prune(store, { messageBefore: now + 2 * minute })).toMatchObject({ messages: 4 });
    });

    test("forgets idempotency keys on their own", async () => {
      const { store } = await begin(open);
      const keyed = (n: number, createdAt: number) =>
        message(n, { createdAt, idempotency: { key: `key ${createdAt}`, bodyHash: "aaa" } });
      await store.accept([keyed(1, now), keyed(2, now + 1)]);
      expect(await prune(store, { idempotencyBefore: now + 1 })).toEqual({ ...nothing, idempotencyKeys: 1 });
      expect(await store.accept([keyed(3, now), keyed(4, now + 1)])).toMatchObject([
        { status: "accepted" },
        { status: "repeated", id: id(2) },
      ]);
      expect(await store.get(id(1))).not.toBeNull();
    });

    test("does no more than its limit in one call, the oldest first, and says that there is more", async () => {
      const { store } = await begin(open);
      await store.accept(Array.from({ length: 25 }, (_, n) => message(n + 1)));
      for (const [n, claim] of (await claimAll(store)).entries()) {
        const endedAt = now + 100 - n;
        await store.record([attempt(claim, [{ index: 0, event: "accept" }], { endedAt })]);
      }
      const before = { contentBefore: now + minute, transcriptBefore: now + minute };
      const first = await prune(store, { ...before, limit: 10 });
      expect(first).toEqual({ ...nothing, contents: 10, more: true });
      expect([await store.content(id(25)), await store.content(id(16))]).toEqual([null, null]);
      expect(await store.content(id(15))).not.toBeNull();
      let calls = 1;
      const all = { contents: 10, transcripts: 0 };
      for (let more = true; more; calls++) {
        const done = await prune(store, { ...before, limit: 10 });
        expect(done.contents + done.transcripts).toBeLessThanOrEqual(10);
        all.contents += done.contents;
        all.transcripts += done.transcripts;
        more = done.more;
      }
      expect(all).toEqual({ contents: 25, transcripts: 25 });
      expect(calls).toBeLessThanOrEqual(7);
    });
  });

  describe("compact", () => {
    test("comes to an end, and loses nothing", async () => {
      const { store, reopen } = await begin(open);
      const content = () => new Uint8Array(20_000).fill(1);
      await store.accept(Array.from({ length: 50 }, (_, n) => message(n + 1, { content: content() })));
      for (const claim of await claimAll(store, { limit: 49 })) await end(store, claim, "accept");
      await prune(store, { messageBefore: ended + 1 });
      let calls = 0;
      while ((await store.compact()).more) expect(++calls).toBeLessThan(100);
      const again = await reopen();
      expect((await again.content(id(50)))!.byteLength).toBe(20_000);
      expect((await again.list({ limit: 9 })).messages.map((one) => one.id)).toEqual([id(50)]);
    });
  });
}
