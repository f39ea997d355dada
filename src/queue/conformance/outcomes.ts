// Recording: each recipient goes its own way, and the history says how.
import { describe, expect, test } from "vitest";
import {
  attempt,
  begin,
  claimAll,
  claimOne,
  end,
  id,
  message,
  minute,
  next,
  now,
  type Open,
  states,
  stored,
  verdict,
} from "./harness.ts";

export function outcomes(open: Open): void {
  describe("record", () => {
    test("lets each recipient of a message go its own way", async () => {
      const { store, reopen } = await begin(open);
      const recipients = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}@example.net`);
      await store.accept([message(1, { recipients })]);
      const claim = await claimOne(store);
      await store.record([
        attempt(claim, [
          { index: 0, event: "accept" },
          { index: 1, event: "defer", dueAt: now + 5 * minute, verdict },
          { index: 2, event: "park", verdict },
          { index: 3, event: "lose", verdict },
          { index: 4, event: "bounce", verdict },
          { index: 5, event: "fail", verdict: null },
          { index: 6, event: "release" },
        ]),
      ]);
      const again = await reopen();
      const found = await stored(again, 1);
      expect(found.recipients.map((r) => r.state)).toEqual([
        "sent",
        "deferred",
        "parked",
        "unknown",
        "bounced",
        "failed",
        "queued",
      ]);
      expect(found.recipients.map((r) => r.dueAt)).toEqual([
        null,
        now + 5 * minute,
        null,
        null,
        null,
        null,
        now,
      ]);
      expect(found.recipients.map((r) => r.attempts)).toEqual([1, 1, 1, 1, 1, 1, 0]);
      expect(found.recipients[1]!.verdict).toEqual(verdict);
      expect(found.recipients[0]!.verdict).toBeNull();
      expect(found.recipients[4]!.changedAt).toBe(now + 2000);
      const rest = await claimOne(again);
      expect(rest.recipients.map((r) => r.index)).toEqual([6]);
    });

    test("takes a message's recipients in several records under one lease", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { recipients: ["a@example.net", "b@example.net", "c@example.net"] })]);
      const claim = await claimOne(store);
      const answers = await store.record([
        attempt(claim, [{ index: 0, event: "accept" }]),
        attempt(claim, [{ index: 1, event: "accept" }]),
      ]);
      expect(answers.map((a) => a.applied)).toEqual([true, true]);
      expect(await states(store, 1)).toEqual(["sent", "sent", "sending"]);
      expect(await claimAll(store)).toEqual([]);
      expect(await store.record([attempt(claim, [{ index: 2, event: "accept" }])])).toEqual([
        { messageId: id(1), applied: true },
      ]);
      expect(await store.attempts(id(1))).toHaveLength(3);
    });

    test("holds the rest back until what is due is due", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const claim = await claimOne(store);
      const dueAt = now + 5 * minute;
      await store.record([attempt(claim, [{ index: 0, event: "defer", dueAt, verdict }])]);
      expect(await next(store)).toBe(dueAt);
      expect(await claimAll(store, { now: dueAt - 1 })).toEqual([]);
      const rest = await claimOne(store, { now: dueAt });
      expect(rest.recipients).toEqual([{ index: 0, address: "ada@example.net", attempts: 1 }]);
    });

    test("that does not count releases the message to its old place and keeps no history", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { createdAt: now - minute }), message(2)]);
      const claim = await claimOne(store);
      await store.record([attempt(claim, [{ index: 0, event: "release" }], { counts: false })]);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({ state: "queued", attempts: 0 });
      expect(await store.attempts(id(1))).toEqual([]);
      expect((await claimAll(store)).map((c) => c.id)).toEqual([id(1), id(2)]);
    });

    test("ignores an outcome for a recipient that is not being sent to", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { recipients: ["a@example.net", "b@example.net"] })]);
      const claim = await claimOne(store);
      await store.record([attempt(claim, [{ index: 0, event: "accept" }])]);
      await store.record([
        attempt(claim, [
          { index: 0, event: "bounce", verdict },
          { index: 9, event: "accept" },
        ]),
      ]);
      expect(await states(store, 1)).toEqual(["sent", "sending"]);
    });

    test("keeps the history of attempts in order, transcript and verdict included", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([message(1)]);
      const first = await claimOne(store);
      const deferred = { index: 0, event: "defer", dueAt: now + minute, verdict } as const;
      await store.record([attempt(first, [deferred])]);
      const second = await claimOne(store, { now: now + minute });
      await store.record([
        attempt(second, [{ index: 0, event: "accept" }], {
          startedAt: now + minute,
          endedAt: now + minute + 5,
          account: null,
          peer: null,
          transcript: [],
        }),
      ]);
      const again = await reopen();
      expect(await again.attempts(id(1))).toEqual([
        {
          startedAt: now + 1000,
          endedAt: now + 2000,
          account: "main",
          peer: "mail.example.com:587 (192.0.2.1)",
          outcomes: [deferred],
          transcript: [{ ms: 1, from: "client", text: "MAIL FROM:<app@example.com>" }],
        },
        {
          startedAt: now + minute,
          endedAt: now + minute + 5,
          account: null,
          peer: null,
          outcomes: [{ index: 0, event: "accept" }],
          transcript: [],
        },
      ]);
      expect((await stored(again, 1)).recipients[0]).toMatchObject({
        state: "sent",
        attempts: 2,
        verdict: null,
      });
    });
  });

  describe("a sensitive message", () => {
    test("keeps its content until its last recipient is done, and not longer", async () => {
      const { store } = await begin(open);
      await store.accept([
        message(1, { sensitive: true, recipients: ["a@example.net", "b@example.net"] }),
        message(2),
      ]);
      const [claim, plain] = await claimAll(store);
      await store.record([
        attempt(claim!, [
          { index: 0, event: "accept" },
          { index: 1, event: "defer", dueAt: now + minute, verdict },
        ]),
      ]);
      expect(await store.content(id(1))).not.toBeNull();
      await end(store, await claimOne(store, { now: now + minute }), "accept");
      await end(store, plain!, "accept");
      expect(await store.content(id(1))).toBeNull();
      expect(await store.content(id(2))).not.toBeNull();
      expect((await stored(store, 1)).view.subject).toBe("Message 1");
    });

    test("keeps none either after it expired, was canceled or bounced, and cannot be tried again", async () => {
      const { store } = await begin(open);
      const sensitive = true;
      await store.accept([
        message(1, { sensitive, expiresAt: now }),
        message(2, { sensitive }),
        message(3, { sensitive }),
      ]);
      await store.cancel(id(2), now);
      await end(store, await claimOne(store), "bounce");
      for (const n of [1, 2, 3]) expect(await store.content(id(n))).toBeNull();
      expect(await states(store, 1)).toEqual(["expired"]);
      expect(await states(store, 3)).toEqual(["bounced"]);
      expect(await store.retry(id(3), now)).toBe(0);
      expect(await claimAll(store)).toEqual([]);
    });
  });
}
